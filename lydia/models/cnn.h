// A small convolutional network for small pictures: stages of two 3x3 convolutions, each with batch
// normalisation and ReLU, halved in size between stages; then the mean over the picture.
#pragma once

#include <cstdint>
#include <vector>

#include "lydia/nn/containers.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/module.h"

namespace lydia::models {

struct CnnOptions {
  int64_t channels = 1, classes = 10;
  std::vector<int64_t> widths = {32, 64, 128};  // channels of each stage
  double dropout = 0.2;                         // before the last layer
};

// [batch, channels, height, width] -> logits [batch, classes]
class Cnn final : public nn::Module {
 public:
  explicit Cnn(const CnnOptions& options);
  Tensor forward(const Tensor& x) override;

 private:
  double dropout_;
  nn::ModuleList& stages_;
  nn::Linear& head_;
};

}  // namespace lydia::models
