#include "cli/model_folder.h"

#include <filesystem>

#include "lydia/core/error.h"

namespace lydia::cli {

ModelFolder open_model(const std::string& given) {
  namespace fs = std::filesystem;
  const bool run = !fs::exists(given + "/config.json") && fs::exists(given + "/model/config.json");
  ModelFolder out{run ? given + "/model" : given, nullptr, {}};
  out.model = models::load_pretrained(out.path);
  out.generation = models::load_generation_config(out.path);
  LYDIA_CHECK(out.model->config.vocab_size == 256, ValueError, out.path,
              ": expected a model over bytes (vocab_size 256), got a vocabulary of ",
              out.model->config.vocab_size);
  return out;
}

Tensor ModelFolder::encode(const std::string& text) const {
  const Tensor ids = empty({1, static_cast<int64_t>(text.size())}, DType::I64);
  for (size_t i = 0; i < text.size(); ++i)
    ids.data<int64_t>()[i] = static_cast<unsigned char>(text[i]);
  return ids;
}

std::string ModelFolder::decode(const std::vector<int64_t>& ids) const {
  std::string out;
  for (const int64_t id : ids) out += static_cast<char>(id);
  return out;
}

}  // namespace lydia::cli
