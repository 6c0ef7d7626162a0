// Comparisons, logic, bits, predicates, choosing: functions, methods, in-place methods, operators.
#include "lydia/ops/copy.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/pointwise.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

void register_comparisons(Module& m, TensorClass& c) {
  LYDIA_PY_BINARY(eq, "__eq__")
  LYDIA_PY_BINARY(ne, "__ne__")
  LYDIA_PY_BINARY(lt, "__lt__")
  LYDIA_PY_BINARY(le, "__le__")
  LYDIA_PY_BINARY(gt, "__gt__")
  LYDIA_PY_BINARY(ge, "__ge__")
  LYDIA_PY_IN_PLACE(eq)
  LYDIA_PY_IN_PLACE(ne)
  LYDIA_PY_IN_PLACE(lt)
  LYDIA_PY_IN_PLACE(le)
  LYDIA_PY_IN_PLACE(gt)
  LYDIA_PY_IN_PLACE(ge)
  for (auto [alias, name] : {std::pair{"not_equal", "ne"},
                             {"less", "lt"},
                             {"less_equal", "le"},
                             {"greater", "gt"},
                             {"greater_equal", "ge"}})
    def_alias(m, c, alias, name);
  const auto close = [&](const char* name, auto f) {
    def_op(m, c, name, f, "other"_a, "rtol"_a = 1e-5, "atol"_a = 1e-8, "equal_nan"_a = false);
  };
  close("isclose", &isclose);
  close("allclose", &allclose);
  def_op(m, c, "equal", &equal, "other"_a);
}

void register_logic(Module& m, TensorClass& c) {
  LYDIA_PY_BINARY(logical_and)
  LYDIA_PY_BINARY(logical_or)
  LYDIA_PY_BINARY(logical_xor)
  LYDIA_PY_IN_PLACE(logical_and)
  LYDIA_PY_IN_PLACE(logical_or)
  LYDIA_PY_IN_PLACE(logical_xor)
  LYDIA_PY_UNARY(logical_not)
  LYDIA_PY_BINARY(bitwise_and, "__and__", "__rand__")
  LYDIA_PY_BINARY(bitwise_or, "__or__", "__ror__")
  LYDIA_PY_BINARY(bitwise_xor, "__xor__", "__rxor__")
  LYDIA_PY_IN_PLACE(bitwise_and, "__iand__")
  LYDIA_PY_IN_PLACE(bitwise_or, "__ior__")
  LYDIA_PY_IN_PLACE(bitwise_xor, "__ixor__")
  LYDIA_PY_UNARY(bitwise_not)
  c.def("__invert__", [](const Tensor& x) { return bitwise_not(x); });
  def_binary(m, c, "bitwise_left_shift", left_shift, left_shift, left_shift, "__lshift__",
             "__rlshift__");
  def_binary(m, c, "bitwise_right_shift", right_shift, right_shift, right_shift, "__rshift__",
             "__rrshift__");
  def_in_place(c, "bitwise_left_shift_", left_shift_, left_shift_, "__ilshift__");
  def_in_place(c, "bitwise_right_shift_", right_shift_, right_shift_, "__irshift__");
  def_unary(m, c, "isnan", isnan);
  def_unary(m, c, "isinf", isinf);
  def_unary(m, c, "isfinite", isfinite);
  def_unary(m, c, "isposinf", isposinf);
  def_unary(m, c, "isneginf", isneginf);
  def_unary(m, c, "signbit", signbit);
}

void register_where(Module& m, TensorClass& c) {
  using TT = Tensor (*)(const Tensor&, const Tensor&, const Tensor&);
  using TS = Tensor (*)(const Tensor&, const Tensor&, Scalar);
  using ST = Tensor (*)(const Tensor&, Scalar, const Tensor&);
  using SS = Tensor (*)(const Tensor&, Scalar, Scalar);
  m.def("where", TT(&where), "condition"_a, "input"_a, "other"_a);
  m.def("where", TS(&where), "condition"_a, "input"_a, "other"_a);
  m.def("where", ST(&where), "condition"_a, "input"_a, "other"_a);
  m.def("where", SS(&where), "condition"_a, "input"_a, "other"_a);
  m.def(
      "where", [](const Tensor& mask) { return nb::tuple(nb::cast(nonzero_tuple(mask))); },
      "condition"_a);
  c.def(
      "where",
      [](const Tensor& x, const Tensor& mask, const Tensor& b) { return where(mask, x, b); },
      "condition"_a, "other"_a);
  c.def(
      "where", [](const Tensor& x, const Tensor& mask, Scalar b) { return where(mask, x, b); },
      "condition"_a, "other"_a);
  def_op(m, c, "masked_fill", TT(&masked_fill), "mask"_a, "value"_a);
  def_op(m, c, "masked_fill", TS(&masked_fill), "mask"_a, "value"_a);
  c.def(
      "masked_fill_",
      [](nb::handle_t<Tensor> self, const Tensor& mask, const Tensor& value) {
        return in_place(self, [&](const Tensor& x) { masked_fill_(x, mask, value); });
      },
      "mask"_a, "value"_a);
  c.def(
      "masked_fill_",
      [](nb::handle_t<Tensor> self, const Tensor& mask, Scalar value) {
        return in_place(self, [&](const Tensor& x) { masked_fill_(x, mask, value); });
      },
      "mask"_a, "value"_a);
}

// A bound of clamp: None, a number, or a tensor.
struct ClampBounds {
  ClampBounds(nb::handle lo, nb::handle hi)
      : tensors(nb::isinstance<Tensor>(lo) || nb::isinstance<Tensor>(hi)) {
    if (!lo.is_none()) low = lo;
    if (!hi.is_none()) high = hi;
  }
  static Bound number(nb::handle value) {
    return value.is_valid() ? Bound(to_scalar(value)) : std::nullopt;
  }
  static Tensor tensor(nb::handle value, const Tensor& like) {
    if (!value.is_valid()) return {};
    if (nb::isinstance<Tensor>(value)) return nb::cast<Tensor>(value);
    return wrap_scalar(to_scalar(value), like);
  }
  nb::handle low, high;
  bool tensors;
};

Tensor clamp_any(const Tensor& x, nb::handle min, nb::handle max) {
  const ClampBounds b(min, max);
  if (b.tensors) return clamp(x, b.tensor(b.low, x), b.tensor(b.high, x));
  return clamp(x, b.number(b.low), b.number(b.high));
}
nb::object clamp_any_(nb::handle_t<Tensor> self, nb::handle min, nb::handle max) {
  const ClampBounds b(min, max);
  return in_place(self, [&](const Tensor& x) {
    if (b.tensors)
      clamp_(x, b.tensor(b.low, x), b.tensor(b.high, x));
    else
      clamp_(x, b.number(b.low), b.number(b.high));
  });
}

void register_clamp(Module& m, TensorClass& c) {
  const auto none = nb::none();
  def_op(m, c, "clamp", &clamp_any, "min"_a = none, "max"_a = none);
  m.def(
      "clamp",
      [](const Tensor& x, nb::handle min, nb::handle max, nb::handle_t<Tensor> out) {
        return write_out("clamp", out, clamp_any(x, min, max));
      },
      "input"_a, "min"_a = none, "max"_a = none, nb::kw_only(), "out"_a);
  c.def("clamp_", &clamp_any_, "min"_a = none, "max"_a = none);
  def_op(
      m, c, "clamp_min",
      [](const Tensor& x, nb::handle min) { return clamp_any(x, min, nb::none()); }, "min"_a);
  def_op(
      m, c, "clamp_max",
      [](const Tensor& x, nb::handle max) { return clamp_any(x, nb::none(), max); }, "max"_a);
  c.def(
      "clamp_min_",
      [](nb::handle_t<Tensor> x, nb::handle min) { return clamp_any_(x, min, nb::none()); },
      "min"_a);
  c.def(
      "clamp_max_",
      [](nb::handle_t<Tensor> x, nb::handle max) { return clamp_any_(x, nb::none(), max); },
      "max"_a);
  def_alias(m, c, "clip", "clamp");
}

void register_choosing(Module& m, TensorClass& c) {
  LYDIA_PY_BINARY(maximum)
  LYDIA_PY_BINARY(minimum)
  LYDIA_PY_BINARY(fmax)
  LYDIA_PY_BINARY(fmin)
  register_where(m, c);
  register_clamp(m, c);
  const auto none = nb::none();
  using Number = std::optional<double>;
  def_op(
      m, c, "nan_to_num",
      [](const Tensor& x, Number nan, Number posinf, Number neginf) {
        return nan_to_num(x, nan.value_or(0), posinf, neginf);
      },
      "nan"_a = none, "posinf"_a = none, "neginf"_a = none);
  c.def(
      "nan_to_num_",
      [](nb::handle_t<Tensor> self, Number nan, Number posinf, Number neginf) {
        return in_place(self,
                        [&](const Tensor& x) { nan_to_num_(x, nan.value_or(0), posinf, neginf); });
      },
      "nan"_a = none, "posinf"_a = none, "neginf"_a = none);
  m.def("threshold", &threshold, "input"_a, "threshold"_a, "value"_a);
  m.def(
      "threshold_",
      [](nb::handle_t<Tensor> self, double level, double value) {
        return in_place(self, [&](const Tensor& x) { threshold_(x, level, value); });
      },
      "input"_a, "threshold"_a, "value"_a);
}

}  // namespace

void register_ops_logic(Module& m, TensorClass& c) {
  register_comparisons(m, c);
  register_logic(m, c);
  register_choosing(m, c);
}

}  // namespace lydia::python
