// All 13 x 13 row conversions against long double arithmetic.
#include "lydia/cpu/convert.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;
using Real = long double;

template <class T>
constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
constexpr bool kIsFloat = std::is_floating_point_v<T> || kIsHalf<T>;

// The value of a float format with `digits` bits of mantissa (the implied one counted) and
// exponents from `lowest` to `highest` that is nearest to x, ties to even.
Real round_to_format(Real x, int digits, int lowest, int highest) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent;
  std::frexp(x, &exponent);
  const int unit = std::max(exponent - digits, lowest - digits + 1);
  const Real rounded = std::ldexp(std::nearbyint(std::ldexp(x, -unit)), unit);
  const Real limit = std::ldexp(1.0L, highest + 1);
  return std::fabs(rounded) >= limit ? std::copysign(std::numeric_limits<Real>::infinity(), x)
                                     : rounded;
}

// What `x` should become, as the exact value of a To.
template <class To, class From>
Real expected(From x) {
  const Real value = [&] {
    if constexpr (kIsHalf<From>)
      return static_cast<Real>(static_cast<float>(x));
    else
      return static_cast<Real>(x);
  }();
  if constexpr (std::is_same_v<To, bool>) {
    return value != 0;
  } else if constexpr (std::is_integral_v<To> && !kIsFloat<From>) {
    return static_cast<Real>(static_cast<To>(x));
  } else if constexpr (std::is_integral_v<To>) {
    using L = std::numeric_limits<To>;
    if (std::isnan(value)) return 0;
    return std::min(std::max(std::trunc(value), static_cast<Real>(L::min())),
                    static_cast<Real>(L::max()));
  } else if constexpr (kIsHalf<To>) {
    // Integers come by way of f32.
    const Real start = kIsFloat<From> ? value : static_cast<Real>(static_cast<float>(value));
    return std::is_same_v<To, Half> ? round_to_format(start, 11, -14, 15)
                                    : round_to_format(start, 8, -126, 127);
  } else {
    return static_cast<Real>(static_cast<To>(value));
  }
}

// Every bit pattern of the 16-bit types; specials and random values of the others.
template <class T>
std::vector<T> inputs() {
  std::vector<T> values;
  if constexpr (kIsHalf<T>) {
    values.resize(65536);
    for (uint32_t i = 0; i < 65536; ++i) values[i].bits = static_cast<uint16_t>(i);
  } else if constexpr (std::is_same_v<T, bool>) {
    for (int i = 0; i < 40; ++i) values.push_back(i % 3 == 0);
  } else if constexpr (std::is_floating_point_v<T>) {
    values = float_values<T>(-70000, 70000, 3000, 9);
    for (int e = -160; e < 130; ++e) {  // just around ties of the 16-bit formats
      for (Real m : {1 + 0x1p-11L, 1 + 0x1p-11L + 0x1p-40L, 1 + 0x3p-11L - 0x1p-40L, 1 + 0x1p-8L,
                     1 + 0x1p-8L + 0x1p-35L, 1 + 0x3p-8L - 0x1p-35L}) {
        values.push_back(static_cast<T>(std::ldexp(m, e)));
      }
    }
  } else {
    values = int_values<T>(500, 9);
  }
  return values;
}

template <class T>
Real value_of(T x) {
  if constexpr (kIsHalf<T>)
    return static_cast<float>(x);
  else
    return static_cast<Real>(x);
}

template <class From, class To>
void check_pair() {
  const std::vector<From> source = inputs<From>();
  const int64_t n = static_cast<int64_t>(source.size());
  std::vector<char> x(n * sizeof(From)), y(n * sizeof(To) + 1, 'g');
  for (int64_t i = 0; i < n; ++i) {
    const From value = source[i];  // vector<bool> has no addresses
    std::memcpy(&x[i * sizeof(From)], &value, sizeof(From));
  }
  convert_fn(dtype_of<From>(), dtype_of<To>())(x.data(), y.data(), n);
  CHECK(y.back() == 'g');
  for (int64_t i = 0; i < n; ++i) {
    To got;
    std::memcpy(&got, &y[i * sizeof(To)], sizeof(To));
    const Real have = value_of(got), want = expected<To>(source[i]);
    if (std::isnan(have) ? std::isnan(want)
                         : have == want && (have != 0 || std::is_integral_v<To> ||
                                            std::signbit(have) == std::signbit(want))) {
      continue;
    }
    FAIL_CHECK("from dtype ", int(dtype_of<From>()), " to ", int(dtype_of<To>()), ": ",
               static_cast<double>(value_of(source[i])), " gave ", static_cast<double>(have),
               ", wanted ", static_cast<double>(want));
    return;
  }
}

TEST_CASE_TEMPLATE("conversions from one dtype to all", From, bool, uint8_t, uint16_t, uint32_t,
                   uint64_t, int8_t, int16_t, int32_t, int64_t, Half, BFloat16, float, double) {
  check_pair<From, bool>();
  check_pair<From, uint8_t>();
  check_pair<From, uint16_t>();
  check_pair<From, uint32_t>();
  check_pair<From, uint64_t>();
  check_pair<From, int8_t>();
  check_pair<From, int16_t>();
  check_pair<From, int32_t>();
  check_pair<From, int64_t>();
  check_pair<From, Half>();
  check_pair<From, BFloat16>();
  check_pair<From, float>();
  check_pair<From, double>();
}

TEST_CASE("conversions of every short length touch nothing else") {
  std::vector<float> x(70);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) * 1.37f - 20;
  for (DType to : {DType::Bool, DType::U8, DType::I64, DType::F16, DType::BF16, DType::F64}) {
    const size_t size = to == DType::I64 || to == DType::F64 ? 8 : is_floating(to) ? 2 : 1;
    std::vector<char> whole(70 * size);
    convert_fn(DType::F32, to)(x.data(), whole.data(), 70);
    for (int64_t n = 0; n < 70; ++n) {
      std::vector<char> part(n * size + 64, 'g');
      convert_fn(DType::F32, to)(x.data(), part.data(), n);
      CHECK(std::equal(part.begin(), part.begin() + n * size, whole.begin()));
      CHECK(std::count(part.begin() + n * size, part.end(), 'g') == 64);
    }
  }
}

}  // namespace
}  // namespace lydia::cpu
