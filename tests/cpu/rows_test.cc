// Float row kernels against long double references, in units in the last place.
#include "lydia/cpu/rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;
using Real = long double;

constexpr Real kPi = 3.141592653589793238462643383279502884L;

struct UnaryCase {
  RowOp op;
  Real (*reference)(Real);
  double lo, hi;        // where most of the random inputs come from
  double ulp32, ulp64;  // tolerances
  double floor = 0;     // an absolute error below this passes too (relative to 1)
};

Real round_half_even(Real x) { return std::nearbyint(x); }
Real sign(Real x) { return Real((x > 0) - (x < 0)); }
Real frac(Real x) { return x - std::trunc(x); }
Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real silu(Real x) { return x * sigmoid(x); }
Real relu(Real x) { return x <= 0 ? 0 : x; }
// At -inf its limit, which torch gives as NaN.
Real gelu(Real x) { return std::isinf(x) && x < 0 ? 0 : x * std::erfc(-x / std::sqrt(2.0L)) / 2; }
Real gelu_tanh(Real x) { return x * sigmoid(2 * std::sqrt(2 / kPi) * (x + 0.044715L * x * x * x)); }
Real sinc(Real x) {
  if (std::isinf(x)) return 0;
  const Real whole = std::nearbyint(x);
  const Real sine = std::sin(kPi * (x - whole));
  return x == 0 ? 1 : (std::fmod(whole, 2.0L) == 0 ? sine : -sine) / (kPi * x);
}
Real logit(Real x) { return std::log(x / (1 - x)); }

const std::vector<UnaryCase>& unary_cases() {
  static const std::vector<UnaryCase> cases = {
      {RowOp::neg, [](Real x) { return -x; }, -10, 10, 0, 0},
      {RowOp::abs, [](Real x) { return std::fabs(x); }, -10, 10, 0, 0},
      {RowOp::sign, sign, -10, 10, 0, 0},
      {RowOp::sgn, sign, -10, 10, 0, 0},
      {RowOp::positive, [](Real x) { return x; }, -10, 10, 0, 0},
      {RowOp::square, [](Real x) { return x * x; }, -10, 10, 0.501, 0.501},
      {RowOp::sqrt, [](Real x) { return std::sqrt(x); }, 0, 100, 0.501, 0.501},
      {RowOp::rsqrt, [](Real x) { return 1 / std::sqrt(x); }, 0, 100, 1.5, 1.5},
      {RowOp::reciprocal, [](Real x) { return 1 / x; }, -10, 10, 0.501, 0.501},
      {RowOp::ceil, [](Real x) { return std::ceil(x); }, -10, 10, 0, 0},
      {RowOp::floor, [](Real x) { return std::floor(x); }, -10, 10, 0, 0},
      {RowOp::round, round_half_even, -10, 10, 0, 0},
      {RowOp::trunc, [](Real x) { return std::trunc(x); }, -10, 10, 0, 0},
      {RowOp::frac, frac, -10, 10, 0, 0, 1e-300},
      {RowOp::deg2rad, [](Real x) { return x * (kPi / 180); }, -400, 400, 1.5, 1.5},
      {RowOp::rad2deg, [](Real x) { return x * (180 / kPi); }, -7, 7, 1.5, 1.5},
      {RowOp::exp, [](Real x) { return std::exp(x); }, -105, 90, 2, 2},
      {RowOp::exp2, [](Real x) { return std::exp2(x); }, -151, 130, 2, 2},
      {RowOp::expm1, [](Real x) { return std::expm1(x); }, -20, 90, 3, 3},
      {RowOp::log, [](Real x) { return std::log(x); }, 0, 10, 3, 3},
      {RowOp::log2, [](Real x) { return std::log2(x); }, 0, 10, 3, 3},
      {RowOp::log10, [](Real x) { return std::log10(x); }, 0, 10, 3, 3},
      {RowOp::log1p, [](Real x) { return std::log1p(x); }, -1, 3, 3, 3},
      {RowOp::sin, [](Real x) { return std::sin(x); }, -100, 100, 2, 3},
      {RowOp::cos, [](Real x) { return std::cos(x); }, -100, 100, 2, 3},
      {RowOp::tan, [](Real x) { return std::tan(x); }, -10, 10, 3, 4},
      {RowOp::asin, [](Real x) { return std::asin(x); }, -1, 1, 2, 4},
      {RowOp::acos, [](Real x) { return std::acos(x); }, -1, 1, 2, 4},
      {RowOp::atan, [](Real x) { return std::atan(x); }, -10, 10, 2, 4},
      {RowOp::sinh, [](Real x) { return std::sinh(x); }, -10, 10, 3, 4},
      {RowOp::cosh, [](Real x) { return std::cosh(x); }, -10, 10, 3, 4},
      {RowOp::tanh, [](Real x) { return std::tanh(x); }, -10, 10, 3, 3},
      {RowOp::asinh, [](Real x) { return std::asinh(x); }, -10, 10, 3, 4},
      {RowOp::acosh, [](Real x) { return std::acosh(x); }, 1, 10, 3, 4},
      {RowOp::atanh, [](Real x) { return std::atanh(x); }, -1, 1, 3, 4},
      {RowOp::erf, [](Real x) { return std::erf(x); }, -5, 5, 3, 4},
      {RowOp::erfc, [](Real x) { return std::erfc(x); }, -5, 10, 1, 8},
      {RowOp::lgamma, [](Real x) { return std::lgamma(x); }, 0.1, 50, 2, 6},
      {RowOp::sinc, sinc, -10, 10, 2, 1000},
      {RowOp::logit, logit, 0, 1, 2, 1000},
      {RowOp::sigmoid, sigmoid, -100, 100, 3, 3},
      {RowOp::silu, silu, -90, 90, 4, 4, 1e-36},
      {RowOp::relu, relu, -10, 10, 0, 0},
      {RowOp::gelu, gelu, -13, 10, 6, 150, 1e-36},
      {RowOp::gelu_tanh, gelu_tanh, -10, 10, 150, 150, 1e-36},
  };
  return cases;
}

template <class T>
std::vector<T> run_unary(RowOp op, const std::vector<T>& x, const double* attrs = nullptr) {
  std::vector<T> y(x.size());
  const void* in[] = {x.data()};
  row_fn(op, dtype_of<T>())(in, y.data(), static_cast<int64_t>(x.size()), attrs);
  return y;
}

// Reports the worst input once instead of one failure per element.
template <class T>
void check_unary(const UnaryCase& c) {
  const std::vector<T> x = float_values<T>(c.lo, c.hi, 4000, 7);
  const std::vector<T> y = run_unary(c.op, x);
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const Real want = c.reference(static_cast<Real>(x[i]));
    if (std::fabs(static_cast<Real>(y[i]) - want) <= c.floor) continue;
    const double error = ulp_error(y[i], want);
    if (error > worst) worst = error, at = i;
  }
  INFO(std::string(row_op_name(c.op)), "<f", 8 * sizeof(T), ">(", x[at], ") = ", y[at], ", wanted ",
       static_cast<double>(c.reference(x[at])));
  CHECK(worst <= (sizeof(T) == 4 ? c.ulp32 : c.ulp64));
}

TEST_CASE("unary float rows are within their tolerance") {
  for (const UnaryCase& c : unary_cases()) {
    check_unary<float>(c);
    check_unary<double>(c);
  }
}

}  // namespace
}  // namespace lydia::cpu
