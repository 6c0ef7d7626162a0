// Integer row kernels against 128-bit arithmetic cut to the type's width, and comparisons of every
// type.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "lydia/cpu/rows.h"
#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;
using Wide = __int128;

Wide floor_divide(Wide a, Wide b) {
  if (b == 0) return 0;
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}
Wide remainder(Wide a, Wide b) { return b == 0 ? 0 : a - floor_divide(a, b) * b; }
Wide fmod(Wide a, Wide b) { return b == 0 ? 0 : a % b; }
Wide magnitude(Wide a) { return a < 0 ? -a : a; }
Wide gcd(Wide a, Wide b) { return b == 0 ? magnitude(a) : gcd(b, a % b); }
// Modulo 2^128, of which every type here keeps its bits.
Wide times(Wide a, Wide b) { return Wide((unsigned __int128)a * (unsigned __int128)b); }
Wide lcm(Wide a, Wide b) {
  return a == 0 || b == 0 ? 0 : times(magnitude(a) / gcd(a, b), magnitude(b));
}

// a^b modulo 2^64, for which wrapping unsigned arithmetic is exact.
Wide power(Wide a, Wide b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
  uint64_t result = 1, base = static_cast<uint64_t>(a);
  for (uint64_t e = static_cast<uint64_t>(b); e != 0; e >>= 1, base *= base) {
    if (e & 1) result *= base;
  }
  return static_cast<Wide>(result);
}

struct BinaryCase {
  RowOp op;
  Wide (*reference)(Wide a, Wide b);
};

const BinaryCase kBinary[] = {
    {RowOp::add, [](Wide a, Wide b) { return a + b; }},
    {RowOp::sub, [](Wide a, Wide b) { return a - b; }},
    {RowOp::mul, times},
    {RowOp::floor_divide, floor_divide},
    {RowOp::remainder, remainder},
    {RowOp::fmod, fmod},
    {RowOp::pow, power},
    {RowOp::gcd, gcd},
    {RowOp::lcm, lcm},
    {RowOp::maximum, [](Wide a, Wide b) { return std::max(a, b); }},
    {RowOp::minimum, [](Wide a, Wide b) { return std::min(a, b); }},
    {RowOp::fmax, [](Wide a, Wide b) { return std::max(a, b); }},
    {RowOp::fmin, [](Wide a, Wide b) { return std::min(a, b); }},
    {RowOp::bitwise_and, [](Wide a, Wide b) { return a & b; }},
    {RowOp::bitwise_or, [](Wide a, Wide b) { return a | b; }},
    {RowOp::bitwise_xor, [](Wide a, Wide b) { return a ^ b; }},
};

struct CompareCase {
  RowOp op;
  bool (*reference)(long double a, long double b);
};

// long double holds every value of every type here exactly.
const CompareCase kCompare[] = {
    {RowOp::eq, [](long double a, long double b) { return a == b; }},
    {RowOp::ne, [](long double a, long double b) { return a != b; }},
    {RowOp::lt, [](long double a, long double b) { return a < b; }},
    {RowOp::le, [](long double a, long double b) { return a <= b; }},
    {RowOp::gt, [](long double a, long double b) { return a > b; }},
    {RowOp::ge, [](long double a, long double b) { return a >= b; }},
    {RowOp::logical_and, [](long double a, long double b) { return a != 0 && b != 0; }},
    {RowOp::logical_or, [](long double a, long double b) { return a != 0 || b != 0; }},
    {RowOp::logical_xor, [](long double a, long double b) { return (a != 0) != (b != 0); }},
};

// Every pair of the values.
template <class T>
struct Pairs {
  explicit Pairs(const std::vector<T>& values) {
    for (T x : values) {
      for (T y : values) a.push_back(x), b.push_back(y);
    }
  }
  template <class R>
  std::vector<R> run(RowOp op, const double* attrs = nullptr) const {
    std::vector<R> out(a.size());
    const void* in[] = {a.data(), b.data()};
    row_fn(op, dtype_of<T>())(in, out.data(), static_cast<int64_t>(a.size()), attrs);
    return out;
  }
  std::vector<T> a, b;
};

// Checks all pairs, reporting the first that differs.
template <class T, class R, class F>
void check_pairs(const Pairs<T>& pairs, RowOp op, const std::vector<R>& got, const F& want) {
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] == want(pairs.a[i], pairs.b[i])) continue;
    FAIL_CHECK(std::string(row_op_name(op)), " of ", 8 * sizeof(T), " bits: ", +pairs.a[i], ", ",
               +pairs.b[i], " gave ", +got[i]);
    return;
  }
  CHECK(got.size() == pairs.a.size());
}

TEST_CASE_TEMPLATE("integer rows wrap and never fault", T, uint8_t, uint16_t, uint32_t, uint64_t,
                   int8_t, int16_t, int32_t, int64_t) {
  const Pairs<T> pairs(int_values<T>(40, 3));
  for (const BinaryCase& c : kBinary) {
    check_pairs(pairs, c.op, pairs.template run<T>(c.op),
                [&](T a, T b) { return static_cast<T>(c.reference(a, b)); });
  }
  constexpr int kBits = 8 * sizeof(T);
  check_pairs(pairs, RowOp::left_shift, pairs.template run<T>(RowOp::left_shift), [](T a, T b) {
    return b < T{0} || b >= T{kBits} ? T{0} : static_cast<T>(static_cast<uint64_t>(a) << b);
  });
  check_pairs(pairs, RowOp::right_shift, pairs.template run<T>(RowOp::right_shift), [](T a, T b) {
    const bool out = b < T{0} || b >= T{kBits};
    return static_cast<T>(out ? (a < T{0} ? -1 : 0) : a >> b);
  });
  const double scale[] = {-3};
  check_pairs(pairs, RowOp::add_scaled, pairs.template run<T>(RowOp::add_scaled, scale),
              [](T a, T b) { return static_cast<T>(Wide(a) - 3 * Wide(b)); });
}

TEST_CASE_TEMPLATE("integer rows of one input", T, uint8_t, uint16_t, uint32_t, uint64_t, int8_t,
                   int16_t, int32_t, int64_t) {
  const Pairs<T> pairs(int_values<T>(100, 4));
  const auto check = [&](RowOp op, auto want, const double* attrs = nullptr) {
    check_pairs(pairs, op, pairs.template run<T>(op, attrs),
                [&](T a, T) { return static_cast<T>(want(Wide(a))); });
  };
  check(RowOp::neg, [](Wide a) { return -a; });
  check(RowOp::abs, magnitude);
  check(RowOp::sign, [](Wide a) { return Wide((a > 0) - (a < 0)); });
  check(RowOp::square, [](Wide a) { return Wide((unsigned __int128)a * (unsigned __int128)a); });
  check(RowOp::bitwise_not, [](Wide a) { return ~a; });
  check(RowOp::relu, [](Wide a) { return std::max(a, Wide(0)); });
  check(RowOp::floor, [](Wide a) { return a; });
  const double bounds[] = {-5, 90}, open[] = {-1e300, 1e300};
  check(
      RowOp::clamp,
      [](Wide a) { return std::clamp(a, std::is_signed_v<T> ? Wide(-5) : Wide(0), Wide(90)); },
      bounds);
  check(
      RowOp::clamp, [](Wide a) { return a; }, open);
}

TEST_CASE_TEMPLATE("integer comparisons", T, uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t,
                   int32_t, int64_t) {
  const Pairs<T> pairs(int_values<T>(40, 5));
  for (const CompareCase& c : kCompare) {
    check_pairs(pairs, c.op, pairs.template run<uint8_t>(c.op),
                [&](T a, T b) { return static_cast<uint8_t>(c.reference(a, b)); });
  }
}

TEST_CASE_TEMPLATE("float comparisons and predicates", T, float, double) {
  const Pairs<T> pairs(float_values<T>(-2, 2, 20, 6));
  for (const CompareCase& c : kCompare) {
    check_pairs(pairs, c.op, pairs.template run<uint8_t>(c.op),
                [&](T a, T b) { return static_cast<uint8_t>(c.reference(a, b)); });
  }
  const auto check = [&](RowOp op, auto want) {
    check_pairs(pairs, op, pairs.template run<uint8_t>(op),
                [&](T a, T) { return static_cast<uint8_t>(want(a)); });
  };
  check(RowOp::isnan, [](T a) { return std::isnan(a); });
  check(RowOp::isinf, [](T a) { return std::isinf(a); });
  check(RowOp::isfinite, [](T a) { return std::isfinite(a); });
  check(RowOp::isposinf, [](T a) { return std::isinf(a) && a > 0; });
  check(RowOp::isneginf, [](T a) { return std::isinf(a) && a < 0; });
  check(RowOp::signbit, [](T a) { return std::signbit(a); });
  check(RowOp::logical_not, [](T a) { return a == 0; });
}

TEST_CASE("bool rows") {
  const uint8_t a[] = {0, 0, 1, 1}, b[] = {0, 1, 0, 1};
  const void* in[] = {a, b};
  const auto run = [&](RowOp op) {
    std::vector<int> bits(4);
    uint8_t out[4];
    row_fn(op, DType::Bool)(in, out, 4, nullptr);
    std::copy(out, out + 4, bits.begin());
    return bits;
  };
  CHECK(run(RowOp::add) == std::vector{0, 1, 1, 1});
  CHECK(run(RowOp::mul) == std::vector{0, 0, 0, 1});
  CHECK(run(RowOp::maximum) == std::vector{0, 1, 1, 1});
  CHECK(run(RowOp::bitwise_xor) == std::vector{0, 1, 1, 0});
  CHECK(run(RowOp::bitwise_not) == std::vector{1, 1, 0, 0});
  CHECK(run(RowOp::logical_not) == std::vector{1, 1, 0, 0});
  CHECK(run(RowOp::lt) == std::vector{0, 1, 0, 0});
  CHECK((row_fn(RowOp::sub, DType::Bool) == nullptr));
}

}  // namespace
}  // namespace lydia::cpu
