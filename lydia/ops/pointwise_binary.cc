// Elementwise arithmetic of two tensors: promotion and gradient rules.
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_BINARY(add, same_type)
LYDIA_DEFINE_BINARY(sub, no_bool)
LYDIA_DEFINE_BINARY(mul, same_type)
LYDIA_DEFINE_BINARY(div, as_float)

LYDIA_RULE(add, 0, {g, g})
LYDIA_RULE(sub, 0, {g, c.needs(1) ? neg(g) : Tensor()})
LYDIA_RULE_BY_INPUT(mul, kIn(1), kIn(0),
           {c.needs(0) ? mul(g, c.in(1)) : Tensor(), c.needs(1) ? mul(g, c.in(0)) : Tensor()})
LYDIA_RULE_BY_INPUT(div, kIn(1), kIn(0) | kIn(1),
           {c.needs(0) ? div(g, c.in(1)) : Tensor(),
            c.needs(1) ? neg(div(mul(g, c.in(0)), square(c.in(1)))) : Tensor()})
LYDIA_RULE(add_scaled, 0,
           {g, c.needs(1) ? mul(g, c.attrs<PointwiseAttrs>().values[0]) : Tensor()})

namespace {

void check_alpha(const char* op, DType t, Scalar alpha) {
  LYDIA_CHECK(is_floating(t) || !alpha.is_float(), TypeError, op,
              ": expected an integer alpha for tensors of ", t, ", got ", alpha);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, Scalar alpha) {
  if (alpha.to<double>() == 1.0) return add(a, b);
  check_defined("add", a, "input");
  check_defined("add", b, "other");
  const DType t = result_type(a, b);
  check_alpha("add", t, alpha);
  return pointwise(Op::add_scaled, {&a, &b}, {t, t}, {alpha.to<double>()});
}

Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha) {
  if (alpha.to<double>() == 1.0) return sub(a, b);
  check_alpha("sub", result_type(a, b), alpha);
  return add(a, b, alpha.is_float() ? Scalar(-alpha.to<double>()) : Scalar(-alpha.to<int64_t>()));
}

const Tensor& add_(const Tensor& self, const Tensor& b, Scalar alpha) {
  if (alpha.to<double>() == 1.0) return add_(self, b);
  check_defined("add_", self, "self");
  check_defined("add_", b, "other");
  const DType t = result_type(self, b);
  check_alpha("add_", t, alpha);
  return pointwise_(Op::add_scaled, self, {&b}, {t, t}, {alpha.to<double>()});
}

const Tensor& sub_(const Tensor& self, const Tensor& b, Scalar alpha) {
  if (alpha.to<double>() == 1.0) return sub_(self, b);
  return add_(self, b, alpha.is_float() ? Scalar(-alpha.to<double>()) : Scalar(-alpha.to<int64_t>()));
}

}  // namespace lydia
