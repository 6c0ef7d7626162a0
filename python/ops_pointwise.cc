// Elementwise ops: functions, methods, in-place methods and operators.
#include "python/bind.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/pointwise.h"

namespace lydia::python {
namespace {

using Binary = Tensor (*)(const Tensor&, const Tensor&);
using BinaryScalar = Tensor (*)(const Tensor&, Scalar);
using BinaryReversed = Tensor (*)(Scalar, const Tensor&);
using InPlace = const Tensor& (*)(const Tensor&, const Tensor&);
using InPlaceScalar = const Tensor& (*)(const Tensor&, Scalar);

// lydia.<name>(a, b), a.<name>(b) and the operator __<dunder>__, for tensors and numbers.
void def_binary(nb::module_& m, TensorClass& c, const char* name, Binary f, BinaryScalar fs,
                BinaryReversed rs, const char* dunder = nullptr, const char* reversed = nullptr) {
  m.def(name, f, "input"_a, "other"_a);
  m.def(name, fs, "input"_a, "other"_a);
  m.def(name, rs, "input"_a, "other"_a);
  c.def(name, f, "other"_a).def(name, fs, "other"_a);
  if (dunder) c.def(dunder, f, nb::is_operator()).def(dunder, fs, nb::is_operator());
  if (reversed)
    c.def(reversed, [rs](const Tensor& self, Scalar a) { return rs(a, self); }, nb::is_operator());
}

void def_in_place(TensorClass& c, const char* name, InPlace f, InPlaceScalar fs,
                  const char* dunder = nullptr) {
  const auto tensor = [f](nb::handle_t<Tensor> self, const Tensor& other) {
    f(nb::cast<const Tensor&>(self), other);
    return nb::borrow(self);
  };
  const auto scalar = [fs](nb::handle_t<Tensor> self, Scalar other) {
    fs(nb::cast<const Tensor&>(self), other);
    return nb::borrow(self);
  };
  c.def(name, tensor, "other"_a).def(name, scalar, "other"_a);
  if (dunder) c.def(dunder, tensor, nb::is_operator()).def(dunder, scalar, nb::is_operator());
}

#define BINARY(name, ...) def_binary(m, c, #name, name, name, name, __VA_ARGS__);
#define IN_PLACE(name, ...) def_in_place(c, #name "_", name##_, name##_, __VA_ARGS__);
#define UNARY(name)                                                            \
  def_op(m, c, #name, static_cast<Tensor (*)(const Tensor&)>(&name));          \
  c.def(#name "_", [](nb::handle_t<Tensor> self) {                             \
    name##_(nb::cast<const Tensor&>(self));                                    \
    return nb::borrow(self);                                                   \
  });

void register_binary(nb::module_& m, TensorClass& c) {
  BINARY(add, "__add__", "__radd__")
  BINARY(sub, "__sub__", "__rsub__")
  BINARY(mul, "__mul__", "__rmul__")
  BINARY(div, "__truediv__", "__rtruediv__")
  BINARY(eq, "__eq__")
  BINARY(ne, "__ne__")
  BINARY(lt, "__lt__")
  BINARY(le, "__le__")
  BINARY(gt, "__gt__")
  BINARY(ge, "__ge__")
  IN_PLACE(add, "__iadd__")
  IN_PLACE(sub, "__isub__")
  IN_PLACE(mul, "__imul__")
  IN_PLACE(div, "__itruediv__")
}

}  // namespace

void register_ops_pointwise(nb::module_& m, TensorClass& c) {
  register_binary(m, c);
  def_op(m, c, "add", [](const Tensor& a, const Tensor& b, Scalar alpha) { return add(a, b, alpha); },
         "other"_a, nb::kw_only(), "alpha"_a);
  def_op(m, c, "sub", [](const Tensor& a, const Tensor& b, Scalar alpha) { return sub(a, b, alpha); },
         "other"_a, nb::kw_only(), "alpha"_a);
  UNARY(neg)
  UNARY(square)
  UNARY(sqrt)
  UNARY(exp)
  UNARY(log)
  UNARY(tanh)
  UNARY(sigmoid)
  UNARY(relu)
  m.def("_tanh_grad", &tanh_grad, "grad"_a, "output"_a);
  m.def("_sigmoid_grad", &sigmoid_grad, "grad"_a, "output"_a);
  m.def("_relu_grad", &relu_grad, "grad"_a, "output"_a);
  c.def("__neg__", [](const Tensor& x) { return neg(x); });
}

}  // namespace lydia::python
