// Data of language models: the next byte of the documents of a text or a JSON Lines file, about one
// in ten of which is held out, or the next token of a file of tokens.
#include "cli/data_sources.h"
#include "lydia/core/error.h"
#include "lydia/io/jsonl.h"
#include "lydia/io/mapped_file.h"
#include "lydia/io/token_file.h"
#include "lydia/text/corpus.h"
#include "lydia/train/packing.h"
#include "lydia/train/split.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Node;
using config::Type;

train::DatasetPtr byte_windows(const std::string& text, int64_t length) {
  const Tensor bytes = empty({static_cast<int64_t>(text.size())}, DType::U8);
  std::copy(text.begin(), text.end(), bytes.data<uint8_t>());
  return std::make_shared<train::TokenDataset>(bytes, length);
}

int64_t window_length(const Node& config) {
  const int64_t length = config.get<int64_t>("data.length");
  LYDIA_CHECK(length >= 1, ValueError, "data.length: expected at least 1, got ", length);
  return length;
}

RunData byte_data(const Node& config, const text::TextSplit& parts) {
  const int64_t length = window_length(config);
  LYDIA_CHECK(std::min(parts.train.size(), parts.held_out.size()) > static_cast<size_t>(length),
              ValueError,
              "data.path: expected a text of many documents, more than data.length = ", length,
              " bytes to learn from and held out, got ", parts.train.size(), " and ",
              parts.held_out.size(), " in \"", config.get<std::string>("data.path"), "\"");
  return {.train = byte_windows(parts.train, length),
          .validation = byte_windows(parts.held_out, length),
          .shape = {length},
          .classes = 256};
}

RunData text_data(const Node& config) {
  const io::MappedFile file(config.get<std::string>("data.path"));
  return byte_data(config, text::split_text(file.text(), 10));
}

RunData jsonl_data(const Node& config) {
  const std::string field = config.get<std::string>("data.field");
  const io::JsonLines lines(config.get<std::string>("data.path"), on_corrupt(config));
  io::CorruptLog broken(on_corrupt(config));
  broken.merge(lines.lines().corrupt());
  text::TextSplit parts;
  for (int64_t i = 0; i < lines.size(); ++i) {
    try {
      const io::Json line = lines.get(i);
      const io::Json* document = line.find(field);
      const bool is_text = document && std::holds_alternative<std::string>(document->value);
      if (!is_text) {
        throw io::CorruptRecord(lines.lines().label(), std::to_string(lines.lines().line_number(i)),
                                "expected a text under \"" + field + "\", got " +
                                    (document ? document->kind() : "no such member"));
      }
      const bool held = train::split_by_hash({document->as_string()}, {0.9, 0.1})[0].empty();
      (held ? parts.held_out : parts.train) += document->as_string() + "\n\n";
    } catch (const io::CorruptRecord& record) {
      broken.add(record);
    }
  }
  RunData out = byte_data(config, parts);
  out.corrupt_records = broken.count();
  return out;
}

train::DatasetPtr token_windows(const Node& config, const std::string& key, int64_t length) {
  const Tensor tokens = io::open_tokens(config.get<std::string>(key));
  LYDIA_CHECK(tokens.numel() > length, ValueError, key,
              ": expected more than data.length = ", length, " tokens, got ", tokens.numel());
  return std::make_shared<train::TokenDataset>(tokens, length);
}

RunData token_data(const Node& config) {
  const int64_t length = window_length(config), vocabulary = config.get<int64_t>("data.vocabulary");
  const double bytes = config.get<double>("data.bytes_per_token");
  LYDIA_CHECK(vocabulary >= 1 && bytes > 0, ValueError,
              "data.vocabulary, data.bytes_per_token: expected above 0, got ", vocabulary, " and ",
              bytes);
  return {.train = token_windows(config, "data.path", length),
          .validation = token_windows(config, "data.validation_path", length),
          .shape = {length},
          .classes = vocabulary,
          .bytes_per_token = bytes};
}

constexpr Field kJsonlFields[] = {
    {"path", Type::String}, {"field", Type::String}, {"length", Type::Int}};
constexpr Field kTokenFields[] = {{"path", Type::String},
                                  {"validation_path", Type::String},
                                  {"vocabulary", Type::Int},
                                  {"bytes_per_token", Type::Float},
                                  {"length", Type::Int}};
constexpr Field kTextFields[] = {{"path", Type::String}, {"length", Type::Int}};

}  // namespace

constexpr DataSource kText{"text", kTextFields, Examples::Tokens, text_data};
constexpr DataSource kJsonl{"jsonl", kJsonlFields, Examples::Tokens, jsonl_data};
constexpr DataSource kTokens{"tokens", kTokenFields, Examples::Tokens, token_data};

}  // namespace lydia::cli
