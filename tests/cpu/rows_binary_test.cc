// Float row kernels of two and three inputs, and of attributes, against long double references.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "lydia/cpu/rows.h"
#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;
using Real = long double;

// Exact in f32, so that the references see the same numbers.
constexpr double kAttrs[] = {0.75, 1.875, -2.5};
constexpr Real kA0 = 0.75L, kA1 = 1.875L, kA2 = -2.5L;
constexpr Real kPi = 3.141592653589793238462643383279502884L;

Real larger(Real a, Real b) { return std::isnan(a) ? a : std::isnan(b) ? b : std::max(a, b); }
Real smaller(Real a, Real b) { return std::isnan(a) ? a : std::isnan(b) ? b : std::min(a, b); }
Real heaviside(Real a, Real b) { return std::isnan(a) ? a : a == 0 ? b : a > 0; }
Real remainder(Real a, Real b) {
  const Real rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(rest, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
Real floor_divide(Real a, Real b) {
  if (b == 0) return a / b;
  const Real rest = std::fmod(a, b);
  const bool below = rest != 0 && (rest < 0) != (b < 0);
  const Real quotient = std::nearbyint((a - rest) / b) - below;
  return quotient == 0 ? std::copysign(quotient, a / b) : quotient;
}
Real log_add(Real a, Real b, Real ln_base) {
  if (std::isnan(a) || std::isnan(b)) return a + b;
  const Real larger = std::max(a, b);
  if (a == b) return larger + std::log(2.0L) / ln_base;
  return larger + std::log1p(std::exp(-std::fabs(a - b) * ln_base)) / ln_base;
}
Real log_add_exp(Real a, Real b) { return log_add(a, b, 1); }
Real log_add_exp2(Real a, Real b) { return log_add(a, b, std::log(2.0L)); }
Real xlogy(Real x, Real y) { return std::isnan(y) ? y : x == 0 ? 0 : x * std::log(y); }

struct BinaryCase {
  RowOp op;
  Real (*reference)(Real, Real);
  double ulp32, ulp64;
  double floor = 0;  // an absolute error below this passes too
};

const std::vector<BinaryCase>& binary_cases() {
  static const std::vector<BinaryCase> cases = {
      {RowOp::add, [](Real a, Real b) { return a + b; }, 0.501, 0.501},
      {RowOp::sub, [](Real a, Real b) { return a - b; }, 0.501, 0.501},
      {RowOp::mul, [](Real a, Real b) { return a * b; }, 0.501, 0.501},
      {RowOp::div, [](Real a, Real b) { return a / b; }, 0.501, 0.501},
      {RowOp::maximum, larger, 0, 0, 1e-320},
      {RowOp::minimum, smaller, 0, 0, 1e-320},
      {RowOp::fmax, [](Real a, Real b) { return std::fmax(a, b); }, 0, 0, 1e-320},
      {RowOp::fmin, [](Real a, Real b) { return std::fmin(a, b); }, 0, 0, 1e-320},
      {RowOp::copysign, [](Real a, Real b) { return std::copysign(a, b); }, 0, 0},
      {RowOp::heaviside, heaviside, 0, 0},
      {RowOp::fmod, [](Real a, Real b) { return std::fmod(a, b); }, 0, 0},
      {RowOp::remainder, remainder, 0.501, 0.501},
      {RowOp::floor_divide, floor_divide, 1.01, 1.01},
      {RowOp::pow, [](Real a, Real b) { return std::pow(a, b); }, 0.6, 1},
      {RowOp::atan2, [](Real a, Real b) { return std::atan2(a, b); }, 0.6, 4},
      {RowOp::hypot, [](Real a, Real b) { return std::hypot(a, b); }, 0.6, 3},
      {RowOp::logaddexp, log_add_exp, 0.6, 4, 1e-15},
      {RowOp::logaddexp2, log_add_exp2, 0.6, 4, 1e-15},
      {RowOp::xlogy, xlogy, 0.6, 4},
  };
  return cases;
}

struct TernaryCase {
  RowOp op;
  Real (*reference)(Real, Real, Real);
  double
      tolerance;  // relative, in units of epsilon, to the largest of 1 and the operands' products
};

Real clamp(Real x, Real lo, Real hi) { return smaller(larger(x, lo), hi); }
Real nan_to_num(Real x, Real, Real) {
  return std::isnan(x) ? kA0 : std::isinf(x) ? (x > 0 ? kA1 : kA2) : x;
}
Real threshold(Real x, Real, Real) { return x <= kA0 ? kA1 : x; }
Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }
Real softplus(Real x, Real, Real) {
  return kA0 * x > kA1 ? x : std::log1p(std::exp(kA0 * x)) / kA0;
}
Real cdf(Real x) { return std::erfc(-x / std::sqrt(2.0L)) / 2; }
Real gelu_grad(Real g, Real x, Real) {
  return g * (cdf(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * kPi));
}
Real gelu_tanh_grad(Real g, Real x, Real) {
  const Real k = std::sqrt(2 / kPi), t = std::tanh(k * (x + 0.044715L * x * x * x));
  return g * ((1 + t) / 2 + x * (1 - t * t) / 2 * k * (1 + 3 * 0.044715L * x * x));
}
Real silu_grad(Real g, Real x, Real) { return g * sigmoid(x) * (1 + x * (1 - sigmoid(x))); }

const std::vector<TernaryCase>& ternary_cases() {
  static const std::vector<TernaryCase> cases = {
      {RowOp::clamp, [](Real x, Real, Real) { return clamp(x, kA0, kA1); }, 0},
      {RowOp::clamp_tensor, clamp, 0},
      {RowOp::nan_to_num, nan_to_num, 0},
      {RowOp::threshold, threshold, 0},
      {RowOp::lerp, [](Real a, Real b, Real w) { return a + w * (b - a); }, 4},
      {RowOp::add_scaled, [](Real a, Real b, Real) { return a + kA0 * b; }, 2},
      {RowOp::addcmul, [](Real a, Real b, Real c) { return a + kA0 * b * c; }, 2},
      {RowOp::addcdiv, [](Real a, Real b, Real c) { return a + kA0 * b / c; }, 2},
      {RowOp::softplus, softplus, 4},
      {RowOp::elu, [](Real x, Real, Real) { return x > 0 ? x : kA0 * std::expm1(x); }, 4},
      {RowOp::leaky_relu, [](Real x, Real, Real) { return x > 0 ? x : kA0 * x; }, 1},
      {RowOp::sigmoid_grad, [](Real g, Real y, Real) { return g * y * (1 - y); }, 4},
      {RowOp::tanh_grad, [](Real g, Real y, Real) { return g * (1 - y * y); }, 4},
      {RowOp::relu_grad, [](Real g, Real y, Real) { return y <= 0 ? 0 : g; }, 0},
      {RowOp::gelu_grad, gelu_grad, 4},
      {RowOp::gelu_tanh_grad, gelu_tanh_grad, 8},
      {RowOp::silu_grad, silu_grad, 4},
      {RowOp::softplus_grad,
       [](Real g, Real x, Real) { return kA0 * x > kA1 ? g : g * sigmoid(kA0 * x); }, 4},
      {RowOp::elu_grad, [](Real g, Real x, Real) { return x > 0 ? g : g * kA0 * std::exp(x); }, 4},
      {RowOp::leaky_relu_grad, [](Real g, Real x, Real) { return x > 0 ? g : g * kA0; }, 1},
  };
  return cases;
}

template <class T>
std::vector<T> run(RowOp op, const std::vector<T>& a, const std::vector<T>& b,
                   const std::vector<T>& c) {
  std::vector<T> y(a.size());
  const void* in[] = {a.data(), b.data(), c.data()};
  row_fn(op, dtype_of<T>())(in, y.data(), static_cast<int64_t>(a.size()), kAttrs);
  return y;
}

TEST_CASE_TEMPLATE("binary float rows are within their tolerance", T, float, double) {
  std::vector<T> a, b;
  for (T x : special_floats<T>()) {
    for (T y : special_floats<T>()) a.push_back(x), b.push_back(y);
  }
  const std::vector<T> x = float_values<T>(-9, 9, 3000, 21), y = float_values<T>(-9, 9, 3000, 22);
  a.insert(a.end(), x.begin(), x.end());
  b.insert(b.end(), y.begin(), y.end());
  for (const BinaryCase& c : binary_cases()) {
    const std::vector<T> got = run(c.op, a, b, b);
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const Real want = c.reference(a[i], b[i]);
      if (std::fabs(static_cast<Real>(got[i]) - want) <= c.floor) continue;
      const double error = ulp_error(got[i], want);
      if (error > worst) worst = error, at = i;
    }
    INFO(std::string(row_op_name(c.op)), "<f", 8 * sizeof(T), ">(", a[at], ", ", b[at],
         ") = ", got[at], ", wanted ", static_cast<double>(c.reference(a[at], b[at])));
    CHECK(worst <= (sizeof(T) == 4 ? c.ulp32 : c.ulp64));
  }
}

TEST_CASE_TEMPLATE("rows of three inputs, of attributes and of gradients", T, float, double) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> within(-12, 12);
  std::vector<T> x[3];
  for (int i = 0; i < 5000; ++i) {
    for (auto& input : x) input.push_back(static_cast<T>(i % 50 == 0 ? 0 : within(random)));
  }
  for (const TernaryCase& c : ternary_cases()) {
    const std::vector<T> got = run(c.op, x[0], x[1], x[2]);
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      const Real want = c.reference(x[0][i], x[1][i], x[2][i]);
      const Real size = std::max({Real(1), std::fabs(want), std::fabs(Real(x[0][i])),
                                  std::fabs(Real(x[1][i]) * Real(x[2][i]))});
      const bool same = want == got[i] || (std::isnan(want) && std::isnan(got[i]));
      const double error = same ? 0
                                : static_cast<double>(std::fabs(got[i] - want) / size) /
                                      std::numeric_limits<T>::epsilon();
      if (!(error <= worst)) worst = error, at = i;
    }
    INFO(std::string(row_op_name(c.op)), "<f", 8 * sizeof(T), ">(", x[0][at], ", ", x[1][at], ", ",
         x[2][at], ") = ", got[at]);
    CHECK(worst <= c.tolerance);
  }
}

TEST_CASE_TEMPLATE("gradients of finite inputs are finite", T, float, double) {
  std::vector<T> x = float_values<T>(-200, 200, 2000, 23);
  std::erase_if(x, [](T v) { return !std::isfinite(v); });
  const std::vector<T> g(x.size(), T(1));
  for (RowOp op : {RowOp::gelu_grad, RowOp::gelu_tanh_grad, RowOp::silu_grad, RowOp::softplus_grad,
                   RowOp::elu_grad, RowOp::leaky_relu_grad, RowOp::relu_grad}) {
    const std::vector<T> y = run(op, g, x, x);
    const auto bad = std::find_if(y.begin(), y.end(), [](T v) { return !(std::fabs(v) < 2); });
    INFO(std::string(row_op_name(op)), " of ", bad == y.end() ? T(0) : x[bad - y.begin()]);
    CHECK((bad == y.end()));
  }
}

TEST_CASE_TEMPLATE("special values of choosing rows", T, float, double) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  const std::vector<T> x = {nan, inf, -inf, 0, -1};
  CHECK(run(RowOp::nan_to_num, x, x, x) == std::vector<T>{T(0.75), T(1.875), T(-2.5), 0, -1});
  CHECK(std::isnan(run(RowOp::clamp, x, x, x)[0]));
  CHECK(std::isnan(run(RowOp::relu, x, x, x)[0]));
  CHECK(std::isnan(run(RowOp::threshold, x, x, x)[0]));
  CHECK(run(RowOp::clamp, x, x, x)[1] == T(1.875));
  const std::vector<T> next = run<T>(RowOp::nextafter, {T(1), T(0)}, {T(2), T(-1)}, {T(0), T(0)});
  CHECK(next[0] == T(1) + std::numeric_limits<T>::epsilon());
  CHECK(next[1] == -std::numeric_limits<T>::denorm_min());
  const std::vector<T> scaled =
      run<T>(RowOp::ldexp, {T(3), T(1e-30)}, {T(4), T(-200)}, {T(0), T(0)});
  CHECK(scaled[0] == T(48));
  CHECK(scaled[1] == static_cast<T>(std::ldexp(Real(T(1e-30)), -200)));
}

TEST_CASE_TEMPLATE("erfinv and digamma", T, float, double) {
  for (double x : {-0.999, -0.5, -1e-12, 0.25, 0.9, 0.9999999}) {
    const std::vector<T> y = {static_cast<T>(x)};
    const Real back = std::erf(static_cast<Real>(run(RowOp::erfinv, y, y, y)[0]));
    CHECK(std::fabs(back - y[0]) <= 4 * std::numeric_limits<T>::epsilon() * std::fabs(Real(y[0])));
  }
  // digamma(1) = -gamma, digamma(1/2) = -gamma - 2 ln 2, digamma(x + 1) = digamma(x) + 1/x
  const Real gamma = 0.57721566490153286060651209L;
  const std::vector<T> x = {1, T(0.5), T(2.5), T(3.5), T(-0.5)};
  const std::vector<T> y = run(RowOp::digamma, x, x, x);
  CHECK(ulp_error(y[0], -gamma) < 4);
  CHECK(ulp_error(y[1], -gamma - 2 * std::log(2.0L)) < 4);
  CHECK(std::fabs(y[3] - y[2] - T(1) / T(2.5)) < 4 * std::numeric_limits<T>::epsilon());
  CHECK(std::fabs(y[1] - y[4] + 2) < 8 * std::numeric_limits<T>::epsilon());
}

}  // namespace
}  // namespace lydia::cpu
