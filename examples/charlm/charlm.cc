// The first real job: learns to write from a text, character by character, and is measured against
// a Kneser-Ney 5-gram model of the same text. See kUsage in options.h.
#include <cmath>
#include <filesystem>
#include <iostream>

#include "examples/charlm/data.h"
#include "examples/charlm/model.h"
#include "examples/charlm/options.h"
#include "examples/charlm/sample_text.h"
#include "examples/charlm/train.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "lydia/report/html.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"
#include "lydia/text/ngram.h"

namespace charlm {
namespace {

using lydia::report::Align;
using lydia::report::format_count;
using lydia::report::format_duration;
using lydia::report::format_fixed;
using lydia::report::Table;

constexpr int kOrder = 5;
constexpr int64_t kSampleChars = 200;
constexpr double kTemperature = 0.7;

struct Results {
  double ngram_bits = 0, model_bits = 0;
  int64_t parameters = 0;
  TrainLog log;
  std::string sample;
};

std::string read_text(const Options& options) {
  if (!options.text.empty()) return std::string(lydia::io::MappedFile(options.text).text());
  LYDIA_CHECK(options.quick, lydia::ValueError,
              "charlm: expected --text FILE (`make demo` fetches one), or --quick");
  return sample_text(60'000, options.seed);
}

// Saves the weights, loads them into a second model, and checks that it is the same model.
void check_saved(const Model& model, const Data& data, const std::string& path) {
  lydia::io::save_safetensors(path, model.parameters(),
                              {{"characters", lydia::encode_utf8(data.vocab.characters())},
                               {"blocks", std::to_string(model.size().blocks)}});
  Model loaded(model.size(), 0);
  loaded.load(path);
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const auto& [name, saved] = model.parameters()[i];
    const Tensor& read = loaded.parameters()[i].second;
    LYDIA_CHECK(
        std::equal(saved.data<float>(), saved.data<float>() + saved.numel(), read.data<float>()),
        lydia::Error, "charlm: ", name, " changed between saving and loading");
  }
}

Table results_table(const Results& results) {
  Table table({"model", "parameters", "bits per character"},
              {Align::Left, Align::Right, Align::Right});
  table.row(
      {"Kneser-Ney " + std::to_string(kOrder) + "-gram", "", format_fixed(results.ngram_bits, 4)});
  table.row({"causal convolutions", format_count(static_cast<double>(results.parameters)),
             format_fixed(results.model_bits, 4)});
  return table;
}

std::string report_page(const Results& results, const Data& data, const Options& options) {
  using namespace lydia::report;
  const double last = results.log.train.x.back();
  const Series baseline{"5-gram, held out", {1, last}, {results.ngram_bits, results.ngram_bits}};
  const std::string source = options.text.empty() ? "sentences of a small grammar" : options.text;
  return HtmlPage("Learning to write, character by character")
      .paragraph("Text: " + source + ", " + std::to_string(data.train.size()) +
                 " characters to learn from, " + std::to_string(data.held_out.size()) +
                 " held out by whole documents, " + std::to_string(data.vocab.size()) +
                 " different ones. Training took " + format_duration(results.log.seconds) + ".")
      .heading(2, "Held-out text")
      .table(results_table(results))
      .figure(bar_plot(
          {"5-gram", "model"}, {{"", {results.ngram_bits, results.model_bits}}},
          {.title = "Bits per character, held out (less is better)", .width = 420, .height = 260}))
      .heading(2, "Training")
      .figure(line_plot({results.log.train, results.log.held_out, baseline},
                        {.x_label = "step", .y_label = "bits per character"}),
              "Each step's loss, and the loss on every eighth held-out document.")
      .heading(2, "What it writes")
      .preformatted(results.sample)
      .html();
}

int run(const Options& options) {
  const Data data = read_data(read_text(options));
  std::cout << data.train.size() << " characters to learn from, " << data.held_out.size()
            << " held out, " << data.vocab.size() << " different ones\n";
  Results results;
  results.ngram_bits = lydia::text::NgramModel::train(data.train, data.vocab.size(), kOrder)
                           .bits_per_token(data.held_out);

  const ModelSize size{data.vocab.size(), options.quick ? 48 : 192, 5, options.quick ? 8 : 13};
  TrainPlan plan = options.quick ? TrainPlan{150, 16, 64, 1e-2f, options.seed}
                                 : TrainPlan{1500, 16, 128, 6e-3f, options.seed};
  if (options.steps > 0) plan.steps = options.steps;
  Model model(size, options.seed);
  for (const auto& [name, tensor] : model.parameters()) results.parameters += tensor.numel();
  results.log = train(model, data, plan);
  results.model_bits = score(model, data.held_out, data.vocab.id('\n'));

  std::filesystem::create_directories(options.out);
  check_saved(model, data, options.out + "/weights.safetensors");
  results.sample = write_text(model, data, kSampleChars, kTemperature, options.seed);
  lydia::io::write_file_atomic(options.out + "/report.html", report_page(results, data, options));

  std::cout << "\n"
            << results.sample << "\n\n"
            << results_table(results).text(lydia::report::use_color(1)) << "\n"
            << options.out << "/weights.safetensors, " << options.out << "/report.html\n";
  LYDIA_CHECK(results.model_bits < results.log.held_out.y.front(), lydia::Error,
              "charlm: nothing was learnt: ", results.model_bits, " bits per character, ",
              results.log.held_out.y.front(), " before");
  return 0;
}

}  // namespace
}  // namespace charlm

int main(int argc, char** argv) try {
  const charlm::Options options = charlm::parse_options(argc, argv);
  if (options.help) {
    std::cout << charlm::kUsage;
    return 0;
  }
  return charlm::run(options);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
