// Linear, Bilinear.
#include "lydia/nn/linear.h"

#include <cmath>

#include "lydia/nn/init.h"
#include "lydia/nn/text.h"
#include "lydia/ops/einsum.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/pointwise.h"

namespace lydia::nn {

Linear::Linear(int64_t in, int64_t out, bool with_bias)
    : in_features(in), out_features(out), bias(parameter("bias", {out_features}, with_bias)) {
  reset_parameters();
}

void Linear::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
  init::uniform_(bias, -bound, bound);
}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return text("in_features=", in_features, ", out_features=", out_features,
              ", bias=", python_bool(bias.defined()));
}

Bilinear::Bilinear(int64_t in1, int64_t in2, int64_t out, bool with_bias)
    : in1_features(in1),
      in2_features(in2),
      out_features(out),
      bias(parameter("bias", {out_features}, with_bias)) {
  reset_parameters();
}

void Bilinear::reset_parameters() {
  const double bound = in1_features > 0 ? 1 / std::sqrt(static_cast<double>(in1_features)) : 0;
  init::uniform_(weight, -bound, bound);
  if (bias.defined()) init::uniform_(bias, -bound, bound);
}

Tensor Bilinear::forward(const Tensor& a, const Tensor& b) {
  const Tensor y = einsum("...i,oij,...j->...o", {a, weight, b});
  return bias.defined() ? add(y, bias) : y;
}

std::string Bilinear::extra_repr() const {
  return text("in1_features=", in1_features, ", in2_features=", in2_features,
              ", out_features=", out_features, ", bias=", python_bool(bias.defined()));
}

}  // namespace lydia::nn
