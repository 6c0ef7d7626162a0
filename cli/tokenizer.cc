// `lydia tokenizer <what>`: Turkish text to tokens and back.
#include <algorithm>
#include <charconv>
#include <iostream>

#include "cli/tokenizer_parts.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

using io::Json;

constexpr const char* kHelp =
    "Usage: lydia tokenizer <what> [options] ...\n\n"
    "  train    make a model from the core list, hunspell-tr and text\n"
    "  encode   text to ids\n"
    "  decode   ids to text\n"
    "  segment  words to morphemes: word<TAB>m1|m2|...\n"
    "  show     cuts, types and token counts of a text, in colour; --bpe: beside byte-pair "
    "encoding\n"
    "  eval     cuts against a gold list, tokens per word\n"
    "  info     what a model is and what it was made from\n"
    "  bench    how fast it is here\n"
    "  export   an approximate tokenizer.json for Hugging Face tokenizers\n\n"
    "The model comes from --model PATH (a folder or a file), else $LYDIA_TOKENIZER, else\n"
    "out/tokenizer, which `make demo` fills. `lydia tokenizer <what> --help` says more.\n";

constexpr const char* kEncodeHelp =
    "Usage: lydia tokenizer encode [options] [text ...]\n\n"
    "Prints the ids of each argument, or of each line of standard input, on a line.\n\n"
    "  --raw        all of standard input is one text, byte for byte\n"
    "  --tokens     names of tokens in place of ids\n"
    "  --special    with <bos> and <eos>\n"
    "  --parse-special  <mask> in the text is the token, not six characters\n"
    "  --mode M     morph, compact or canonical (default: the model's own)\n"
    "  --temperature T, --seed N   draw the cuts (subword regularisation)\n"
    "  --json       one JSON object a text: ids, tokens, offsets, word_ids, types\n"
    "  --model PATH\n";

constexpr const char* kDecodeHelp =
    "Usage: lydia tokenizer decode [options] [id ...]\n\n"
    "Prints the text of the ids, or of the ids on each line of standard input.\n\n"
    "  --raw        all of standard input is one list; the bytes come out as they were\n"
    "  --special    names of special tokens too\n"
    "  --json       one JSON string a text\n"
    "  --model PATH\n";

constexpr const char* kSegmentHelp =
    "Usage: lydia tokenizer segment [options] [word ...]\n\n"
    "Prints word<TAB>m1|m2|... for each argument, or for each line of standard input.\n"
    "Joined, the parts are the word. For words that hold | or a tab --json is clearer.\n\n"
    "  --nbest N    the N best readings, a line each; some differ in --types alone\n"
    "  --types      what each part is: ev:noun|ler:PLU\n"
    "  --json       one JSON object a word\n"
    "  --color      types in colour, on terminals without being asked\n"
    "  --model PATH\n";

constexpr const char* kInfoHelp =
    "Usage: lydia tokenizer info [--model PATH] [--json]\n\n"
    "What a model is: its format, its sizes, the sources it was made from.\n";

int help(const char* text) {
  std::cout << text;
  return 0;
}

Json::Object to_json(const text::Encoding& encoding) {
  Json::List tokens, offsets, words, types, categories;
  for (size_t i = 0; i < encoding.size(); ++i) {
    tokens.emplace_back(printable(encoding.tokens[i]));
    const text::TextSpan span = encoding.offsets[i];
    offsets.emplace_back(Json::List{Json(int64_t{span.begin}), Json(int64_t{span.end})});
    if (encoding.word_ids[i] < 0)
      words.emplace_back();
    else
      words.emplace_back(int64_t{encoding.word_ids[i]});
    if (encoding.types.empty()) continue;
    types.emplace_back(text::morph_type_name(static_cast<text::MorphType>(encoding.types[i])));
    categories.emplace_back(
        text::semantic_category_name(static_cast<text::SemanticCategory>(encoding.categories[i])));
  }
  return {{"ids", to_json_list(encoding.ids)}, {"tokens", std::move(tokens)},
          {"offsets", std::move(offsets)},     {"word_ids", std::move(words)},
          {"types", std::move(types)},         {"categories", std::move(categories)}};
}

int run_encode(Args args) {
  const CommandLine options("lydia tokenizer encode", args,
                            {{"--model", true},
                             {"--raw"},
                             {"--tokens"},
                             {"--special"},
                             {"--parse-special"},
                             {"--mode", true},
                             {"--temperature", true},
                             {"--seed", true},
                             {"--json"},
                             {"--help"},
                             {"-h"}});
  if (options.has("--help") || options.has("-h")) return help(kEncodeHelp);
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const bool json = options.has("--json");
  const text::TokenizeOptions how{
      .add_special_tokens = options.has("--special"),
      .details = json || options.has("--tokens"),
      .types = json,
      .parse_special = options.has("--parse-special"),
      .mode = options.text("--mode"),
      .temperature = options.number("--temperature", 0),
      .seed = static_cast<uint64_t>(options.integer("--seed", 0, 0, INT64_MAX))};
  LYDIA_CHECK(!options.has("--raw") || options.rest().empty(), ValueError,
              "lydia tokenizer encode: expected no text beside --raw, got '",
              options.rest().front(), "'");
  const std::vector<std::string> texts =
      options.has("--raw") ? std::vector<std::string>{read_stdin()} : lines_of(options);
  for (const std::string& text : texts) {
    const text::Encoding encoding = tokenizer.encode({text}, how);
    if (json) {
      print_json(to_json(encoding));
      continue;
    }
    for (size_t i = 0; i < encoding.size(); ++i) {
      if (i) std::cout << ' ';
      if (how.details)
        std::cout << encoding.tokens[i];
      else
        std::cout << encoding.ids[i];
    }
    std::cout << '\n';
  }
  return 0;
}

std::vector<int32_t> parse_ids(std::string_view line) {
  std::vector<int32_t> ids;
  const auto is_gap = [](char c) { return c == ' ' || c == ',' || (c >= '\t' && c <= '\r'); };
  for (size_t at = 0; at < line.size();) {
    if (is_gap(line[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < line.size() && !is_gap(line[end])) ++end;
    int32_t id = 0;
    const auto [stop, error] = std::from_chars(line.data() + at, line.data() + end, id);
    LYDIA_CHECK(error == std::errc() && stop == line.data() + end, ValueError,
                "lydia tokenizer decode: expected ids, got '", line.substr(at, end - at), "'");
    ids.push_back(id);
    at = end;
  }
  return ids;
}

int run_decode(Args args) {
  const CommandLine options(
      "lydia tokenizer decode", args,
      {{"--model", true}, {"--raw"}, {"--special"}, {"--json"}, {"--help"}, {"-h"}});
  if (options.has("--help") || options.has("-h")) return help(kDecodeHelp);
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const bool skip_special = !options.has("--special");
  if (options.has("--raw")) {
    std::cout << tokenizer.decode(parse_ids(read_stdin()), skip_special);
    return 0;
  }
  std::vector<std::string> lines;
  if (options.rest().empty()) {
    lines = lines_of(options);
  } else {
    lines.emplace_back();
    for (const std::string& id : options.rest()) lines[0] += id + " ";
  }
  for (const std::string& line : lines) {
    const std::string text = tokenizer.decode(parse_ids(line), skip_special);
    if (options.has("--json"))
      print_json(printable(text));
    else
      std::cout << text << '\n';
  }
  return 0;
}

Json::Object to_json(const std::string& word, const text::Segmentation& reading) {
  Json::List morphs;
  for (const text::Morph& m : reading.morphs) {
    Json::Object morph = {{"surface", printable(m.surface)},
                          {"label", m.label},
                          {"type", text::morph_type_name(m.type)},
                          {"begin", int64_t{m.span.begin}},
                          {"end", int64_t{m.span.end}}};
    if (!m.lemma.empty()) morph.emplace_back("lemma", printable(m.lemma));
    morphs.emplace_back(std::move(morph));
  }
  return {{"word", printable(word)},
          {"known", reading.known},
          {"cost", reading.cost},
          {"morphs", std::move(morphs)}};
}

int run_segment(Args args) {
  const CommandLine options("lydia tokenizer segment", args,
                            {{"--model", true},
                             {"--nbest", true},
                             {"--types"},
                             {"--json"},
                             {"--color"},
                             {"--help"},
                             {"-h"}});
  if (options.has("--help") || options.has("-h")) return help(kSegmentHelp);
  const text::Tokenizer tokenizer = load_tokenizer(options);
  const text::MorphoPiece& model = morphopiece(tokenizer);
  const auto nbest = static_cast<int>(options.integer("--nbest", 1, 1, 1000));
  const bool color = options.has("--color") || report::use_color(1);
  for (const std::string& word : lines_of(options)) {
    for (const text::Segmentation& reading : model.segment(word, nbest)) {
      if (options.has("--json")) {
        print_json(to_json(word, reading));
        continue;
      }
      std::cout << word << '\t';
      for (size_t i = 0; i < reading.morphs.size(); ++i) {
        const text::Morph& morph = reading.morphs[i];
        if (i) std::cout << '|';
        std::cout << report::paint(morph.surface, style_of(morph.type), color);
        if (options.has("--types")) std::cout << ':' << morph.label;
      }
      std::cout << '\n';
    }
  }
  return 0;
}

// What a model was made from; lydia's own lists, which are many, as one.
void print_sources(const Json& meta) {
  report::Table table({"made from", "kind", "licence", "bytes", "SHA-256"},
                      {report::Align::Left, report::Align::Left, report::Align::Left,
                       report::Align::Right, report::Align::Left});
  int64_t lists = 0, list_bytes = 0;
  for (const Json& source : meta.at("sources").as_list()) {
    const std::string name = source.at("name").as_string(), kind = source.at("kind").as_string();
    const int64_t bytes = source.at("bytes").as_int();
    if (kind == "roots" && name.starts_with("roots_")) {
      ++lists;
      list_bytes += bytes;
      continue;
    }
    table.row({name, kind, source.at("licence").as_string(), std::to_string(bytes),
               source.at("sha256").as_string().substr(0, 16)});
  }
  if (lists > 0) {
    table.row({std::to_string(lists) + " lists of lydia's", "roots", "MIT",
               std::to_string(list_bytes), "(--json)"});
  }
  std::cout << table.text(report::use_color(1));
}

int run_info(Args args) {
  const CommandLine options("lydia tokenizer info", args,
                            {{"--model", true}, {"--json"}, {"--help"}, {"-h"}});
  if (options.has("--help") || options.has("-h")) return help(kInfoHelp);
  const std::string path = find_tokenizer(options);
  const text::Tokenizer tokenizer = text::Tokenizer::load(path);
  const text::MorphModelInfo info = morphopiece(tokenizer).info();
  const std::vector<std::pair<const char*, int64_t>> counts = {
      {"vocab_size", info.vocab_size},
      {"roots", info.roots},
      {"states", info.states},
      {"arcs", info.arcs},
      {"words", info.words},
      {"tails", info.tails},
      {"sequences", info.sequences},
      {"file_bytes", static_cast<int64_t>(info.file_bytes)},
      {"added_tokens", static_cast<int64_t>(tokenizer.added_tokens().tokens().size())}};
  const std::string format =
      std::to_string(info.format_major) + "." + std::to_string(info.format_minor);
  if (options.has("--json")) {
    Json::Object out = {{"path", path},
                        {"kind", std::string(tokenizer.model().kind())},
                        {"format", format},
                        {"mode", text::morph_mode_name(info.mode)}};
    for (const auto& [name, count] : counts) out.emplace_back(name, count);
    out.emplace_back("meta", io::parse_json(info.meta_json, path));
    print_json(std::move(out));
    return 0;
  }
  report::Table table({"model", path});
  table.row({"format", format});
  table.row({"mode", text::morph_mode_name(info.mode)});
  for (const auto& [name, count] : counts) table.row({name, std::to_string(count)});
  std::cout << table.text(report::use_color(1)) << "\n";
  print_sources(io::parse_json(info.meta_json, path));
  return 0;
}

constexpr Command kParts[] = {
    {"train", "", run_tokenizer_train},
    {"encode", "", run_encode},
    {"decode", "", run_decode},
    {"segment", "", run_segment},
    {"show", "", run_tokenizer_show},
    {"eval", "", run_tokenizer_eval},
    {"info", "", run_info},
    {"bench", "", run_tokenizer_bench},
    {"export", "", run_tokenizer_export},
};

}  // namespace

report::Style style_of(text::MorphType type) {
  using enum text::MorphType;
  switch (type) {
    case NounRoot:
    case AdjectiveRoot:
    case AdverbRoot: return report::Style::Bold;
    case VerbRoot: return report::Style::Red;
    case Plural: return report::Style::Yellow;
    case Accusative:
    case Dative:
    case Locative:
    case Ablative:
    case Genitive: return report::Style::Green;
    case Past:
    case Progressive:
    case Future:
    case Aorist: return report::Style::Magenta;
    case Pad:
    case Special: return report::Style::Dim;
    case Other: return report::Style::Blue;
    default: return report::Style::Cyan;  // the possessives
  }
}

int run_tokenizer(Args args) {
  if (args.empty()) {
    std::cerr << kHelp;
    return 2;
  }
  if (args[0] == "--help" || args[0] == "-h") return help(kHelp);
  std::vector<std::string_view> names;
  std::string list;
  for (const Command& part : kParts) {
    if (part.name == args[0]) return part.run(args.subspan(1));
    names.push_back(part.name);
    list += (list.empty() ? "" : ", ") + std::string(part.name);
  }
  fail<ValueError>("lydia tokenizer: expected one of ", list, ", got '", args[0], "'",
                   nearest_hint(args[0], names));
}

}  // namespace lydia::cli
