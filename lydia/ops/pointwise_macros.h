// Short forms for the tables of elementwise ops. Included only by lydia/ops/*.cc.
#pragma once

#include "lydia/ops/autocast.h"
#include "lydia/ops/pointwise.h"

// The three out-of-place and two in-place forms of a binary op; `types(op, t)` gives PointwiseTypes
// from the promoted dtype t, `check(op, t, a, b)` may refuse the second operand.
#define LYDIA_DEFINE_BINARY_CHECKED(name, types, check)        \
  Tensor name(const Tensor& a, const Tensor& b) {              \
    check_defined(#name, a, "input");                          \
    check_defined(#name, b, "other");                          \
    const DType t = result_type(a, b);                         \
    check(#name, t, a, b);                                     \
    return pointwise(Op::name, {&a, &b}, types(#name, t));     \
  }                                                            \
  Tensor name(const Tensor& a, Scalar b) {                     \
    check_defined(#name, a, "input");                          \
    const DType t = result_type(a, b);                         \
    const PointwiseTypes ts = types(#name, t);                 \
    const Tensor w = wrap_operand(b, t, ts, a);                \
    check(#name, t, a, w);                                     \
    return pointwise(Op::name, {&a, &w}, ts);                  \
  }                                                            \
  Tensor name(Scalar a, const Tensor& b) {                     \
    check_defined(#name, b, "other");                          \
    const DType t = result_type(b, a);                         \
    const PointwiseTypes ts = types(#name, t);                 \
    const Tensor w = wrap_operand(a, t, ts, b);                \
    check(#name, t, b, b);                                     \
    return pointwise(Op::name, {&w, &b}, ts);                  \
  }                                                            \
  const Tensor& name##_(const Tensor& self, const Tensor& b) { \
    check_defined(#name, self, "self");                        \
    check_defined(#name, b, "other");                          \
    const DType t = result_type(self, b);                      \
    check(#name, t, self, b);                                  \
    return pointwise_(Op::name, self, {&b}, types(#name, t));  \
  }                                                            \
  const Tensor& name##_(const Tensor& self, Scalar b) {        \
    check_defined(#name, self, "self");                        \
    const DType t = result_type(self, b);                      \
    const PointwiseTypes ts = types(#name, t);                 \
    const Tensor w = wrap_operand(b, t, ts, self);             \
    check(#name, t, self, w);                                  \
    return pointwise_(Op::name, self, {&w}, ts);               \
  }
#define LYDIA_DEFINE_BINARY(name, types) LYDIA_DEFINE_BINARY_CHECKED(name, types, no_check)

#define LYDIA_DEFINE_UNARY(name, types)                                \
  Tensor name(const Tensor& x) {                                       \
    check_defined(#name, x, "input");                                  \
    return pointwise(Op::name, {&x}, types(#name, x.dtype()));         \
  }                                                                    \
  const Tensor& name##_(const Tensor& self) {                          \
    check_defined(#name, self, "self");                                \
    return pointwise_(Op::name, self, {}, types(#name, self.dtype())); \
  }

// A gradient rule in one line. In `body`: g is the upstream gradient, c the context.
#define LYDIA_RULE(name, saves_, ...)                                              \
  const GradRule name##_rule = {                                                   \
      []([[maybe_unused]] const GradContext& c, const Tensors& grads) -> Tensors { \
        [[maybe_unused]] const Tensor& g = grads[0];                               \
        return __VA_ARGS__;                                                        \
      },                                                                           \
      saves_};
// The same for two inputs whose gradients read different values: `reads0` and `reads1`.
#define LYDIA_RULE_BY_INPUT(name, reads0, reads1, ...)                             \
  const GradRule name##_rule = {                                                   \
      []([[maybe_unused]] const GradContext& c, const Tensors& grads) -> Tensors { \
        [[maybe_unused]] const Tensor& g = grads[0];                               \
        return __VA_ARGS__;                                                        \
      },                                                                           \
      (reads0) | (reads1),                                                         \
      {reads0, reads1, 0}};
#define LYDIA_NO_GRAD(name) const GradRule name##_rule = {};

namespace lydia {

// A Python number as an operand of an op on tensors of dtype t: in the dtype that the op computes
// in where t would change its value (200 as int8, 1e-8 as float16), else in t.
Tensor wrap_operand(Scalar value, DType t, PointwiseTypes types, const Tensor& like);

// Dtype rules: what a row computes in and gives, from the promoted dtype of its inputs.
inline PointwiseTypes same_type(const char*, DType t) { return {t, t}; }
inline PointwiseTypes as_float(const char*, DType t) { return {float_type(t), float_type(t)}; }
// The same, and f32 rather than half under autocast.
inline PointwiseTypes as_full_float(const char*, DType t) {
  t = full_precision(float_type(t));
  return {t, t};
}
inline PointwiseTypes to_bool(const char*, DType t) { return {t, DType::Bool}; }
inline void no_check(const char*, DType, const Tensor&, const Tensor&) {}
// Arithmetic that has no meaning on bool.
inline PointwiseTypes no_bool(const char* op, DType t) {
  LYDIA_CHECK(t != DType::Bool, TypeError, op, ": expected a numeric dtype, got bool");
  return {t, t};
}
inline PointwiseTypes only_float(const char* op, DType t) {
  LYDIA_CHECK(is_floating(t), TypeError, op, ": expected a floating-point dtype, got ", t);
  return {t, t};
}
inline PointwiseTypes only_integer(const char* op, DType t) {
  LYDIA_CHECK(is_integral(t), TypeError, op, ": expected an integer dtype, got ", t);
  return {t, t};
}
inline PointwiseTypes only_bits(const char* op, DType t) {
  LYDIA_CHECK(!is_floating(t), TypeError, op, ": expected an integer or bool dtype, got ", t);
  return {t, t};
}

}  // namespace lydia
