// Shared by the tests of the row kernels: values that have broken such code before, and errors in
// units in the last place.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace lydia::cpu::testing {

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

template <class T>
std::vector<T> special_floats() {
  using L = std::numeric_limits<T>;
  std::vector<T> values;
  for (T v : {T(0),
              L::denorm_min(),
              L::min() / 2,
              L::min(),
              L::epsilon(),
              T(1e-10),
              T(0.1),
              T(0.25),
              T(0.5),
              T(0.75),
              T(1) - L::epsilon() / 2,
              T(1),
              T(1) + L::epsilon(),
              T(1.5),
              T(2),
              T(2.5),
              T(3),
              T(8),
              T(20),
              T(50),
              T(88.5),
              T(89),
              T(104),
              T(709.5),
              T(746),
              T(1e5),
              T(1e10),
              T(16777217),
              L::max() / 2,
              L::max(),
              L::infinity(),
              L::quiet_NaN()}) {
    values.push_back(v);
    values.push_back(-v);
  }
  return values;
}

// Specials, then numbers from [lo, hi], then numbers of every magnitude.
template <class T>
std::vector<T> float_values(double lo, double hi, int count, uint32_t seed) {
  std::vector<T> values = special_floats<T>();
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> within(lo, hi);
  for (int i = 0; i < count; ++i) values.push_back(static_cast<T>(within(random)));
  for (int i = 0; i < count; ++i)
    values.push_back(std::bit_cast<T>(static_cast<BitsOf<T>>(random())));
  return values;
}

template <class T>
std::vector<T> int_values(int count, uint32_t seed) {
  using L = std::numeric_limits<T>;
  std::vector<T> values;
  for (T v : {L::min(), T(L::min() + 1), T(-2), T(-1), T(0), T(1), T(2), T(3), T(7), T(8), T(31),
              T(32), T(63), T(64), T(100), T(L::max() / 2), T(L::max() - 1), L::max()}) {
    values.push_back(v);
  }
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i) values.push_back(static_cast<T>(random()));
  return values;
}

// How far `got` is from the exact `want`, in units of the last place of T at `want`. Two NaNs
// agree; so do equal infinities, and zeros only with equal signs.
template <class T>
double ulp_error(T got, long double want) {
  const double far = 1e30;
  if (std::isnan(want)) return std::isnan(got) ? 0 : far;
  if (std::isnan(got)) return far;
  const T rounded = static_cast<T>(want);
  if (std::isinf(got) || std::isinf(rounded)) {
    if (got == rounded) return 0;
    // One step around the edge of overflow is forgiven, more is not.
    const bool edge = std::fabs(got) == std::numeric_limits<T>::max() ||
                      std::fabs(rounded) == std::numeric_limits<T>::max();
    return edge && std::signbit(got) == std::signbit(rounded) ? 1 : far;
  }
  if (want == 0) return got == 0 && std::signbit(got) == std::signbit(want) ? 0 : far;
  int exponent;
  std::frexp(want, &exponent);
  const int lowest = std::numeric_limits<T>::min_exponent;
  const int digits = std::numeric_limits<T>::digits;
  const long double unit = std::ldexp(1.0L, std::max(exponent, lowest) - digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / unit);
}

}  // namespace lydia::cpu::testing
