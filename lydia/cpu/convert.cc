// Row conversions, 13 x 13 pairs. f16 and bf16 meet the other dtypes by way of f32, a block at a
// time; everything else is a scalar formula without branches, which the compiler vectorises.
#include "lydia/cpu/convert.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/convert.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// The largest float that is no larger than the largest To, and the float above it.
template <class From, class To>
constexpr From kPastMax = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * From{2};
template <class From, class To>
constexpr From kMax =
    std::numeric_limits<From>::digits >= std::numeric_limits<To>::digits
        ? static_cast<From>(std::numeric_limits<To>::max())
        : kPastMax<From, To> - kPastMax<From, To>* std::numeric_limits<From>::epsilon() / 2;

// Clamped before the conversion, which is then always defined and needs no branch.
template <class From, class To>
HWY_INLINE To float_to_int(From x) {
  constexpr From kMin = static_cast<From>(std::numeric_limits<To>::min());
  From inside = x > kMin ? x : kMin;
  inside = inside < kMax<From, To> ? inside : kMax<From, To>;
  To y = static_cast<To>(inside);
  y = x >= kPastMax<From, To> ? std::numeric_limits<To>::max() : y;
  return x == x ? y : To{0};
}

// f64 to f32, rounded to odd: a later rounding to f16 or bf16 then comes out as if there had been
// one.
HWY_INLINE float round_to_odd(double x) {
  const float nearest = static_cast<float>(x);
  const double back = nearest;
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  bits -= std::fabs(back) > std::fabs(x) ? 1u : 0u;
  bits |= back < x || back > x ? 1u : 0u;
  return std::bit_cast<float>(bits);
}

template <class From, class To>
HWY_INLINE To convert_one(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From{0};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return float_to_int<From, To>(x);
  } else {
    return static_cast<To>(x);
  }
}

template <class From, class To>
void convert(const void* in, void* out, int64_t n) {
  const From* x = static_cast<const From*>(in);
  To* y = static_cast<To*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) y[i] = convert_one<From, To>(x[i]);
}

template <size_t kSize>
void copy(const void* in, void* out, int64_t n) {
  if (n > 0) std::memcpy(out, in, static_cast<size_t>(n) * kSize);
}

void odd_f32_from_f64(const void* in, void* out, int64_t n) {
  const double* x = static_cast<const double*>(in);
  float* y = static_cast<float*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) y[i] = round_to_odd(x[i]);
}

void f32_from_bf16(const void* in, void* out, int64_t n) {
  const uint16_t* x = static_cast<const uint16_t*>(in);
  float* y = static_cast<float*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) y[i] = std::bit_cast<float>(static_cast<uint32_t>(x[i]) << 16);
}

#if HWY_TARGET == HWY_SCALAR

void bf16_from_f32(const void* in, void* out, int64_t n) { convert<float, BFloat16>(in, out, n); }
void f32_from_f16(const void* in, void* out, int64_t n) { convert<Half, float>(in, out, n); }
void f16_from_f32(const void* in, void* out, int64_t n) { convert<float, Half>(in, out, n); }

#else

using F32 = hn::ScalableTag<float>;

// Rounds to nearest even in the bits; NaN keeps its top bits and becomes quiet.
struct ToBf16 {
  using In = float;
  using Out = uint16_t;
  HWY_INLINE auto operator()(hn::Vec<F32> x) const {
    const hn::RebindToUnsigned<F32> du;
    const auto u = hn::BitCast(du, x);
    const auto top = hn::ShiftRight<16>(u);
    const auto odd = hn::And(top, hn::Set(du, 1));
    const auto rounded = hn::ShiftRight<16>(hn::Add(u, hn::Add(odd, hn::Set(du, 0x7fff))));
    const auto quiet = hn::Or(top, hn::Set(du, 0x40));
    const auto nan = hn::RebindMask(du, hn::IsNaN(x));
    return hn::TruncateTo(hn::Rebind<uint16_t, F32>(), hn::IfThenElse(nan, quiet, rounded));
  }
};

struct ToF16 {
  using In = float;
  using Out = hwy::float16_t;
  HWY_INLINE auto operator()(hn::Vec<F32> x) const {
    return hn::DemoteTo(hn::Rebind<hwy::float16_t, F32>(), x);
  }
};

struct FromF16 {
  using In = hwy::float16_t;
  using Out = float;
  HWY_INLINE auto operator()(hn::Vec<hn::Rebind<hwy::float16_t, F32> > x) const {
    return hn::PromoteTo(F32(), x);
  }
};

template <class Op>
void narrow_row(const void* in, void* out, int64_t n) {
  using In = typename Op::In;
  using Out = typename Op::Out;
  const hn::Rebind<In, F32> d_in;
  const hn::Rebind<Out, F32> d_out;
  const In* x = static_cast<const In*>(in);
  Out* y = static_cast<Out*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(F32()));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Op()(hn::LoadU(d_in, x + i)), d_out, y + i);
  if (i >= n) return;
  const size_t rest = static_cast<size_t>(n - i);
  HWY_ALIGN In x_rest[hn::MaxLanes(F32())] = {};
  HWY_ALIGN Out y_rest[hn::MaxLanes(F32())];
  std::memcpy(x_rest, x + i, rest * sizeof(In));
  hn::StoreU(Op()(hn::LoadU(d_in, x_rest)), d_out, y_rest);
  std::memcpy(y + i, y_rest, rest * sizeof(Out));
}

void bf16_from_f32(const void* in, void* out, int64_t n) { narrow_row<ToBf16>(in, out, n); }
void f32_from_f16(const void* in, void* out, int64_t n) { narrow_row<FromF16>(in, out, n); }
void f16_from_f32(const void* in, void* out, int64_t n) { narrow_row<ToF16>(in, out, n); }

#endif

template <class T>
constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

// The way from T to f32 that keeps a later rounding to 16 bits right, and the way from f32 to T.
template <class T>
constexpr ConvertFn kToF32 = convert<T, float>;
template <>
constexpr ConvertFn kToF32<double> = odd_f32_from_f64;
template <>
constexpr ConvertFn kToF32<Half> = f32_from_f16;
template <>
constexpr ConvertFn kToF32<BFloat16> = f32_from_bf16;

template <class T>
constexpr ConvertFn kFromF32 = convert<float, T>;
template <>
constexpr ConvertFn kFromF32<Half> = f16_from_f32;
template <>
constexpr ConvertFn kFromF32<BFloat16> = bf16_from_f32;

template <class From, class To>
void through_f32(const void* in, void* out, int64_t n) {
  constexpr int64_t kBlock = 512;
  float block[kBlock];
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t m = std::min(kBlock, n - i);
    kToF32<From>(static_cast<const From*>(in) + i, block, m);
    kFromF32<To>(block, static_cast<To*>(out) + i, m);
  }
}

template <class From, class To>
constexpr ConvertFn pick() {
  if constexpr (std::is_same_v<From, To>) {
    return copy<sizeof(From)>;
  } else if constexpr (kIsHalf<From> && std::is_same_v<To, float>) {
    return kToF32<From>;
  } else if constexpr (std::is_same_v<From, float> && kIsHalf<To>) {
    return kFromF32<To>;
  } else if constexpr (kIsHalf<From> || kIsHalf<To>) {
    return through_f32<From, To>;
  } else {
    return convert<From, To>;
  }
}

ConvertFn convert_row(DType from, DType to) {
  return visit_dtype(from, [&]<class From>(From) {
    return visit_dtype(to, []<class To>(To) -> ConvertFn { return pick<From, To>(); });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(convert_row);

using Table = std::array<std::array<ConvertFn, kDTypeCount>, kDTypeCount>;

Table make_table() {
  choose_isa();
  Table table{};
  for (int from = 0; from < kDTypeCount; ++from) {
    for (int to = 0; to < kDTypeCount; ++to) {
      table[from][to] = HWY_DYNAMIC_DISPATCH(convert_row)(DType(from), DType(to));
    }
  }
  return table;
}

}  // namespace

ConvertFn convert_fn(DType from, DType to) {
  static const Table table = make_table();
  return table[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

}  // namespace lydia::cpu
#endif
