// Normalisations along rows: softmax, log_softmax, layer_norm, rms_norm.
#include "lydia/ops/layer_norm.h"
#include "lydia/ops/rms_norm.h"
#include "lydia/ops/softmax.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

Tensor or_undefined(const std::optional<Tensor>& t) { return t.value_or(Tensor()); }

}  // namespace

void register_ops_norm(Module& m, TensorClass& c) {
  def_op(m, c, "softmax", &softmax, "dim"_a, "dtype"_a = nb::none());
  def_op(m, c, "log_softmax", &log_softmax, "dim"_a, "dtype"_a = nb::none());
  m.def(
      "layer_norm",
      [](const Tensor& x, const Dims& shape, const std::optional<Tensor>& weight,
         const std::optional<Tensor>& bias, double eps) {
        return layer_norm(x, shape, or_undefined(weight), or_undefined(bias), eps);
      },
      "input"_a, "normalized_shape"_a, "weight"_a = nb::none(), "bias"_a = nb::none(),
      "eps"_a = 1e-5);
  m.def(
      "rms_norm",
      [](const Tensor& x, const Dims& shape, const std::optional<Tensor>& weight,
         std::optional<double> eps) { return rms_norm(x, shape, or_undefined(weight), eps); },
      "input"_a, "normalized_shape"_a, "weight"_a = nb::none(), "eps"_a = nb::none());
}

}  // namespace lydia::python
