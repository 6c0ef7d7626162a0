// A saved AGIFORMER and its vocabulary, for the commands that use one.
#pragma once

#include <memory>
#include <string>

#include "lydia/models/agiformer/pretrained.h"

namespace lydia::cli {

struct ModelFolder {
  std::string path;
  std::unique_ptr<models::Agiformer> model;
  models::GenerationOptions generation;

  // Token ids of a text, [1, n], and back. Without a tokenizer a token is a byte.
  Tensor encode(const std::string& text) const;
  std::string decode(const std::vector<int64_t>& ids) const;
};

// The directory itself, or the model/ of a training run. ValueError for one that needs another
// tokenizer than bytes.
ModelFolder open_model(const std::string& path);

}  // namespace lydia::cli
