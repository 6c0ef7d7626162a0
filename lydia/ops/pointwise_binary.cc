// Elementwise arithmetic of two tensors: promotion and gradient rules.
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_BINARY(add, same_type)
LYDIA_DEFINE_BINARY(sub, no_bool)
LYDIA_DEFINE_BINARY(mul, same_type)
LYDIA_DEFINE_BINARY(div, as_float)

LYDIA_RULE(add, 0, {g, g})
LYDIA_RULE(sub, 0, {g, c.needs(1) ? neg(g) : Tensor()})
LYDIA_RULE_BY_INPUT(mul, kIn(1), kIn(0),
                    {c.needs(0) ? mul(g, c.in(1)) : Tensor(),
                     c.needs(1) ? mul(g, c.in(0)) : Tensor()})
LYDIA_RULE_BY_INPUT(div, kIn(1), kIn(0) | kIn(1),
                    {c.needs(0) ? div(g, c.in(1)) : Tensor(),
                     c.needs(1) ? neg(div(mul(g, c.in(0)), square(c.in(1)))) : Tensor()})
LYDIA_RULE(add_scaled, 0, {g, c.needs(1) ? mul(g, c.attrs<PointwiseAttrs>().values[0]) : Tensor()})

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
  return add_(self, b,
              alpha.is_float() ? Scalar(-alpha.to<double>()) : Scalar(-alpha.to<int64_t>()));
}

namespace {

// a + value * f(b, c): the dtype of all three, with `value` an integer where that is one.
PointwiseTypes types_of_three(const char* op, const Tensor& a, const Tensor& b, const Tensor& c,
                              Scalar value) {
  check_defined(op, a, "input");
  check_defined(op, b, "tensor1");
  check_defined(op, c, "tensor2");
  const DType t = promote_types(result_type(a, b), result_type(a, c));
  LYDIA_CHECK(is_floating(t) || !value.is_float(), TypeError, op,
              ": expected an integer value for tensors of ", t, ", got ", value);
  return no_bool(op, t);
}

PointwiseTypes addcdiv_types(const Tensor& a, const Tensor& b, const Tensor& c, Scalar value) {
  return only_float("addcdiv", types_of_three("addcdiv", a, b, c, value).compute);
}

double value_of(const GradContext& c) { return c.attrs<PointwiseAttrs>().values[0]; }

}  // namespace

Tensor addcmul(const Tensor& a, const Tensor& b, const Tensor& c, Scalar value) {
  return pointwise(Op::addcmul, {&a, &b, &c}, types_of_three("addcmul", a, b, c, value),
                   {value.to<double>()});
}
const Tensor& addcmul_(const Tensor& self, const Tensor& b, const Tensor& c, Scalar value) {
  return pointwise_(Op::addcmul, self, {&b, &c}, types_of_three("addcmul", self, b, c, value),
                    {value.to<double>()});
}
Tensor addcdiv(const Tensor& a, const Tensor& b, const Tensor& c, Scalar value) {
  return pointwise(Op::addcdiv, {&a, &b, &c}, addcdiv_types(a, b, c, value), {value.to<double>()});
}
const Tensor& addcdiv_(const Tensor& self, const Tensor& b, const Tensor& c, Scalar value) {
  return pointwise_(Op::addcdiv, self, {&b, &c}, addcdiv_types(self, b, c, value),
                    {value.to<double>()});
}
LYDIA_RULE(addcmul, kIn(1) | kIn(2),
           {g, c.needs(1) ? mul(mul(g, c.in(2)), value_of(c)) : Tensor(),
            c.needs(2) ? mul(mul(g, c.in(1)), value_of(c)) : Tensor()})
LYDIA_RULE(addcdiv, kIn(1) | kIn(2),
           {g, c.needs(1) ? mul(div(g, c.in(2)), value_of(c)) : Tensor(),
            c.needs(2) ? mul(div(mul(g, c.in(1)), square(c.in(2))), -value_of(c)) : Tensor()})

namespace {

PointwiseTypes lerp_types(const Tensor& a, const Tensor& b, const Tensor& w) {
  check_defined("lerp", a, "input");
  check_defined("lerp", b, "end");
  check_defined("lerp", w, "weight");
  return only_float("lerp", promote_types(result_type(a, b), result_type(a, w)));
}

}  // namespace

Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& w) {
  return pointwise(Op::lerp, {&a, &b, &w}, lerp_types(a, b, w));
}
Tensor lerp(const Tensor& a, const Tensor& b, Scalar w) {
  check_defined("lerp", a, "input");
  return lerp(a, b, wrap_scalar(w, a));
}
const Tensor& lerp_(const Tensor& self, const Tensor& b, const Tensor& w) {
  return pointwise_(Op::lerp, self, {&b, &w}, lerp_types(self, b, w));
}
const Tensor& lerp_(const Tensor& self, const Tensor& b, Scalar w) {
  check_defined("lerp", self, "self");
  return lerp_(self, b, wrap_scalar(w, self));
}
LYDIA_RULE(lerp, kIn(0) | kIn(1) | kIn(2),
           {c.needs(0) ? mul(g, 1 - c.in(2)) : Tensor(), c.needs(1) ? mul(g, c.in(2)) : Tensor(),
            c.needs(2) ? mul(g, sub(c.in(1), c.in(0))) : Tensor()})

}  // namespace lydia
