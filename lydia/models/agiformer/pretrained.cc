#include "lydia/models/agiformer/pretrained.h"

#include <algorithm>
#include <filesystem>

#include "lydia/core/error.h"
#include "lydia/core/version.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/json.h"
#include "lydia/nn/serialize.h"

namespace lydia::models {
namespace {

namespace fs = std::filesystem;
using io::Json;

constexpr const char* kType = "agiformer";

void write_json(const std::string& path, const Json& value) {
  io::AtomicFile file(path);
  file.write(io::to_json(value) + "\n");
  file.commit();
}

Json read_json(const std::string& path) {
  return io::parse_json(io::FileBytes::open(path).text(), path);
}

}  // namespace

void save_pretrained(const Agiformer& model, const std::string& directory,
                     const GenerationOptions& o) {
  std::error_code error;
  fs::create_directories(directory, error);
  LYDIA_CHECK(!error, IoError, "save_pretrained: ", directory, ": ", error.message());
  Json::Object config{{"model_type", kType},
                      {"architectures", Json::List{"AGIFORMER"}},
                      {"lydia_version", std::string(version())}};
  for (auto& member : to_json(model.config)) config.push_back(std::move(member));
  write_json(directory + "/config.json", config);
  write_json(directory + "/generation_config.json",
             Json::Object{{"max_new_tokens", o.max_new_tokens},
                          {"temperature", o.temperature},
                          {"top_k", o.top_k},
                          {"top_p", o.top_p},
                          {"repetition_penalty", o.repetition_penalty},
                          {"eos_token_id", o.eos < 0 ? Json() : Json(o.eos)}});
  const std::string tokenizer = directory + "/tokenizer_config.json";
  if (!fs::exists(tokenizer))
    write_json(tokenizer,
               Json::Object{{"tokenizer_class", "bytes"}, {"vocab_size", model.config.vocab_size}});
  nn::save_model(model, directory + "/model.safetensors", {{"format", "pt"}});
}

std::unique_ptr<Agiformer> load_pretrained(const std::string& directory) {
  const std::string path = directory + "/config.json";
  const Json json = read_json(path);
  const Json* type = json.find("model_type");
  const Json* const name =
      type && std::holds_alternative<std::string>(type->value) ? type : nullptr;
  LYDIA_CHECK(name && name->as_string() == kType, ValueError, path,
              ": expected model_type \"agiformer\", got ",
              name ? "\"" + name->as_string() + "\"" : "none", "; this is another architecture");
  Json::Object members;
  for (const auto& [key, value] : json.as_object())
    if (key != "model_type" && key != "architectures" && key != "lydia_version")
      members.emplace_back(key, value);
  auto model = std::make_unique<Agiformer>(agiformer_config(members));
  try {
    nn::load_model(*model, directory + "/model.safetensors");
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {
    fail<ValueError>(directory, ": the weights do not fit config.json: ", error.what());
  }
  if (model->config.vision_tower == "clip") model->freeze_vision();
  model->eval();
  return model;
}

GenerationOptions load_generation_config(const std::string& directory) {
  GenerationOptions o;
  const std::string path = directory + "/generation_config.json";
  if (!fs::exists(path)) return o;
  const Json json = read_json(path);
  LYDIA_CHECK(std::holds_alternative<Json::Object>(json.value), ValueError, path,
              ": expected an object, got ", json.kind());
  const auto value = [&](const char* name) -> const Json* {
    const Json* found = json.find(name);
    return found && !found->is_null() ? found : nullptr;
  };
  if (const Json* v = value("max_new_tokens")) o.max_new_tokens = v->as_int();
  if (const Json* v = value("temperature")) o.temperature = v->as_double();
  if (const Json* v = value("top_k")) o.top_k = v->as_int();
  if (const Json* v = value("top_p")) o.top_p = v->as_double();
  if (const Json* v = value("repetition_penalty")) o.repetition_penalty = v->as_double();
  if (const Json* v = value("eos_token_id")) o.eos = v->as_int();
  return o;
}

}  // namespace lydia::models
