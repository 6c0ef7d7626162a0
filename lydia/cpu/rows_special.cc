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

// Hurwitz zeta: the sum of (q + k)^-s over k >= 0, for whole s > 1 and q > 0. Terms up to q + k >=
// 12, then Euler-Maclaurin with the coefficients B_2j / (2j)!.
double hurwitz_zeta(double s, double q) {
  double total = 0;
  for (; q < 12; q += 1) total += std::pow(q, -s);
  const double last = std::pow(q, -s);
  total += last * (q / (s - 1) + 0.5);
  constexpr double kBernoulli[] = {1.0 / 12,          -1.0 / 720,
                                   1.0 / 30240,       -1.0 / 1209600,
                                   1.0 / 47900160,    -691.0 / 1307674368000,
                                   1.0 / 74724249600, -3617.0 / 10670622842880000};
  double factor = last * s / q;
  for (int j = 0; j < 8; ++j) {
    total += kBernoulli[j] * factor;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (q * q);
  }
  return total;
}

// The order-th derivative of digamma, (-1)^(n+1) n! zeta(n + 1, x). For x < 0 the terms over all
// whole k, which only depend on x's fraction, less those of k < 0.
double polygamma(double order, double x) {
  if (std::isnan(x) || x == -kInf) return kNan;
  if (x == kInf) return 0;
  const double s = order + 1;
  const double sign = std::fmod(order, 2) == 0 ? -1 : 1;  // (-1)^(n+1), which is (-1)^s too
  const double fraction = x - std::floor(x);
  double sum = kInf;  // at the poles 0, -1, ...
  if (x > 0)
    sum = hurwitz_zeta(s, x);
  else if (fraction != 0)
    sum =
        hurwitz_zeta(s, fraction) + sign * (hurwitz_zeta(s, 1 - fraction) - hurwitz_zeta(s, 1 - x));
  return sign * std::tgamma(s) * sum;
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

template <class T>
void polygamma_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  const T* x = static_cast<const T*>(in[0]);
  T* y = static_cast<T*>(out);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(polygamma(attrs[0], x[i]));
}

template <class T>
RowFn special(RowOp op) {
  switch (op) {
    case RowOp::erfinv: return unary<T, erf_inverse>;
    case RowOp::lgamma: return unary<T, log_gamma>;
    case RowOp::digamma: return unary<T, digamma>;
    case RowOp::polygamma: return polygamma_row<T>;
    case RowOp::nextafter: return binary<T, static_cast<T (*)(T, T)>(std::nextafter)>;
    case RowOp::ldexp: return binary<T, scale_by_power>;
    case RowOp::pow: return binary<T, static_cast<T (*)(T, T)>(std::pow)>;
    default: return nullptr;
  }
}

}  // namespace

RowFn special_row(RowOp op, DType t) {
  if (t == DType::F32) return special<float>(op);
  if (t == DType::F64) return special<double>(op);
  return nullptr;
}

}  // namespace lydia::cpu
