// Matrix products.
#include "lydia/ops/linear.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/matmul_integer.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

// A function of its own: inlined into the binding it makes g++ warn of a member never set.
[[gnu::noinline]] Tensor linear_or_none(const Tensor& x, const Tensor& weight,
                                        const std::optional<Tensor>& bias) {
  return linear(x, weight, bias ? *bias : Tensor());
}

}  // namespace

void register_ops_matmul(Module& m, TensorClass& c) {
  def_op(m, c, "matmul", &matmul, "other"_a);
  m.def(
      "matmul",
      [](const Tensor& a, const Tensor& b, nb::handle_t<Tensor> out) {
        return write_out("matmul", out, matmul(a, b));
      },
      "input"_a, "other"_a, nb::kw_only(), "out"_a);
  c.def("__matmul__", &matmul, nb::is_operator());
  def_op(m, c, "matmul_integer", &matmul_integer, "other"_a);
  m.def("linear", &linear_or_none, "input"_a, "weight"_a, "bias"_a = nb::none());
}

}  // namespace lydia::python
