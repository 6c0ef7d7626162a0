// A vision transformer in the arrangement and with the parameter names of CLIP's vision tower as
// Hugging Face saves it (Radford et al., "Learning Transferable Visual Models", 2021): patches by a
// strided convolution, a class token, learned positions, blocks normalised before their parts.
#pragma once

#include <string>
#include <vector>

#include "lydia/models/agiformer/config.h"
#include "lydia/nn/containers.h"
#include "lydia/nn/conv.h"
#include "lydia/nn/embedding.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/norm.h"

namespace lydia::models {

class VisionTower final : public nn::Module {
 public:
  explicit VisionTower(const AgiformerConfig& config);
  // [B, 3, image_size, image_size] -> [B, 1 + patches, vision_width]
  Tensor forward(const Tensor& image) override;
  // The weights of a Hugging Face directory (config.json, model.safetensors); they need no
  // gradients from then on. ValueError where its sizes are others than the configuration's.
  void load_clip(const std::string& directory);

 private:
  class Layer;
  class Embeddings;

  const AgiformerConfig& config_;
  Embeddings& embeddings_;
  nn::LayerNorm& pre_norm_;
  std::vector<Layer*> layers_;
  nn::LayerNorm* post_norm_;
};

// What config.json of such a directory says of the vision tower, written into `config`.
void read_clip_config(const std::string& directory, AgiformerConfig& config);

}  // namespace lydia::models
