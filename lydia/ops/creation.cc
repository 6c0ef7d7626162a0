#include "lydia/ops/creation.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

int64_t int_count(Scalar start, Scalar end, Scalar step) {
  const auto a = static_cast<__int128>(start.to<int64_t>()),
             b = static_cast<__int128>(end.to<int64_t>());
  const auto s = static_cast<__int128>(step.to<int64_t>());
  const __int128 distance = s > 0 ? b - a : a - b, stride = s > 0 ? s : -s;
  const __int128 count = distance > 0 ? (distance + stride - 1) / stride : 0;
  LYDIA_CHECK(count <= INT64_MAX, ValueError, "arange: ", start, " to ", end,
              " has too many elements");
  return static_cast<int64_t>(count);
}

int64_t float_count(Scalar start, Scalar end, Scalar step) {
  const double a = start.to<double>(), b = end.to<double>(), s = step.to<double>();
  LYDIA_CHECK(std::isfinite(a) && std::isfinite(b) && std::isfinite(s), ValueError,
              "arange: expected finite bounds, got ", start, ", ", end, ", ", step);
  const double count = std::ceil((b - a) / s);
  LYDIA_CHECK(count < 0x1p62, ValueError, "arange: ", start, " to ", end, " has too many elements");
  return count > 0 ? static_cast<int64_t>(count) : 0;
}

}  // namespace

const GradRule arange_rule = {};

Tensor arange(Scalar start, Scalar end, Scalar step, std::optional<DType> dtype, Device device) {
  const bool floats = start.is_float() || end.is_float() || step.is_float();
  LYDIA_CHECK(step.to<double>() != 0, ValueError, "arange: expected a step other than 0");
  const int64_t count = floats ? float_count(start, end, step) : int_count(start, end, step);
  Tensor out = empty({count}, dtype.value_or(floats ? default_dtype() : DType::I64), device);
  LYDIA_CHECK(out.dtype() != DType::Bool, TypeError, "arange: expected a numeric dtype, got bool");
  run(Op::arange, {}, {&out}, RangeAttrs{start, step, end});
  return out;
}

Tensor linspace(Scalar start, Scalar end, int64_t steps, std::optional<DType> dtype,
                Device device) {
  LYDIA_CHECK(steps >= 0, ValueError, "linspace: expected steps >= 0, got ", steps);
  const double a = start.to<double>(), b = end.to<double>();
  Tensor out = empty({steps}, dtype.value_or(default_dtype()), device);
  const double step = steps > 1 ? (b - a) / static_cast<double>(steps - 1) : 0.0;
  run(Op::arange, {}, {&out}, RangeAttrs{a, step, steps > 1 ? b : a, true});
  return out;
}

Tensor logspace(Scalar start, Scalar end, int64_t steps, double base, std::optional<DType> dtype,
                Device device) {
  LYDIA_CHECK(base > 0, ValueError, "logspace: expected base > 0, got ", base);
  const Tensor powers = linspace(start, end, steps, DType::F64, device);
  return to(exp(mul(powers, std::log(base))), dtype.value_or(default_dtype()));
}

Tensor eye(int64_t n, std::optional<int64_t> m, std::optional<DType> dtype, Device device) {
  const int64_t cols = m.value_or(n);
  LYDIA_CHECK(n >= 0 && cols >= 0, ValueError, "eye: expected sizes >= 0, got ", n, " and ", cols);
  Tensor out = zeros({n, cols}, dtype.value_or(default_dtype()), device);
  fill_(diagonal(out), 1);
  return out;
}

}  // namespace lydia
