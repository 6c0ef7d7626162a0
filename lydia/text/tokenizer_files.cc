// A tokenizer as a folder: the model's own file and tokenizer_config.json,
//   {"format": 1, "tokenizer_class": "MorphoPieceTokenizer", "model_file": "morphopiece.bin",
//    "frame": {"before": [2], "between": [3], "after": [3]},
//    "added_tokens": [{"id": 32000, "content": "<x>", "special": true, ...}]}
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/text/tokenizer.h"
#include "lydia/text/tokenizer_morphopiece.h"

namespace lydia::text {
namespace {

namespace fs = std::filesystem;
using io::Json;

constexpr const char* kConfigName = "tokenizer_config.json";
constexpr int64_t kFormat = 1;

// The kinds of models that load() knows.
struct Kind {
  std::string_view kind;
  std::string_view class_name;
  std::shared_ptr<const TokenizerModel> (*load)(const std::string& path);
};
constexpr Kind kKinds[] = {{"morphopiece", "MorphoPieceTokenizer",
                            [](const std::string& path) -> std::shared_ptr<const TokenizerModel> {
                              return std::make_shared<MorphoPieceAdapter>(MorphoPiece::load(path));
                            }}};

Json::List to_list(const std::vector<int32_t>& ids) {
  Json::List out;
  for (const int32_t id : ids) out.emplace_back(int64_t{id});
  return out;
}

std::vector<int32_t> to_ids(const Json& list) {
  std::vector<int32_t> out;
  for (const Json& id : list.as_list()) {
    const int64_t value = id.as_int();
    LYDIA_CHECK(value == static_cast<int32_t>(value), ValueError, "expected ids of 32 bits, got ",
                value);
    out.push_back(static_cast<int32_t>(value));
  }
  return out;
}

Json to_json_value(const AddedToken& token) {
  return Json::Object{{"id", int64_t{token.id}},  {"content", token.content},
                      {"special", token.special}, {"single_word", token.single_word},
                      {"lstrip", token.lstrip},   {"rstrip", token.rstrip}};
}

bool flag(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value && value->as_bool();
}

void read_config(const Json& config, Tokenizer& tokenizer) {
  std::vector<AddedToken> tokens;
  for (const Json& entry : config.at("added_tokens").as_list()) {
    tokens.push_back({.content = entry.at("content").as_string(),
                      .special = flag(entry, "special"),
                      .single_word = flag(entry, "single_word"),
                      .lstrip = flag(entry, "lstrip"),
                      .rstrip = flag(entry, "rstrip")});
  }
  tokenizer.add_tokens(tokens);
  for (const Json& entry : config.at("added_tokens").as_list()) {
    const std::string& content = entry.at("content").as_string();
    const int64_t id = entry.at("id").as_int();
    LYDIA_CHECK(tokenizer.token_to_id(content) == id, ValueError,
                "expected added tokens to follow the vocabulary, got id ", id, " for \"", content,
                "\"");
  }
  const Json& frame = config.at("frame");
  tokenizer.set_frame({.before = to_ids(frame.at("before")),
                       .between = to_ids(frame.at("between")),
                       .after = to_ids(frame.at("after"))});
}

// The model that a folder's configuration names; "" when there is none.
std::string model_file_of(const fs::path& folder) {
  try {
    const std::string path = (folder / kConfigName).string();
    const io::FileBytes file = io::FileBytes::open(path);
    const Json config = io::parse_json(file.text(), path);
    const std::string& name = config.at("model_file").as_string();
    return fs::path(name).filename() == name ? name : "";
  } catch (const Error&) {
    return "";
  }
}

// f(), whose errors name the configuration and say what helps.
template <class F>
auto reading(const std::string& path, const F& f) {
  try {
    return f();
  } catch (const Error& error) {
    const std::string what = error.what();
    fail<ValueError>(what.starts_with(path) ? "" : path + ": ", what,
                     " (damaged? save the tokenizer or train it again)");
  }
}

struct Config {
  Json json;
  const Kind* kind;
  std::string model_file;
};

Config parse_config(std::string_view text, const std::string& path) {
  Json json = io::parse_json(text, path);
  const int64_t format = json.at("format").as_int();
  LYDIA_CHECK(format == kFormat, ValueError, "expected format ", kFormat, ", got ", format,
              format > kFormat ? ": written by a newer lydia" : "");
  const std::string class_name = json.at("tokenizer_class").as_string();
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const Kind& k) { return k.class_name == class_name; });
  LYDIA_CHECK(kind != std::end(kKinds), ValueError,
              "expected tokenizer_class \"MorphoPieceTokenizer\", got \"", class_name, "\"");
  const std::string name = json.at("model_file").as_string();
  LYDIA_CHECK(fs::path(name).filename() == name && !name.empty(), ValueError,
              "expected the name of a file in the folder as model_file, got \"", name, "\"");
  return {std::move(json), kind, name};
}

Tokenizer load_folder(const fs::path& folder) {
  const std::string path = (folder / kConfigName).string();
  std::error_code error;
  LYDIA_CHECK(fs::exists(path, error), IoError, "tokenizer: expected ", kConfigName,
              " in the folder \"", folder.string(),
              "\", got none (`lydia tokenizer train --output ", folder.string(),
              "` makes a tokenizer there)");
  const io::FileBytes file = io::FileBytes::open(path);
  const Config config = reading(path, [&] { return parse_config(file.text(), path); });
  const std::string model = folder / config.model_file;
  LYDIA_CHECK(fs::exists(model, error), IoError, path, ": expected the model_file it names, \"",
              model, "\", which is not there (save the tokenizer or train it again)");
  Tokenizer tokenizer(config.kind->load(model));
  reading(path, [&] { read_config(config.json, tokenizer); });
  return tokenizer;
}

}  // namespace

Tokenizer Tokenizer::load(const std::string& path) {
  std::error_code error;
  LYDIA_CHECK(fs::exists(path, error), IoError,
              "tokenizer: expected a folder with a tokenizer or a model file, got \"", path,
              "\", which is not there (`lydia tokenizer train --output ", path, "` makes one)");
  if (fs::is_directory(path, error)) return load_folder(path);
  return Tokenizer(kKinds[0].load(path));
}

void Tokenizer::save(const std::string& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  LYDIA_CHECK(!error, IoError, folder, ": the folder could not be made: ", error.message());
  Json::List added;
  for (const AddedToken& token : added_->tokens()) added.push_back(to_json_value(token));
  std::string_view class_name;
  for (const Kind& kind : kKinds)
    if (kind.kind == model_->kind()) class_name = kind.class_name;
  LYDIA_CHECK(!class_name.empty(), NotImplementedError, "tokenizer: saving a model of the kind ",
              model_->kind(), " is not supported");
  const std::string before = model_file_of(folder);
  const std::string model_file = model_->save(folder);
  io::write_file_atomic(
      (fs::path(folder) / kConfigName).string(),
      io::to_json(Json::Object{{"format", kFormat},
                               {"tokenizer_class", std::string(class_name)},
                               {"model_file", model_file},
                               {"frame", Json::Object{{"before", to_list(frame_.before)},
                                                      {"between", to_list(frame_.between)},
                                                      {"after", to_list(frame_.after)}}},
                               {"added_tokens", std::move(added)}}) +
          "\n");
  // Only now is the older model without use.
  if (!before.empty() && before != model_file) fs::remove(fs::path(folder) / before, error);
}

}  // namespace lydia::text
