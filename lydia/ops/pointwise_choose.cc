// Elementwise choosing: maximum and minimum, where, masked_fill, clamp, nan_to_num, threshold.
#include <cmath>
#include <limits>

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_BINARY(maximum, same_type)
LYDIA_DEFINE_BINARY(minimum, same_type)
LYDIA_DEFINE_BINARY(fmax, no_bool)
LYDIA_DEFINE_BINARY(fmin, no_bool)

namespace {

// Nothing where an input loses, half on a tie, all of g otherwise (NaN loses to nothing).
Tensor winner_grad(const Tensor& g, const Tensor& loses, const Tensor& tie) {
  return where(loses, 0, where(tie, mul(g, 0.5), g));
}

Tensors extremum_grad(const GradContext& c, const Tensor& g, bool largest) {
  const Tensor a = c.in(0), b = c.in(1);
  const Tensor tie = eq(a, b);
  return {c.needs(0) ? winner_grad(g, largest ? lt(a, b) : gt(a, b), tie) : Tensor(),
          c.needs(1) ? winner_grad(g, largest ? gt(a, b) : lt(a, b), tie) : Tensor()};
}

// fmax and fmin give everything to one input: to a on a tie, or where b is NaN.
Tensors one_winner_grad(const Tensor& g, const Tensor& a_wins) {
  return {where(a_wins, g, 0), where(a_wins, 0, g)};
}

}  // namespace

LYDIA_RULE(maximum, kIn(0) | kIn(1), extremum_grad(c, g, true))
LYDIA_RULE(minimum, kIn(0) | kIn(1), extremum_grad(c, g, false))
LYDIA_RULE(fmax, kIn(0) | kIn(1),
           one_winner_grad(g, logical_or(ge(c.in(0), c.in(1)), isnan(c.in(1)))))
LYDIA_RULE(fmin, kIn(0) | kIn(1),
           one_winner_grad(g, logical_or(le(c.in(0), c.in(1)), isnan(c.in(1)))))

// ---- where, masked_fill ------------------------------------------------------------------------

namespace {

void check_mask(const char* op, const Tensor& mask) {
  check_defined(op, mask, "mask");
  LYDIA_CHECK(mask.dtype() == DType::Bool, TypeError, op, ": expected a bool mask, got ",
              mask.dtype());
}

Tensor choose(const Tensor& mask, const Tensor& a, const Tensor& b, DType t) {
  check_mask("where", mask);
  return pointwise(Op::where, {&mask, &a, &b}, {t, t, true});
}

}  // namespace

Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b) {
  check_defined("where", a, "input");
  check_defined("where", b, "other");
  return choose(mask, a, b, result_type(a, b));
}
Tensor where(const Tensor& mask, const Tensor& a, Scalar b) {
  check_defined("where", a, "input");
  const Tensor w = wrap_scalar(b, a);
  return choose(mask, a, w, w.dtype());
}
Tensor where(const Tensor& mask, Scalar a, const Tensor& b) {
  check_defined("where", b, "other");
  const Tensor w = wrap_scalar(a, b);
  return choose(mask, w, b, w.dtype());
}
Tensor where(const Tensor& mask, Scalar a, Scalar b) {
  check_mask("where", mask);
  const auto type = [](Scalar s) { return s.is_float() ? default_dtype() : s.dtype(); };
  const DType t = promote_types(type(a), type(b));
  return choose(mask, scalar_tensor(a, t, mask.device()), scalar_tensor(b, t, mask.device()), t);
}
// The gradient of the mask comes back undefined: it has none.
LYDIA_RULE(where, kIn(0),
           {Tensor(), c.needs(1) ? where(c.in(0), g, 0) : Tensor(),
            c.needs(2) ? where(c.in(0), 0, g) : Tensor()})

namespace {

// `value` as the 0-d tensor of x's dtype that masked_fill writes.
Tensor fill_value(const Tensor& x, const Tensor& value) {
  check_defined("masked_fill", x, "input");
  check_defined("masked_fill", value, "value");
  LYDIA_CHECK(value.ndim() == 0, ValueError,
              "masked_fill: expected a number or a 0-d tensor as value, got shape ", value.sizes());
  LYDIA_CHECK(can_cast(value.dtype(), x.dtype()), TypeError, "masked_fill: a value of ",
              value.dtype(), " can't be stored in a tensor of ", x.dtype());
  return to(value, x.dtype());
}
Tensor fill_value(const Tensor& x, Scalar value) {
  check_defined("masked_fill", x, "input");
  const bool whole = !value.is_float() || value.to<double>() == std::trunc(value.to<double>());
  LYDIA_CHECK(is_floating(x.dtype()) || x.dtype() == DType::Bool || whole, TypeError,
              "masked_fill: a value of ", value, " can't be stored in a tensor of ", x.dtype());
  return scalar_tensor(value, x.dtype(), x.device());
}

Tensor filled(const Tensor& x, const Tensor& mask, const Tensor& value) {
  check_mask("masked_fill", mask);
  return choose(mask, value, x, x.dtype());
}
const Tensor& fill_masked(const Tensor& self, const Tensor& mask, const Tensor& value) {
  check_mask("masked_fill_", mask);
  return pointwise_into(Op::where, self, {&mask, &value, &self},
                        {self.dtype(), self.dtype(), true});
}

}  // namespace

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  return filled(x, mask, fill_value(x, value));
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value) {
  return filled(x, mask, fill_value(x, value));
}
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, const Tensor& value) {
  return fill_masked(self, mask, fill_value(self, value));
}
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, Scalar value) {
  return fill_masked(self, mask, fill_value(self, value));
}

// ---- clamp -------------------------------------------------------------------------------------

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Attributes are doubles; integers beyond 2^53 go the way of tensors.
bool exact(Bound bound, DType t) {
  return !bound || is_floating(t) || std::fabs(bound->to<double>()) <= 0x1p53;
}

DType clamp_type(const Tensor& x, Bound lo, Bound hi) {
  check_defined("clamp", x, "input");
  LYDIA_CHECK(lo || hi, ValueError, "clamp: expected min, max or both, got neither");
  DType t = x.dtype();
  if (lo) t = promote_types(t, result_type(x, *lo));
  if (hi) t = promote_types(t, result_type(x, *hi));
  return no_bool("clamp", t).compute;
}

Tensor bound_tensor(const Tensor& x, Bound bound) {
  return bound ? wrap_scalar(*bound, x) : Tensor();
}

// The open side of a bound: the extreme value of the dtype.
Tensor open_bound(DType t, bool low, Device device) {
  return visit_dtype(t, [&](auto tag) {
    using T = decltype(tag);
    if constexpr (std::is_integral_v<T>)
      return scalar_tensor(low ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max(), t,
                           device);
    return scalar_tensor(low ? -kInf : kInf, t, device);
  });
}

struct TensorBounds {
  TensorBounds(const Tensor& x, const Tensor& low, const Tensor& high) : lo(low), hi(high) {
    check_defined("clamp", x, "input");
    LYDIA_CHECK(lo.defined() || hi.defined(), ValueError,
                "clamp: expected min, max or both, got neither");
    DType t = x.dtype();
    if (lo.defined()) t = promote_types(t, result_type(x, lo));
    if (hi.defined()) t = promote_types(t, result_type(x, hi));
    types = no_bool("clamp", t);
    if (!lo.defined()) lo = open_bound(t, true, x.device());
    if (!hi.defined()) hi = open_bound(t, false, x.device());
  }
  Tensor lo, hi;
  PointwiseTypes types;
};

}  // namespace

Tensor clamp(const Tensor& x, Bound lo, Bound hi) {
  const DType t = clamp_type(x, lo, hi);
  if (!exact(lo, t) || !exact(hi, t)) return clamp(x, bound_tensor(x, lo), bound_tensor(x, hi));
  return pointwise(Op::clamp, {&x}, {t, t},
                   {lo ? lo->to<double>() : -kInf, hi ? hi->to<double>() : kInf});
}
const Tensor& clamp_(const Tensor& self, Bound lo, Bound hi) {
  const DType t = clamp_type(self, lo, hi);
  if (!exact(lo, t) || !exact(hi, t))
    return clamp_(self, bound_tensor(self, lo), bound_tensor(self, hi));
  return pointwise_(Op::clamp, self, {}, {t, t},
                    {lo ? lo->to<double>() : -kInf, hi ? hi->to<double>() : kInf});
}
Tensor clamp(const Tensor& x, const Tensor& lo, const Tensor& hi) {
  const TensorBounds b(x, lo, hi);
  return pointwise(Op::clamp_tensor, {&x, &b.lo, &b.hi}, b.types);
}
const Tensor& clamp_(const Tensor& self, const Tensor& lo, const Tensor& hi) {
  const TensorBounds b(self, lo, hi);
  return pointwise_(Op::clamp_tensor, self, {&b.lo, &b.hi}, b.types);
}

namespace {

// Inside and on the bounds; a value that is NaN is on no side.
Tensor clamp_grad(const Tensor& g, const Tensor& x, const PointwiseAttrs& a) {
  return where(logical_and(ge(x, a.values[0]), le(x, a.values[1])), g, 0);
}
Tensors clamp_tensor_grad(const GradContext& c, const Tensor& g) {
  const Tensor x = c.in(0), lo = c.in(1), hi = c.in(2);
  const auto part = [&](int i, const Tensor& mask) {
    return c.needs(i) ? where(mask, g, 0) : Tensor();
  };
  return {part(0, logical_and(ge(x, lo), le(x, hi))), part(1, logical_and(lt(lo, hi), lt(x, lo))),
          part(2, logical_or(gt(x, hi), lt(hi, lo)))};
}

}  // namespace

LYDIA_RULE(clamp, kIn(0), {clamp_grad(g, c.in(0), c.attrs<PointwiseAttrs>())})
LYDIA_RULE(clamp_tensor, kIn(0) | kIn(1) | kIn(2), clamp_tensor_grad(c, g))

// ---- nan_to_num, threshold ---------------------------------------------------------------------

namespace {

double largest(DType t) {
  if (t == DType::F16) return 65504;
  if (t == DType::BF16) return 0x1.fep127;
  return t == DType::F32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
}

}  // namespace

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf,
                  std::optional<double> neginf) {
  check_defined("nan_to_num", x, "input");
  const DType t = x.dtype();
  if (!is_floating(t)) return clone(x);
  return pointwise(Op::nan_to_num, {&x}, {t, t},
                   {nan, posinf.value_or(largest(t)), neginf.value_or(-largest(t))});
}
const Tensor& nan_to_num_(const Tensor& self, double nan, std::optional<double> posinf,
                          std::optional<double> neginf) {
  check_defined("nan_to_num", self, "self");
  const DType t = self.dtype();
  if (!is_floating(t)) return self;
  return pointwise_(Op::nan_to_num, self, {}, {t, t},
                    {nan, posinf.value_or(largest(t)), neginf.value_or(-largest(t))});
}
LYDIA_RULE(nan_to_num, kIn(0), {where(isfinite(c.in(0)), g, 0)})

Tensor threshold(const Tensor& x, double level, double value) {
  check_defined("threshold", x, "input");
  if (!is_floating(x.dtype()) && x.dtype() != DType::Bool)
    return to(where(gt(x, level), x, std::trunc(value)), x.dtype());
  return pointwise(Op::threshold, {&x}, only_float("threshold", x.dtype()), {level, value});
}
const Tensor& threshold_(const Tensor& self, double level, double value) {
  check_defined("threshold", self, "self");
  if (!is_floating(self.dtype()) && self.dtype() != DType::Bool)
    return write_inplace("threshold", self, threshold(self, level, value));
  return pointwise_(Op::threshold, self, {}, only_float("threshold", self.dtype()), {level, value});
}
LYDIA_RULE(threshold, kIn(0), {where(le(c.in(0), c.attrs<PointwiseAttrs>().values[0]), 0, g)})

}  // namespace lydia
