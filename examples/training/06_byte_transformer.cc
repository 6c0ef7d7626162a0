// A small transformer over bytes on Turkish text, beside Kneser-Ney 5-grams of the same text.
//
// The text is LibreOffice's Turkish help (LYDIA_DATA/tr/text, MPL-2.0), a paragraph a line. Pages
// of 100 paragraphs are the documents; a hash holds out about one in ten. Every model is scored on
// the same held-out bytes, each predicted once. (The sizes here were chosen with pages of 50
// paragraphs; the held-out pages of this program were scored once.) --quick learns sentences of a
// small grammar instead, for a few seconds.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <numbers>
#include <string>

#include "examples/charlm/sample_text.h"
#include "lydia/core/error.h"
#include "lydia/core/rng.h"
#include "lydia/core/utf8.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "lydia/models/byte_transformer.h"
#include "lydia/nn/serialize.h"
#include "lydia/report/format.h"
#include "lydia/report/html.h"
#include "lydia/report/plot.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"
#include "lydia/text/char_vocab.h"
#include "lydia/text/corpus.h"
#include "lydia/text/ngram.h"
#include "lydia/train/packing.h"
#include "lydia/train/sliding_loss.h"
#include "lydia/train/tasks.h"
#include "lydia/train/trainer.h"

namespace {

using namespace lydia;
using report::Align;

constexpr int kOrder = 5;
constexpr uint64_t kSeed = 1;

struct Plan {
  models::ByteTransformerOptions model;
  int64_t steps, batch;
  double rate;
};

Plan plan_of(bool quick) {
  if (quick) {
    return {{.width = 48,
             .layers = 1,
             .heads = 2,
             .context = 64,
             .dropout = 0,
             .ngrams = 4,
             .table_rows = 1024},
            500,
            8,
            1e-2};
  }
  return {{.width = 192,
           .layers = 3,
           .heads = 4,
           .context = 256,
           .dropout = 0.1,
           .ngrams = 6,
           .table_rows = 32768},
          1200,
          16,
          3e-3};
}

// Blank lines after every `lines` lines make pages of them.
std::string in_pages(std::string_view text, int lines) {
  std::string out;
  int line = 0;
  for (const char c : text) {
    out += c;
    if (c == '\n' && ++line % lines == 0) out += '\n';
  }
  return out;
}

std::string read_text(bool quick) {
  if (quick) return charlm::sample_text(60'000, kSeed);
  const char* root = std::getenv("LYDIA_DATA");
  const std::string path =
      std::string(root ? root : "../shared/data") + "/tr/text/libreoffice-help-tr.txt";
  return in_pages(io::MappedFile(path).text(), 100);
}

Tensor to_tokens(std::string_view bytes) {
  const Tensor out = empty({static_cast<int64_t>(bytes.size())}, DType::U8);
  std::copy(bytes.begin(), bytes.end(), out.data<uint8_t>());
  return out;
}

// The bits that an n-gram model of bytes, or of characters, takes for the held-out text.
double byte_ngram_bits(const text::TextSplit& text) {
  const auto ids = [](const std::string& s) {
    std::vector<int32_t> out;
    for (const char c : s) out.push_back(static_cast<uint8_t>(c));
    return out;
  };
  const auto held = ids(text.held_out);
  return text::NgramModel::train(ids(text.train), 256, kOrder).bits_per_token(held) *
         static_cast<double>(held.size());
}

// Characters that the training part lacks count as one, which flatters this model a little.
double character_ngram_bits(const text::TextSplit& text) {
  const std::u32string train = decode_utf8(text.train);
  const auto vocab = text::CharVocab::build(train);
  const auto held = vocab.encode(decode_utf8(text.held_out));
  return text::NgramModel::train(vocab.encode(train), vocab.size(), kOrder).bits_per_token(held) *
         static_cast<double>(held.size());
}

// Bits for the held-out text: a line end stands before it, so that its first byte counts too.
double transformer_bits(nn::Module& model, const text::TextSplit& text, int64_t context) {
  const Tensor tokens = to_tokens("\n" + text.held_out);
  return train::sliding_loss(model, tokens, context, context / 2) * std::numbers::log2e;
}

void train_model(train::LanguageModel& task, const std::string& text, const Plan& plan,
                 const std::string& folder) {
  const auto data = std::make_shared<train::TokenDataset>(to_tokens(text), plan.model.context);
  const auto sampler = std::make_shared<train::RandomSampler>(data->size(), kSeed);
  train::DataLoader loader(data, std::make_shared<train::FixedBatches>(sampler, plan.batch, true));
  train::Optimizer optimizer("AdamW", task.module().parameters(),
                             {{"lr", plan.rate}, {"beta2", 0.99}, {"weight_decay", 0.01}});
  const auto schedule =
      train::make_schedule("OneCycleLR", {{"max_lr", plan.rate},
                                          {"total_steps", static_cast<double>(plan.steps)},
                                          {"pct_start", 0.05}});
  train::Trainer(task, optimizer, loader,
                 {.max_steps = plan.steps, .clip_norm = 1, .output_dir = folder}, schedule)
      .fit();
}

struct Row {
  std::string name;
  double parameters, bits_per_byte;
};

void write_report(const std::vector<Row>& rows, const text::TextSplit& text, const Plan& plan,
                  const std::string& folder) {
  report::Table table({"model", "parameters", "bits per byte"},
                      {Align::Left, Align::Right, Align::Right});
  std::vector<std::string> names;
  std::vector<double> values;
  for (const Row& row : rows) {
    table.row({row.name, row.parameters > 0 ? report::format_count(row.parameters) : "",
               report::format_fixed(row.bits_per_byte, 4)});
    names.push_back(row.name);
    values.push_back(row.bits_per_byte);
  }
  const train::Curve curve = train::read_curve(folder + "/training/metrics.jsonl", "loss");
  std::vector<double> bits;
  for (const double nats : curve.values) bits.push_back(nats * std::numbers::log2e);
  const std::string page =
      report::HtmlPage("A transformer over bytes beside 5-grams")
          .paragraph(std::to_string(text.train.size()) + " bytes to learn from, " +
                     std::to_string(text.held_out.size()) + " held out by whole pages; " +
                     std::to_string(plan.steps) + " steps of " + std::to_string(plan.batch) +
                     " x " + std::to_string(plan.model.context) + " bytes.")
          .heading(2, "Held-out text")
          .table(table)
          .figure(report::bar_plot(names, {{"", values}}, {.y_label = "bits per byte"}))
          .heading(2, "Training")
          .figure(report::line_plot({{"training", curve.steps, bits}},
                                    {.x_label = "step", .y_label = "bits per byte"}))
          .html();
  io::write_file_atomic(folder + "/report.html", page);
  std::cout << table.text(report::use_color(1)) << "\n" << folder << "/report.html\n";
  for (const Row& row : rows) {
    std::cout << "  measured " << row.name << " " << report::format_fixed(row.bits_per_byte, 4)
              << " bits per byte\n";
  }
}

int run(bool quick, const std::string& folder) {
  const Plan plan = plan_of(quick);
  const text::TextSplit text = text::split_text(read_text(quick), 10);
  default_generator().set_seed(kSeed);
  auto owned = std::make_unique<models::ByteTransformer>(plan.model);
  models::ByteTransformer& model = *owned;
  train::LanguageModel task(std::move(owned));
  double parameters = 0;
  for (const Tensor& p : model.parameters()) parameters += static_cast<double>(p.numel());
  train_model(task, text.train, plan, folder + "/training");
  nn::save_model(model, folder + "/model.safetensors");

  const auto bytes = static_cast<double>(text.held_out.size());
  const std::vector<Row> rows{
      {"5-gram of bytes", 0, byte_ngram_bits(text) / bytes},
      {"5-gram of characters", 0, character_ngram_bits(text) / bytes},
      {"transformer", parameters, transformer_bits(model, text, plan.model.context) / bytes}};
  write_report(rows, text, plan, folder);
  const double best = std::min(rows[0].bits_per_byte, rows[1].bits_per_byte);
  LYDIA_CHECK(rows[2].bits_per_byte < best, Error, "expected the transformer below ", best,
              " bits per byte, got ", rows[2].bits_per_byte);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  bool quick = false;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--quick") {
      quick = true;
    } else if (name == "--out" && i + 1 < argc) {
      folder = argv[++i];
    } else {
      std::cerr << "byte_transformer: expected --quick or --out DIR, got " << name << "\n";
      return 2;
    }
  }
  if (folder.empty()) folder = quick ? "out/quick/bytes" : "out/bytes";
  return run(quick, folder);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
