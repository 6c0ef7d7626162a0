// Helpers of the elementwise binding files: functions with out=, methods, in-place methods,
// operators and aliases.
#pragma once

#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise.h"
#include "python/bind.h"

namespace lydia::python {

using Unary = Tensor (*)(const Tensor&);
using UnaryInPlace = const Tensor& (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
using BinaryScalar = Tensor (*)(const Tensor&, Scalar);
using BinaryReversed = Tensor (*)(Scalar, const Tensor&);
using InPlace = const Tensor& (*)(const Tensor&, const Tensor&);
using InPlaceScalar = const Tensor& (*)(const Tensor&, Scalar);

// Runs `write` on the tensor behind `self` and returns the same Python object.
template <class F>
nb::object in_place(nb::handle_t<Tensor> self, F&& write) {
  write(nb::cast<const Tensor&>(self));
  return nb::borrow(self);
}

// `result` written into the tensor given as out=, whose shape must be right.
nb::object write_out(const char* op, nb::handle_t<Tensor> out, const Tensor& result);

// lydia.<name>(input, *, out), Tensor.<name>() and Tensor.<name>_().
void def_unary(Module& m, TensorClass& c, const char* name, Unary f,
               UnaryInPlace in_place = nullptr);

// lydia.<name>(a, b, *, out), a.<name>(b) and the operators, for tensors and numbers. `second` is
// torch's name of the second argument.
void def_binary(Module& m, TensorClass& c, const char* name, Binary f, BinaryScalar fs,
                BinaryReversed rs, const char* dunder = nullptr, const char* reversed = nullptr,
                const char* second = "other");
void def_in_place(TensorClass& c, const char* name, InPlace f, InPlaceScalar fs,
                  const char* dunder = nullptr, const char* second = "other");

// The same function and method, and in-place method where there is one, by another name.
void def_alias(Module& m, TensorClass& c, const char* alias, const char* name);

// LYDIA_PY_BINARY(add, "__add__", "__radd__"): all forms of a LYDIA_BINARY op.
#define LYDIA_PY_BINARY(name, ...) def_binary(m, c, #name, name, name, name, ##__VA_ARGS__);
#define LYDIA_PY_IN_PLACE(name, ...) def_in_place(c, #name "_", name##_, name##_, ##__VA_ARGS__);
#define LYDIA_PY_UNARY(name) def_unary(m, c, #name, name, name##_);

}  // namespace lydia::python
