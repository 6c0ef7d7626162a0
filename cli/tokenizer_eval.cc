// `lydia tokenizer eval`: cuts against a gold list, and tokens per word of a text, beside byte-pair
// encoding of the same size trained on the same text.
#include <iostream>
#include <optional>

#include "cli/tokenizer_parts.h"
#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"
#include "lydia/text/bpe.h"
#include "lydia/text/morphopiece_eval.h"

namespace lydia::cli {
namespace {

using io::Json;

constexpr const char* kHelp =
    "Usage: lydia tokenizer eval [--gold FILE] [--text FILE] [options]\n\n"
    "  --gold FILE   word<TAB>m1|m2|...<TAB>cuts<TAB>optional cuts<TAB>count a line\n"
    "  --part P      all, tune or hold: words split by SHA-256, even and odd (default: all)\n"
    "  --text FILE   tokens per word on this text, line breaks aside; may be given again\n"
    "  --bpe FILE    also byte-pair encoding of the same size, trained on this text\n"
    "  --errors      also how many words of the gold list are cut wrongly in which way\n"
    "  --json, --model PATH\n\n"
    "The row \"segment\" has the cuts of `lydia tokenizer segment`; the others have those between\n"
    "tokens, where a root that the vocabulary lacks is spelled with several.\n";

struct Row {
  std::string name;
  std::optional<text::SegmentationScore> cuts;
  std::optional<text::Fertility> fertility;
};

std::vector<int32_t> bpe_cuts(const text::Bpe& bpe, std::string_view word) {
  std::vector<int32_t> cuts;
  size_t bytes = 0;
  for (const std::string& piece : bpe.segment(word)) {
    if (bytes > 0) cuts.push_back(static_cast<int32_t>(decode_utf8(word.substr(0, bytes)).size()));
    bytes += piece.size();
  }
  return cuts;
}

Json to_json(const text::CutScore& score) {
  return Json::Object{{"words", score.words},
                      {"precision", score.precision()},
                      {"recall", score.recall()},
                      {"f1", score.f1()},
                      {"exact", score.exact_share()}};
}

Json to_json(const Row& row) {
  Json::Object out = {{"name", row.name}};
  if (row.cuts) {
    out.emplace_back("types", to_json(row.cuts->types));
    out.emplace_back("tokens", to_json(row.cuts->tokens));
    out.emplace_back("pieces_per_word", row.cuts->pieces_per_word);
  }
  if (row.fertility) {
    out.emplace_back("tokens_per_word", row.fertility->tokens_per_word());
    out.emplace_back("bytes_per_token", row.fertility->bytes_per_token());
  }
  return out;
}

void print_table(const std::vector<Row>& rows) {
  using report::Align;
  const auto percent = [](double share) { return report::format_fixed(share * 100, 1); };
  const std::vector<Align> aligns = {Align::Left,  Align::Right, Align::Right, Align::Right,
                                     Align::Right, Align::Right, Align::Right, Align::Right};
  report::Table table(
      {"", "P types", "R types", "F1 types", "exact", "F1 tokens", "tokens/word", "bytes/token"},
      aligns);
  for (const Row& row : rows) {
    std::vector<std::string> cells = {row.name, "", "", "", "", "", "", ""};
    if (row.cuts) {
      const text::CutScore& types = row.cuts->types;
      cells[1] = percent(types.precision());
      cells[2] = percent(types.recall());
      cells[3] = percent(types.f1());
      cells[4] = percent(types.exact_share());
      cells[5] = percent(row.cuts->tokens.f1());
    }
    if (row.fertility) {
      cells[6] = report::format_fixed(row.fertility->tokens_per_word(), 3);
      cells[7] = report::format_fixed(row.fertility->bytes_per_token(), 2);
    }
    table.row(std::move(cells));
  }
  std::cout << table.text(report::use_color(1));
}

using ErrorCounts = std::array<int64_t, text::kCutErrors>;

const char* error_name(size_t i) { return text::cut_error_name(static_cast<text::CutError>(i)); }

void print_errors(const ErrorCounts& errors) {
  report::Table table({"cut wrongly", "words"}, {report::Align::Left, report::Align::Right});
  for (size_t i = 0; i < errors.size(); ++i) table.row({error_name(i), std::to_string(errors[i])});
  std::cout << "\n" << table.text(report::use_color(1));
}

}  // namespace

int run_tokenizer_eval(Args args) {
  const CommandLine options("lydia tokenizer eval", args,
                            {{"--gold", true},
                             {"--part", true},
                             {"--text", true},
                             {"--bpe", true},
                             {"--errors"},
                             {"--json"},
                             {"--model", true},
                             {"--help"},
                             {"-h"}});
  if (options.has("--help") || options.has("-h")) {
    std::cout << kHelp;
    return 0;
  }
  LYDIA_CHECK((options.has("--gold") || options.has("--text")) && options.rest().empty(),
              ValueError, "lydia tokenizer eval: expected --gold FILE or --text FILE");
  LYDIA_CHECK(options.has("--gold") || !options.has("--errors"), ValueError,
              "lydia tokenizer eval --errors: expected --gold FILE");
  const text::GoldPart part = text::parse_gold_part(options.text("--part", "all"));
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const text::MorphoPiece& model = morphopiece(tokenizer);
  std::vector<text::GoldWord> gold;
  if (options.has("--gold")) gold = text::read_gold(options.text("--gold"), part);
  std::optional<std::string> text;
  if (options.has("--text")) text = read_text(options.all("--text"));

  std::vector<Row> rows;
  if (!gold.empty()) {
    rows.push_back(
        {"segment",
         text::score_cuts(gold,
                          [&](std::string_view word) { return text::segment_cuts(model, word); }),
         {}});
  }
  for (const text::MorphMode mode :
       {text::MorphMode::Morph, text::MorphMode::Canonical, text::MorphMode::Compact}) {
    if (mode == text::MorphMode::Compact && model.info().sequences == 0) continue;
    Row row{.name = text::morph_mode_name(mode), .cuts = {}, .fertility = {}};
    if (!gold.empty())
      row.cuts = text::score_cuts(
          gold, [&](std::string_view word) { return text::token_cuts(model, word, mode); });
    if (text) row.fertility = text::measure_fertility(model, *text, mode);
    rows.push_back(std::move(row));
  }
  if (options.has("--bpe")) {
    const auto bpe =
        text::Bpe::train(read_text(options.all("--bpe")), {.vocab_size = model.vocab_size()});
    Row row{.name = "bpe", .cuts = {}, .fertility = {}};
    if (!gold.empty())
      row.cuts = text::score_cuts(gold, [&](std::string_view word) { return bpe_cuts(bpe, word); });
    if (text) {
      row.fertility = text::measure_fertility(
          *text, [&](std::string_view line) { return bpe.encode(line).size(); });
    }
    rows.push_back(std::move(row));
  }
  std::optional<ErrorCounts> errors;
  if (options.has("--errors")) errors = text::count_cut_errors(model, gold);
  if (!options.has("--json")) {
    print_table(rows);
    if (errors) print_errors(*errors);
    return 0;
  }
  Json::List list;
  for (const Row& row : rows) list.push_back(to_json(row));
  Json::Object out = {{"vocab_size", int64_t{model.vocab_size()}}, {"rows", std::move(list)}};
  if (errors) {
    Json::Object counts;
    for (size_t i = 0; i < errors->size(); ++i) counts.emplace_back(error_name(i), (*errors)[i]);
    out.emplace_back("errors", std::move(counts));
  }
  print_json(out);
  return 0;
}

}  // namespace lydia::cli
