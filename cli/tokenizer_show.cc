// `lydia tokenizer show`: a text's cuts, types and token counts beside those of byte-pair encoding,
// in colour on the terminal or as one self-contained HTML page.
#include <iostream>
#include <optional>
#include <utility>

#include "cli/tokenizer_parts.h"
#include "lydia/io/atomic_file.h"
#include "lydia/report/escape.h"
#include "lydia/report/format.h"
#include "lydia/report/terminal.h"
#include "lydia/text/bpe.h"

namespace lydia::cli {
namespace {

constexpr const char* kHelp =
    "Usage: lydia tokenizer show [options] [text ...]\n\n"
    "How each argument, or each line of standard input, is cut: by morphemes, in the fewest "
    "tokens\n"
    "and, with --bpe, by byte-pair encoding of the same size, with the tokens each of them "
    "takes.\n\n"
    "  --bpe FILE    the text that byte-pair encoding is trained on; may be given again\n"
    "  --html FILE   a page in place of the terminal\n"
    "  --color       in colour, by type, even when this is no terminal\n"
    "  --model PATH\n";

// A token as it stands in the text.
struct Piece {
  std::string text;
  text::MorphType type = text::MorphType::Other;
  std::string hint;  // what it is, for the page
  bool behind_space = false;
};

struct Line {
  std::string name;
  std::vector<Piece> pieces;
  size_t tokens = 0;  // case markers and the like too
};

struct Sample {
  std::string text;
  std::vector<Line> lines;
};

// The text of a token without the spaces around it, and whether one stood before it.
Piece piece_of(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {.text = "", .hint = "", .behind_space = true};
  return {.text = std::string(text.substr(first)), .hint = "", .behind_space = first > 0};
}

Line morphopiece_line(const text::Tokenizer& tokenizer, std::string_view text,
                      text::MorphMode mode) {
  const text::MorphoPiece& model = morphopiece(tokenizer);
  Line line{.name = text::morph_mode_name(mode), .pieces = {}, .tokens = 0};
  const text::Encoding encoding =
      tokenizer.encode({text}, {.add_special_tokens = false, .types = true, .mode = line.name});
  line.tokens = encoding.size();
  bool space = false;
  for (size_t i = 0; i < encoding.size(); ++i) {
    const text::TextSpan span = encoding.byte_offsets[i];
    // Bytes of one character are one piece here.
    const bool inside = i > 0 && encoding.offsets[i].begin < encoding.offsets[i - 1].end;
    if (inside && !line.pieces.empty()) {
      line.pieces.back().text += text.substr(span.begin, span.end - span.begin);
      continue;
    }
    Piece piece = piece_of(text.substr(span.begin, span.end - span.begin));
    if (span.begin == span.end) continue;
    piece.behind_space |= std::exchange(space, false);
    if (piece.text.empty()) {
      space = true;
      continue;
    }
    piece.type = static_cast<text::MorphType>(encoding.types[i]);
    piece.hint = text::morph_type_name(piece.type);
    if (const std::string label = model.piece(encoding.ids[i]).label; !label.empty())
      piece.hint += " " + label;
    line.pieces.push_back(std::move(piece));
  }
  return line;
}

Line bpe_line(const text::Bpe& bpe, std::string_view text) {
  Line line{.name = "bpe", .pieces = {}, .tokens = 0};
  for (size_t at = 0; at < text.size();) {
    const size_t begin = text.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t", begin), text.size());
    bool first = true;
    const std::string_view word = text.substr(begin, at - begin);
    for (const std::string& one : bpe.segment(word))
      line.pieces.push_back(
          {.text = one, .hint = "", .behind_space = std::exchange(first, false) && begin > 0});
    line.tokens += bpe.encode(word).size();
  }
  return line;
}

std::string terminal_text(const Line& line, bool color) {
  std::string out;
  for (size_t i = 0; i < line.pieces.size(); ++i) {
    const Piece& piece = line.pieces[i];
    if (i) out += piece.behind_space ? " " : report::paint("|", report::Style::Dim, color);
    out += report::paint(piece.text,
                         line.name == "bpe" ? report::Style::Plain : style_of(piece.type), color);
  }
  return out;
}

// What the colours mean, by a type that has each of them.
constexpr std::pair<const char*, text::MorphType> kLegend[] = {
    {"noun, adjective, adverb", text::MorphType::NounRoot},
    {"verb", text::MorphType::VerbRoot},
    {"plural", text::MorphType::Plural},
    {"possessive", text::MorphType::Poss1s},
    {"case", text::MorphType::Accusative},
    {"tense", text::MorphType::Past},
    {"other", text::MorphType::Other}};

// "morph 101, compact 75": the tokens of all samples, line by line.
std::string totals_of(const std::vector<Sample>& samples) {
  std::string out;
  for (size_t i = 0; !samples.empty() && i < samples[0].lines.size(); ++i) {
    size_t tokens = 0;
    for (const Sample& sample : samples) tokens += sample.lines[i].tokens;
    out += (i ? ", " : "") + samples[0].lines[i].name + " " + std::to_string(tokens);
  }
  return out;
}

void print(const std::vector<Sample>& samples, bool color) {
  for (const Sample& sample : samples) {
    std::cout << report::paint(sample.text, report::Style::Bold, color) << "\n";
    for (const Line& line : sample.lines) {
      std::string count = std::to_string(line.tokens);
      count.insert(0, 4 - std::min<size_t>(4, count.size()), ' ');
      std::cout << "  " << line.name << std::string(10 - line.name.size(), ' ') << count << "  "
                << terminal_text(line, color) << "\n";
    }
    std::cout << "\n";
  }
  if (samples.size() > 1) std::cout << "tokens in all: " << totals_of(samples) << "\n";
  if (!color) return;
  std::cout << "colours: ";
  for (const auto& [name, type] : kLegend)
    std::cout << report::paint(name, style_of(type), color)
              << (type == text::MorphType::Other ? "\n" : ", ");
}

// The class of the page's style sheet for a kind of morpheme.
std::string css_class(text::MorphType type) {
  switch (style_of(type)) {
    case report::Style::Bold: return "root";
    case report::Style::Red: return "verb";
    case report::Style::Yellow: return "plural";
    case report::Style::Green: return "case";
    case report::Style::Magenta: return "tense";
    case report::Style::Cyan: return "poss";
    default: return "other";
  }
}

constexpr const char* kStyleSheet =
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#222;background:#fff}"
    "h2{font-size:1rem;margin:2rem 0 .3rem}table{border-collapse:collapse;width:100%}"
    "td{padding:.25rem .5rem;vertical-align:top}td.n{text-align:right;width:3rem}"
    "td.name{width:6rem;color:#666}"
    "span.t{display:inline-block;padding:0 .25rem;margin:.1rem 1px;border-radius:.25rem;"
    "background:#e8e8e8}"
    ".root{background:#cfe3ff!important}.verb{background:#ffd3cf!important}"
    ".plural{background:#fff0b3!important}.case{background:#cdeccd!important}"
    ".tense{background:#ecd2f5!important}.poss{background:#c9eef0!important}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
    "span.t{color:#111}td.name{color:#aaa}}";

std::string page(const std::vector<Sample>& samples) {
  std::string out =
      "<!doctype html>\n<html lang=\"tr\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>MorphoPiece</title><style>" +
      std::string(kStyleSheet) + "</style></head><body>\n<h1>MorphoPiece</h1>\n<p>";
  for (const auto& [name, type] : kLegend)
    out += "<span class=\"t " + css_class(type) + "\">" + name + "</span> ";
  out += "</p>\n<p>Tokens in all: " + totals_of(samples) + "</p>\n";
  for (const Sample& sample : samples) {
    out += "<h2>" + report::escape_xml(sample.text) + "</h2>\n<table>";
    for (const Line& line : sample.lines) {
      out += "<tr><td class=\"name\">" + line.name + "</td><td class=\"n\">" +
             std::to_string(line.tokens) + "</td><td>";
      for (const Piece& piece : line.pieces) {
        if (piece.behind_space) out += " &ensp;";
        out += "<span class=\"t " + (line.name == "bpe" ? "other" : css_class(piece.type)) +
               "\" title=\"" + report::escape_xml(piece.hint) + "\">" +
               report::escape_xml(piece.text) + "</span>";
      }
      out += "</td></tr>\n";
    }
    out += "</table>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace

int run_tokenizer_show(Args args) {
  const CommandLine options(
      "lydia tokenizer show", args,
      {{"--bpe", true}, {"--html", true}, {"--color"}, {"--model", true}, {"--help"}, {"-h"}});
  if (options.has("--help") || options.has("-h")) {
    std::cout << kHelp;
    return 0;
  }
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const text::MorphoPiece& model = morphopiece(tokenizer);
  std::optional<text::Bpe> bpe;
  if (options.has("--bpe"))
    bpe = text::Bpe::train(read_text(options.all("--bpe")), {.vocab_size = model.vocab_size()});
  std::vector<Sample> samples;
  for (const std::string& text : lines_of(options)) {
    Sample sample{.text = text, .lines = {}};
    sample.lines.push_back(morphopiece_line(tokenizer, text, text::MorphMode::Morph));
    if (model.info().sequences > 0)
      sample.lines.push_back(morphopiece_line(tokenizer, text, text::MorphMode::Compact));
    if (bpe) sample.lines.push_back(bpe_line(*bpe, text));
    samples.push_back(std::move(sample));
  }
  if (options.has("--html")) {
    io::write_file_atomic(options.text("--html"), page(samples));
    std::cout << options.text("--html") << "\n";
  } else {
    print(samples, options.has("--color") || report::use_color(1));
  }
  return 0;
}

}  // namespace lydia::cli
