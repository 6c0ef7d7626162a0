// Elementwise ops: out[i] = f(a[i], b[i], ...) with NumPy broadcasting and PyTorch's promotion.
//
// A Scalar operand never widens the dtype within its category (float32 * 2.5 stays float32), nor
// does a 0-d tensor beside one with dimensions. Each function has an in-place form.
#pragma once

#include <optional>

#include "lydia/ops/op.h"

namespace lydia {

struct PointwiseAttrs {
  DType compute;          // what the row computes in
  DType result;           // what the row gives: compute, or bool
  bool mask_first = false;  // input 0 is a bool mask (where)
  double values[3] = {0, 0, 0};
};

// PyTorch's result_type of two tensors, or a tensor and a number.
DType result_type(const Tensor& a, const Tensor& b);
DType result_type(const Tensor& a, Scalar b);
// The floating dtype an op such as exp or true division works in: `t` if floating, else the default.
DType float_type(DType t);
// `value` as a 0-d tensor beside `like`, of the dtype PyTorch would compute in.
Tensor wrap_scalar(Scalar value, const Tensor& like);

// Runs pointwise op `op`: broadcasts, makes the output of `result` dtype, computes in `compute`.
struct PointwiseTypes {
  DType compute, result;
};
Tensor pointwise(Op op, std::initializer_list<const Tensor*> in, PointwiseTypes types,
                 std::initializer_list<double> values = {});
// In-place form: op computed on `self` and written back to it, by the rules of inplace.h. TypeError
// where the result's dtype can't be cast to self's.
const Tensor& pointwise_(Op op, const Tensor& self, std::initializer_list<const Tensor*> others,
                         PointwiseTypes types, std::initializer_list<double> values = {});

#define LYDIA_BINARY(name)                                   \
  Tensor name(const Tensor& a, const Tensor& b);             \
  Tensor name(const Tensor& a, Scalar b);                    \
  Tensor name(Scalar a, const Tensor& b);                    \
  const Tensor& name##_(const Tensor& self, const Tensor& b); \
  const Tensor& name##_(const Tensor& self, Scalar b);
#define LYDIA_UNARY(name)        \
  Tensor name(const Tensor& x); \
  const Tensor& name##_(const Tensor& self);

// a + alpha * b, a - alpha * b
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha);
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha);
const Tensor& add_(const Tensor& self, const Tensor& b, Scalar alpha);
const Tensor& sub_(const Tensor& self, const Tensor& b, Scalar alpha);
LYDIA_BINARY(add)
LYDIA_BINARY(sub)
LYDIA_BINARY(mul)
LYDIA_BINARY(div)  // true division: integers give the default float dtype
LYDIA_BINARY(eq)
LYDIA_BINARY(ne)
LYDIA_BINARY(lt)
LYDIA_BINARY(le)
LYDIA_BINARY(gt)
LYDIA_BINARY(ge)

LYDIA_UNARY(neg)
LYDIA_UNARY(square)
LYDIA_UNARY(sqrt)
LYDIA_UNARY(exp)
LYDIA_UNARY(log)
LYDIA_UNARY(tanh)
LYDIA_UNARY(sigmoid)
LYDIA_UNARY(relu)

#define LYDIA_OPERATOR(symbol, name)                                                     \
  inline Tensor operator symbol(const Tensor& a, const Tensor& b) { return name(a, b); } \
  inline Tensor operator symbol(const Tensor& a, Scalar b) { return name(a, b); }        \
  inline Tensor operator symbol(Scalar a, const Tensor& b) { return name(a, b); }
LYDIA_OPERATOR(+, add)
LYDIA_OPERATOR(-, sub)
LYDIA_OPERATOR(*, mul)
LYDIA_OPERATOR(/, div)
inline Tensor operator-(const Tensor& x) { return neg(x); }
#undef LYDIA_OPERATOR

}  // namespace lydia
