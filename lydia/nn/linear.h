// Layers that are matrix products, by torch.nn's names, arguments and first values.
#pragma once

#include "lydia/nn/module.h"

namespace lydia::nn {

// y = x Wᵀ + b: x [..., in] -> [..., out]; weight [out, in], bias [out].
class Linear : public Module {
 public:
  Linear(int64_t in_features, int64_t out_features, bool bias = true);
  Tensor forward(const Tensor& x) override;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t in_features, out_features;
  Tensor& weight = parameter("weight", {out_features, in_features});
  Tensor& bias;
};

// y_k = aᵀ W_k b + bias_k: a [..., in1], b [..., in2] -> [..., out]; weight [out, in1, in2].
class Bilinear : public Module {
 public:
  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features, bool bias = true);
  using Module::forward;
  Tensor forward(const Tensor& a, const Tensor& b);
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t in1_features, in2_features, out_features;
  Tensor& weight = parameter("weight", {out_features, in1_features, in2_features});
  Tensor& bias;
};

class Identity : public Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};

}  // namespace lydia::nn
