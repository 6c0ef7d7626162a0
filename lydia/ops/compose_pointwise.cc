// Comparisons of whole tensors within a tolerance, written with elementwise ops.
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

bool all_true(const Tensor& mask) { return sum(mask).item<int64_t>() == mask.numel(); }

}  // namespace

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  check_defined("isclose", a, "input");
  check_defined("isclose", b, "other");
  LYDIA_CHECK(rtol >= 0 && atol >= 0, ValueError,
              "isclose: expected tolerances of at least 0, got rtol=", rtol, ", atol=", atol);
  Tensor close = eq(a, b);
  if (equal_nan) close = logical_or(close, logical_and(isnan(a), isnan(b)));
  if (rtol == 0 && atol == 0) return close;
  const DType t = float_type(result_type(a, b));
  const Tensor x = to(a, t), y = to(b, t);
  const Tensor apart = abs(sub(x, y));
  // An infinite distance is within an infinite tolerance, yet not close.
  const Tensor within = logical_and(isfinite(apart), le(apart, abs(y) * rtol + atol));
  return logical_or(close, within);
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return all_true(isclose(a, b, rtol, atol, equal_nan));
}

bool equal(const Tensor& a, const Tensor& b) {
  check_defined("equal", a, "input");
  check_defined("equal", b, "other");
  return a.sizes() == b.sizes() && all_true(eq(a, b));
}

}  // namespace lydia
