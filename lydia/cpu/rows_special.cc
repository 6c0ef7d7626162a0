// Row kernels of the rarer float functions, one element at a time and in double for f32 and f64
// alike, so that an f32 result is the double one rounded.
#include <algorithm>
#include <cmath>
#include <limits>

#include "lydia/cpu/row_families.h"

namespace lydia::cpu {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double log_gamma(double x) {
  int sign;  // lgamma itself writes a global
  return ::lgamma_r(x, &sign);
}

// The derivative of log gamma: reflection for x < 0, then psi(x) = psi(x + 1) - 1/x up to x >= 10,
// then the asymptotic series in 1/x^2 with the Bernoulli numbers.
double digamma(double x) {
  if (x == 0) return std::copysign(kInf, -x);
  double shift = 0;
  if (x < 0) {
    const double fraction = std::fmod(x, 1.0);
    if (fraction == 0 || x == -kInf) return kNan;
    shift = -kPi / std::tan(kPi * fraction);
    x = 1 - x;
  }
  for (; x < 10; x += 1) shift -= 1 / x;
  const double z = 1 / (x * x);
  const double series =
      z * (1.0 / 12 - z * (1.0 / 120 -
                           z * (1.0 / 252 -
                                z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return shift + std::log(x) - 0.5 / x - series;
}

// The inverse of erf: Winitzki's closed approximation (error 2e-3), then three steps of Halley's
// method on erfc, which stays exact where erf is close to 1.
double erf_inverse(double y) {
  const double size = std::fabs(y);
  if (!(size < 1)) return size == 1 ? std::copysign(kInf, y) : kNan;
  if (size < 1e-9) return y * (std::sqrt(kPi) / 2);
  constexpr double a = 0.147;
  const double log_term = std::log1p(-size * size);
  const double half = 2 / (kPi * a) + log_term / 2;
  double x = std::sqrt(std::sqrt(half * half - log_term / a) - half);
  for (int step = 0; step < 3; ++step) {
    const double error = size < 0.5 ? size - std::erf(x) : std::erfc(x) - (1 - size);
    const double newton = error * (std::sqrt(kPi) / 2) * std::exp(x * x);
    x += newton / (1 - x * newton);
  }
  return std::copysign(x, y);
}

// sin(pi x) / (pi x), with sin(pi x) = +-sin(pi (x - k)) for the nearest integer k, so that whole
// numbers give an exact 0.
double sinc(double x) {
  if (x == 0) return 1;
  if (std::isinf(x)) return 0;
  const double whole = std::nearbyint(x);
  const double sine = std::sin(kPi * (x - whole));
  return (std::fmod(whole, 2.0) == 0 ? sine : -sine) / (kPi * x);
}

// log(x / (1 - x)); by 2x - 1, which is exact, around the zero at 1/2.
double logit(double x) {
  return x > 0.25 && x < 0.75 ? 2 * std::atanh(2 * x - 1) : std::log(x / (1 - x));
}

double normal_cdf(double x) { return 0.5 * std::erfc(x * -0.70710678118654752440); }
double gelu(double x) { return x * normal_cdf(x); }
double gelu_grad(double g, double x) {
  const double density = 0.39894228040143267794 * std::exp(-0.5 * x * x);
  return g * (normal_cdf(x) + (density == 0 ? 0.0 : x * density));
}

// The sign of the divisor, on a zero result too, as Python and NumPy have it.
double remainder(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

// floor(a / b) without the error of the rounded quotient: (a - remainder) / b, as in Python.
double floor_divide(double a, double b) {
  if (b == 0) return a / b;
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

double log_add_exp(double a, double b) {
  if (a == b) return a + 0.69314718055994530942;
  return std::max(a, b) + std::log1p(std::exp(-std::fabs(a - b)));
}
double log_add_exp2(double a, double b) {
  if (a == b) return a + 1;
  const double tail = std::log1p(std::exp2(-std::fabs(a - b)));
  return std::max(a, b) + tail * 1.4426950408889634074;
}

double x_log_y(double x, double y) {
  if (std::isnan(y)) return y;
  return x == 0 ? 0 : x * std::log(y);
}

// a * 2^b, without overflow of 2^b when b is whole.
double scale_by_power(double a, double b) {
  if (b != std::floor(b) || std::isinf(b)) return a * std::exp2(b);
  return std::ldexp(a, static_cast<int>(std::clamp(b, -5000.0, 5000.0)));
}

template <class T, auto f>
void unary(const void* const* in, void* out, int64_t n, const double*) {
  const T* x = static_cast<const T*>(in[0]);
  T* y = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(f(x[i]));
}

template <class T, auto f>
void binary(const void* const* in, void* out, int64_t n, const double*) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  T* y = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(f(a[i], b[i]));
}

using Unary = double (*)(double);
using Binary = double (*)(double, double);

template <class T>
RowFn one_input(RowOp op) {
  switch (op) {
    case RowOp::sin: return unary<T, Unary(std::sin)>;
    case RowOp::cos: return unary<T, Unary(std::cos)>;
    case RowOp::tan: return unary<T, Unary(std::tan)>;
    case RowOp::asin: return unary<T, Unary(std::asin)>;
    case RowOp::acos: return unary<T, Unary(std::acos)>;
    case RowOp::atan: return unary<T, Unary(std::atan)>;
    case RowOp::sinh: return unary<T, Unary(std::sinh)>;
    case RowOp::cosh: return unary<T, Unary(std::cosh)>;
    case RowOp::asinh: return unary<T, Unary(std::asinh)>;
    case RowOp::acosh: return unary<T, Unary(std::acosh)>;
    case RowOp::atanh: return unary<T, Unary(std::atanh)>;
    case RowOp::erf: return unary<T, Unary(std::erf)>;
    case RowOp::erfc: return unary<T, Unary(std::erfc)>;
    case RowOp::erfinv: return unary<T, erf_inverse>;
    case RowOp::lgamma: return unary<T, log_gamma>;
    case RowOp::digamma: return unary<T, digamma>;
    case RowOp::sinc: return unary<T, sinc>;
    case RowOp::logit: return unary<T, logit>;
    case RowOp::gelu: return unary<T, gelu>;
    default: return nullptr;
  }
}

template <class T>
RowFn two_inputs(RowOp op) {
  switch (op) {
    case RowOp::floor_divide: return binary<T, floor_divide>;
    case RowOp::remainder: return binary<T, remainder>;
    case RowOp::fmod: return binary<T, Binary(std::fmod)>;
    case RowOp::pow: return binary<T, Binary(std::pow)>;
    case RowOp::atan2: return binary<T, Binary(std::atan2)>;
    case RowOp::hypot: return binary<T, Binary(std::hypot)>;
    case RowOp::nextafter: return binary<T, static_cast<T (*)(T, T)>(std::nextafter)>;
    case RowOp::logaddexp: return binary<T, log_add_exp>;
    case RowOp::logaddexp2: return binary<T, log_add_exp2>;
    case RowOp::xlogy: return binary<T, x_log_y>;
    case RowOp::ldexp: return binary<T, scale_by_power>;
    case RowOp::gelu_grad: return binary<T, gelu_grad>;
    default: return nullptr;
  }
}

template <class T>
RowFn special(RowOp op) {
  const RowFn fn = one_input<T>(op);
  return fn ? fn : two_inputs<T>(op);
}

}  // namespace

RowFn special_row(RowOp op, DType t) {
  if (t == DType::F32) return special<float>(op);
  if (t == DType::F64) return special<double>(op);
  return nullptr;
}

}  // namespace lydia::cpu
