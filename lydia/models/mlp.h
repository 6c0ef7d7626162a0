// A multilayer perceptron: linear layers with ReLU and dropout between them.
#pragma once

#include <cstdint>
#include <vector>

#include "lydia/nn/linear.h"
#include "lydia/nn/module.h"

namespace lydia::models {

struct MlpOptions {
  int64_t inputs = 784, classes = 10;
  std::vector<int64_t> hidden = {256, 128};
  double dropout = 0;
};

// [batch, ...] with `inputs` values each -> logits [batch, classes]. Layers are named 0, 1, ...
class Mlp final : public nn::Module {
 public:
  explicit Mlp(const MlpOptions& options);
  Tensor forward(const Tensor& x) override;

 private:
  std::vector<nn::Linear*> layers_;
  double dropout_;
};

}  // namespace lydia::models
