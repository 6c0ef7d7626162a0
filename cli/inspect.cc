// `lydia inspect --model DIR --text TEXT`: what a model does as it reads a text: experts per token,
// reads of the memory, rounds of introspection, confidence.
#include <cmath>
#include <cstdint>
#include <iostream>
#include <numbers>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/model_folder.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/io/atomic_file.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/view.h"
#include "lydia/report/format.h"
#include "lydia/report/html.h"
#include "lydia/report/plot.h"
#include "lydia/report/table.h"

namespace lydia::cli {
namespace {

using models::AgiformerConfig;
using models::AgiformerInfo;
using models::AgiformerOutput;
using report::Align;
using report::format_fixed;

constexpr const char* kHelp =
    "Usage: lydia inspect --model DIR --text TEXT [--tokens N] [--html FILE]\n\n"
    "Reads a text with a saved model and shows which experts work on which token, what the memory\n"
    "is asked, and what introspection thinks of each prediction. A model with memory reads the "
    "text\n"
    "in two segments or more, so that there is something to remember.\n\n"
    "Options:\n"
    "  --tokens N   rows of the table of tokens (default 40; the page has all)\n"
    "  --html FILE  also writes a self-contained page\n";

struct Segment {
  int64_t begin = 0, end = 0;  // tokens
  AgiformerOutput out;
};

// What is known of one token of the text.
struct TokenRow {
  std::string text, morphology, experts;
  double next = NAN;  // the probability that was given to the token behind it
  double confidence = NAN, error = NAN, rounds = NAN;
};

std::vector<Segment> read_text(models::Agiformer& model, const Tensor& ids) {
  const AgiformerConfig& c = model.config;
  const int64_t n = ids.size(1);
  const int64_t least = c.use_memory && n > 1 ? 2 : 1;
  const int64_t count = std::max(least, (n + c.max_seq_len - 1) / c.max_seq_len);
  const int64_t length = (n + count - 1) / count;
  std::vector<Segment> out;
  models::MemoryState state;
  for (int64_t begin = 0; begin < n; begin += length) {
    Segment s{begin, std::min(begin + length, n), {}};
    models::AgiformerInput in;
    in.text = contiguous(narrow(ids, 1, begin, s.end - begin));
    s.out = model.forward(in, state);
    state = s.out.state;
    out.push_back(std::move(s));
  }
  return out;
}

// The first letters of the experts, block by block; the chosen ones of a block side by side.
std::string experts_of(const AgiformerInfo& info, const AgiformerConfig& c, int64_t token) {
  std::string out;
  for (const models::RouterInfo& router : info.routers) {
    if (!out.empty()) out += ' ';
    const Tensor choice = contiguous(select(select(router.choice, 0, 0), 0, token));
    for (int64_t j = 0; j < choice.numel(); ++j)
      out += c.expert_type(choice.data<int64_t>()[j]).substr(0, 2);
  }
  return out;
}

std::vector<TokenRow> token_rows(const std::vector<Segment>& segments, const EncodedText& in,
                                 const AgiformerConfig& c) {
  std::vector<TokenRow> rows;
  const Tensor& ids = in.ids;
  for (const Segment& s : segments) {
    const Tensor p = softmax(select(s.out.logits, 0, 0).to(DType::F32), -1);
    const models::IntrospectionInfo& seen = s.out.info.introspection;
    const auto value = [&](const Tensor& t, int64_t i) {
      return select(select(t, 0, 0), 0, i).item<double>();
    };
    for (int64_t i = 0; i < s.end - s.begin; ++i) {
      const int64_t at = s.begin + i;
      TokenRow row;
      row.text = in.names[static_cast<size_t>(at)];
      row.morphology = in.morphology[static_cast<size_t>(at)];
      row.experts = experts_of(s.out.info, c, i);
      if (at + 1 < ids.numel())
        row.next = select(select(p, 0, i), 0, ids.data<int64_t>()[at + 1]).item<double>();
      if (seen.present) {
        row.confidence = value(seen.confidence, i);
        row.error = value(seen.error, i);
        row.rounds = value(seen.expected_rounds, i);
      }
      rows.push_back(row);
    }
  }
  return rows;
}

report::Table token_table(const std::vector<TokenRow>& rows, size_t most) {
  report::Table table(
      {"token", "morphology", "experts", "p(next)", "confidence", "error", "rounds"},
      {Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right});
  const auto cell = [](double x) { return std::isnan(x) ? "-" : format_fixed(x, 3); };
  for (size_t i = 0; i < std::min(most, rows.size()); ++i) {
    const TokenRow& r = rows[i];
    table.row({r.text, r.morphology, r.experts, cell(r.next), cell(r.confidence), cell(r.error),
               cell(r.rounds)});
  }
  return table;
}

report::Table expert_table(const std::vector<Segment>& segments, const AgiformerConfig& c) {
  std::vector<std::string> headers{"block"};
  std::vector<Align> aligns{Align::Left};
  for (int64_t e = 0; e < c.n_experts; ++e) {
    headers.push_back(c.expert_type(e));
    aligns.push_back(Align::Right);
  }
  headers.push_back("router entropy"), aligns.push_back(Align::Right);
  report::Table table(headers, aligns);
  for (size_t block = 0; block < static_cast<size_t>(c.n_layers); ++block) {
    std::vector<double> usage(static_cast<size_t>(c.n_experts));
    double entropy = 0, tokens = 0;
    for (const Segment& s : segments) {
      const models::RouterInfo& router = s.out.info.routers[block];
      const auto n = static_cast<double>(s.end - s.begin);
      for (size_t e = 0; e < usage.size(); ++e)
        usage[e] += router.expert_usage.data<float>()[e] * n;
      entropy += router.router_entropy * n;
      tokens += n;
    }
    std::vector<std::string> cells{std::to_string(block)};
    for (const double u : usage) cells.push_back(format_fixed(100 * u / tokens, 1) + " %");
    cells.push_back(format_fixed(entropy / tokens, 3));
    table.row(cells);
  }
  return table;
}

report::Table segment_table(const std::vector<Segment>& segments) {
  report::Table table(
      {"segment", "tokens", "seen so far", "read entropy", "slots used", "rounds", "error by round",
       "confidence by round"},
      {Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Right});
  const auto average = [](const Tensor& t) { return format_fixed(mean(t).item<double>(), 3); };
  for (size_t i = 0; i < segments.size(); ++i) {
    const AgiformerInfo& info = segments[i].out.info;
    std::string errors, confidences;
    for (const models::IntrospectionRound& r : info.introspection.rounds) {
      errors += (errors.empty() ? "" : ", ") + average(r.error);
      confidences += (confidences.empty() ? "" : ", ") + average(r.confidence);
    }
    const bool memory = info.memory.present, thinks = info.introspection.present;
    table.row({std::to_string(i), std::to_string(segments[i].end - segments[i].begin),
               memory ? std::to_string(info.memory.step_count) : "-",
               memory ? format_fixed(info.memory.read_entropy, 3) : "-",
               memory ? format_fixed(info.memory.slots_used, 0) : "-",
               thinks ? average(info.introspection.expected_rounds) : "-", thinks ? errors : "-",
               thinks ? confidences : "-"});
  }
  return table;
}

std::string summary(const std::vector<TokenRow>& rows) {
  double bits = 0, counted = 0;
  for (const TokenRow& row : rows)
    if (!std::isnan(row.next)) bits -= std::log2(std::max(row.next, 1e-30)), ++counted;
  return std::to_string(rows.size()) + " tokens" +
         (counted > 0 ? ", " + format_fixed(bits / counted, 3) + " bits per token" : "");
}

void write_page(const std::string& path, const std::string& text, const std::string& line,
                const std::vector<Segment>& segments, const std::vector<TokenRow>& rows,
                const AgiformerConfig& c) {
  report::HtmlPage page("What the model does as it reads");
  page.preformatted(text).paragraph(line);
  page.heading(2, "Share of tokens per expert").table(expert_table(segments, c));
  page.heading(2, "Segments: memory and introspection").table(segment_table(segments));
  report::Series next{"probability of the next token", {}, {}}, sure{"confidence", {}, {}};
  for (size_t i = 0; i < rows.size(); ++i) {
    next.x.push_back(static_cast<double>(i)), next.y.push_back(rows[i].next);
    sure.x.push_back(static_cast<double>(i)), sure.y.push_back(rows[i].confidence);
  }
  std::vector<report::Series> series{next};
  if (c.use_introspection) series.push_back(sure);
  page.heading(2, "Token by token")
      .figure(report::line_plot(series, {.x_label = "token", .y_label = "probability"}))
      .table(token_table(rows, rows.size()));
  io::write_file_atomic(path, page.html());
}

}  // namespace

int run_inspect(Args args) {
  const CommandLine line("lydia inspect", args,
                         {{"--model", true},
                          {"--text", true},
                          {"--tokens", true},
                          {"--html", true},
                          {"--help", false}});
  if (line.has("--help")) {
    std::cout << kHelp;
    return 0;
  }
  LYDIA_CHECK(line.rest().empty(), ValueError, "lydia inspect: expected options, got '",
              line.rest()[0], "'");
  const std::string text = line.text("--text");
  LYDIA_CHECK(!text.empty(), ValueError, "--text: expected at least one character, got none");
  const int64_t most = line.integer("--tokens", 40, 0, INT64_MAX);
  const ModelFolder folder = open_model(line.text("--model"));
  const AgiformerConfig& c = folder.model->config;
  const NoGradGuard guard;
  const EncodedText in = folder.encode(text);
  const std::vector<Segment> segments = read_text(*folder.model, in.ids);
  const std::vector<TokenRow> rows = token_rows(segments, in, c);
  const std::string totals = summary(rows);
  std::cout << totals << "\n\n"
            << expert_table(segments, c).text() << "\n"
            << segment_table(segments).text() << "\n"
            << token_table(rows, static_cast<size_t>(most)).text();
  if (line.has("--html")) {
    write_page(line.text("--html"), text, totals, segments, rows, c);
    std::cout << "\n" << line.text("--html") << "\n";
  }
  return 0;
}

}  // namespace lydia::cli
