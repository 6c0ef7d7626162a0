// Elementwise arithmetic and functions of one tensor: functions, methods, in-place methods,
// operators.
#include "lydia/ops/pointwise.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

void register_arithmetic(Module& m, TensorClass& c) {
  LYDIA_PY_BINARY(add, "__add__", "__radd__")
  LYDIA_PY_BINARY(sub, "__sub__", "__rsub__")
  LYDIA_PY_BINARY(mul, "__mul__", "__rmul__")
  LYDIA_PY_BINARY(div, "__truediv__", "__rtruediv__")
  LYDIA_PY_BINARY(floor_divide, "__floordiv__", "__rfloordiv__")
  LYDIA_PY_BINARY(remainder, "__mod__", "__rmod__")
  LYDIA_PY_BINARY(fmod)
  LYDIA_PY_BINARY(pow, "__pow__", "__rpow__", "exponent")
  LYDIA_PY_BINARY(float_power, nullptr, nullptr, "exponent")
  LYDIA_PY_IN_PLACE(add, "__iadd__")
  LYDIA_PY_IN_PLACE(sub, "__isub__")
  LYDIA_PY_IN_PLACE(mul, "__imul__")
  LYDIA_PY_IN_PLACE(div, "__itruediv__")
  LYDIA_PY_IN_PLACE(floor_divide, "__ifloordiv__")
  LYDIA_PY_IN_PLACE(remainder, "__imod__")
  LYDIA_PY_IN_PLACE(fmod)
  LYDIA_PY_IN_PLACE(pow, "__ipow__", "exponent")
  c.def(
      "__divmod__",
      [](const Tensor& a, const Tensor& b) {
        return nb::make_tuple(floor_divide(a, b), remainder(a, b));
      },
      nb::is_operator());
  c.def(
      "__divmod__",
      [](const Tensor& a, Scalar b) { return nb::make_tuple(floor_divide(a, b), remainder(a, b)); },
      nb::is_operator());
  c.def(
      "__rdivmod__",
      [](const Tensor& b, Scalar a) { return nb::make_tuple(floor_divide(a, b), remainder(a, b)); },
      nb::is_operator());
}

// add and sub with alpha=, in and out of place.
template <class F>
void def_scaled(Module& m, TensorClass& c, const char* name, F f) {
  def_op(
      m, c, name, [f](const Tensor& a, const Tensor& b, Scalar alpha) { return f(a, b, alpha); },
      "other"_a, nb::kw_only(), "alpha"_a);
  def_op(
      m, c, name,
      [f](const Tensor& a, Scalar b, Scalar alpha) { return f(a, wrap_scalar(b, a), alpha); },
      "other"_a, nb::kw_only(), "alpha"_a);
}

Rounding to_rounding(const std::optional<std::string>& mode) {
  if (!mode) return Rounding::none;
  LYDIA_CHECK(*mode == "trunc" || *mode == "floor", ValueError,
              "div: expected rounding_mode None, 'trunc' or 'floor', got '", *mode, "'");
  return *mode == "floor" ? Rounding::floor : Rounding::trunc;
}

using Mode = std::optional<std::string>;

void register_div(Module& m, TensorClass& c) {
  def_op(
      m, c, "div",
      [](const Tensor& a, const Tensor& b, Mode mode) { return div(a, b, to_rounding(mode)); },
      "other"_a, nb::kw_only(), "rounding_mode"_a.none());
  def_op(
      m, c, "div",
      [](const Tensor& a, Scalar b, Mode mode) {
        const Rounding rounding = to_rounding(mode);
        return rounding == Rounding::none ? div(a, b) : div(a, wrap_scalar(b, a), rounding);
      },
      "other"_a, nb::kw_only(), "rounding_mode"_a.none());
  c.def(
      "div_",
      [](nb::handle_t<Tensor> self, const Tensor& b, Mode mode) {
        return in_place(
            self, [&](const Tensor& x) { write_inplace("div", x, div(x, b, to_rounding(mode))); });
      },
      "other"_a, nb::kw_only(), "rounding_mode"_a.none());
}

void register_fused(Module& m, TensorClass& c) {
  def_op(m, c, "addcmul", &addcmul, "tensor1"_a, "tensor2"_a, nb::kw_only(), "value"_a = 1);
  def_op(m, c, "addcdiv", &addcdiv, "tensor1"_a, "tensor2"_a, nb::kw_only(), "value"_a = 1);
  const auto in_place_of = [&c](const char* name, auto f) {
    c.def(
        name,
        [f](nb::handle_t<Tensor> self, const Tensor& a, const Tensor& b, Scalar value) {
          return in_place(self, [&](const Tensor& x) { f(x, a, b, value); });
        },
        "tensor1"_a, "tensor2"_a, nb::kw_only(), "value"_a = 1);
  };
  in_place_of("addcmul_", addcmul_);
  in_place_of("addcdiv_", addcdiv_);
  def_op(
      m, c, "lerp", [](const Tensor& a, const Tensor& b, const Tensor& w) { return lerp(a, b, w); },
      "end"_a, "weight"_a);
  def_op(
      m, c, "lerp", [](const Tensor& a, const Tensor& b, Scalar w) { return lerp(a, b, w); },
      "end"_a, "weight"_a);
  c.def(
      "lerp_",
      [](nb::handle_t<Tensor> self, const Tensor& b, const Tensor& w) {
        return in_place(self, [&](const Tensor& x) { lerp_(x, b, w); });
      },
      "end"_a, "weight"_a);
  c.def(
      "lerp_",
      [](nb::handle_t<Tensor> self, const Tensor& b, Scalar w) {
        return in_place(self, [&](const Tensor& x) { lerp_(x, b, w); });
      },
      "end"_a, "weight"_a);
}

void register_unary(Module& m, TensorClass& c) {
  LYDIA_PY_UNARY(neg)
  LYDIA_PY_UNARY(positive)
  LYDIA_PY_UNARY(abs)
  LYDIA_PY_UNARY(sign)
  LYDIA_PY_UNARY(sgn)
  LYDIA_PY_UNARY(square)
  LYDIA_PY_UNARY(sqrt)
  LYDIA_PY_UNARY(rsqrt)
  LYDIA_PY_UNARY(reciprocal)
  LYDIA_PY_UNARY(ceil)
  LYDIA_PY_UNARY(floor)
  LYDIA_PY_UNARY(round)
  LYDIA_PY_UNARY(trunc)
  LYDIA_PY_UNARY(frac)
  LYDIA_PY_UNARY(deg2rad)
  LYDIA_PY_UNARY(rad2deg)
  LYDIA_PY_UNARY(exp)
  LYDIA_PY_UNARY(exp2)
  LYDIA_PY_UNARY(expm1)
  LYDIA_PY_UNARY(log)
  LYDIA_PY_UNARY(log2)
  LYDIA_PY_UNARY(log10)
  LYDIA_PY_UNARY(log1p)
  LYDIA_PY_UNARY(sin)
  LYDIA_PY_UNARY(cos)
  LYDIA_PY_UNARY(tan)
  LYDIA_PY_UNARY(asin)
  LYDIA_PY_UNARY(acos)
  LYDIA_PY_UNARY(atan)
  LYDIA_PY_UNARY(sinh)
  LYDIA_PY_UNARY(cosh)
  LYDIA_PY_UNARY(tanh)
  LYDIA_PY_UNARY(asinh)
  LYDIA_PY_UNARY(acosh)
  LYDIA_PY_UNARY(atanh)
  LYDIA_PY_UNARY(sigmoid)
  LYDIA_PY_UNARY(relu)
  def_op(
      m, c, "round", [](const Tensor& x, int decimals) { return round(x, decimals); },
      nb::kw_only(), "decimals"_a);
  c.def(
      "round_",
      [](nb::handle_t<Tensor> self, int decimals) {
        return in_place(self,
                        [&](const Tensor& x) { write_inplace("round", x, round(x, decimals)); });
      },
      nb::kw_only(), "decimals"_a);
  c.def("__neg__", [](const Tensor& x) { return neg(x); });
  c.def("__pos__", [](const Tensor& x) { return positive(x); });
  c.def("__abs__", [](const Tensor& x) { return abs(x); });
}

}  // namespace

void register_ops_pointwise(Module& m, TensorClass& c) {
  register_arithmetic(m, c);
  def_scaled(m, c, "add", [](const Tensor& a, const Tensor& b, Scalar k) { return add(a, b, k); });
  def_scaled(m, c, "sub", [](const Tensor& a, const Tensor& b, Scalar k) { return sub(a, b, k); });
  const auto scaled_in_place = [&c](const char* name, auto f) {
    c.def(
        name,
        [f](nb::handle_t<Tensor> self, const Tensor& b, Scalar alpha) {
          return in_place(self, [&](const Tensor& x) { f(x, b, alpha); });
        },
        "other"_a, nb::kw_only(), "alpha"_a);
  };
  scaled_in_place("add_", [](const Tensor& x, const Tensor& b, Scalar k) { add_(x, b, k); });
  scaled_in_place("sub_", [](const Tensor& x, const Tensor& b, Scalar k) { sub_(x, b, k); });
  register_div(m, c);
  register_fused(m, c);
  register_unary(m, c);
  for (auto [alias, name] : {std::pair{"multiply", "mul"},
                             {"subtract", "sub"},
                             {"divide", "div"},
                             {"true_divide", "div"},
                             {"negative", "neg"},
                             {"absolute", "abs"},
                             {"fix", "trunc"},
                             {"arcsin", "asin"},
                             {"arccos", "acos"},
                             {"arctan", "atan"},
                             {"arcsinh", "asinh"},
                             {"arccosh", "acosh"},
                             {"arctanh", "atanh"}})
    def_alias(m, c, alias, name);
}

}  // namespace lydia::python
