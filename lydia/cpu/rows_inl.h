// The loops under every vector row kernel. An op is a small struct, built from the row's
// attributes, whose operator() maps vectors (d, a, b, ...) to a vector (map_row) or to a mask
// (mask_row). Included once per instruction set.

#if defined(LYDIA_CPU_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_ROWS_INL_H_
#undef LYDIA_CPU_ROWS_INL_H_
#else
#define LYDIA_CPU_ROWS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "lydia/cpu/rows.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// One lane at a time leaves no remainder.
constexpr bool kTail = HWY_TARGET != HWY_SCALAR;

template <class D>
using Mask = decltype(hn::FirstN(D(), 0));

// Ops without attributes derive from NoAttrs, those with N from Attrs<N>.
struct NoAttrs {
  explicit NoAttrs(const double*) {}
};

template <int N>
struct Attrs {
  explicit Attrs(const double* attrs) { std::memcpy(values, attrs, sizeof(values)); }
  template <class D>
  HWY_INLINE hn::Vec<D> attr(D d, int i) const {
    return hn::Set(d, static_cast<hn::TFromD<D>>(values[i]));
  }
  double values[N];
};

// Defines the op `Name` without attributes as an expression in its inputs: x; a, b; or a, b, c.
#define LYDIA_ROW1(Name, expr)                                    \
  struct Name : NoAttrs {                                         \
    using NoAttrs::NoAttrs;                                       \
    template <class D, class V>                                   \
    HWY_INLINE auto operator()([[maybe_unused]] D d, V x) const { \
      return expr;                                                \
    }                                                             \
  };
#define LYDIA_ROW2(Name, expr)                                         \
  struct Name : NoAttrs {                                              \
    using NoAttrs::NoAttrs;                                            \
    template <class D, class V>                                        \
    HWY_INLINE auto operator()([[maybe_unused]] D d, V a, V b) const { \
      return expr;                                                     \
    }                                                                  \
  };
#define LYDIA_ROW3(Name, expr)                                              \
  struct Name : NoAttrs {                                                   \
    using NoAttrs::NoAttrs;                                                 \
    template <class D, class V>                                             \
    HWY_INLINE auto operator()([[maybe_unused]] D d, V a, V b, V c) const { \
      return expr;                                                          \
    }                                                                       \
  };

// An op on f64 as one on f32: computed in double and rounded.
template <class Op>
struct InDouble : Op {
  using Op::Op;
  template <class D, class... V>
  HWY_INLINE hn::Vec<D> operator()(D d, V... x) const {
#if HWY_TARGET == HWY_SCALAR
    const hn::Rebind<double, D> dd;
    return hn::Set(d, static_cast<float>(hn::GetLane(Op::operator()(dd, hn::PromoteTo(dd, x)...))));
#else
    const hn::Half<D> half;
    const hn::Rebind<double, decltype(half)> dd;
    const auto lo = Op::operator()(dd, hn::PromoteTo(dd, hn::LowerHalf(half, x))...);
    const auto hi = Op::operator()(dd, hn::PromoteTo(dd, hn::UpperHalf(half, x))...);
    return hn::Combine(d, hn::DemoteTo(half, hi), hn::DemoteTo(half, lo));
#endif
  }
};

// Op for f64, Op in double for f32.
template <class Op, class T>
using Precise = std::conditional_t<sizeof(T) == 4, InDouble<Op>, Op>;

template <class D>
HWY_INLINE hn::Vec<D> set(D d, double value) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(value));
}

// The larger and the smaller of two floats; NaN if either is NaN.
template <class V>
HWY_INLINE V max_nan(V a, V b) {
  return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::IsNaN(b), b, hn::Max(a, b)));
}
template <class V>
HWY_INLINE V min_nan(V a, V b) {
  return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::IsNaN(b), b, hn::Min(a, b)));
}

// Partial loads and stores of fewer than Lanes(d) elements, which touch only those elements.
// Narrow lanes, and machines without masked moves, go through a buffer.
template <class T>
constexpr bool kMaskedMoves = HWY_TARGET == HWY_AVX3 || (HWY_TARGET == HWY_AVX2 && sizeof(T) >= 4);

template <class D>
HWY_INLINE hn::Vec<D> load_part(D d, const hn::TFromD<D>* p, int64_t n) {
  using T = hn::TFromD<D>;
  if constexpr (kMaskedMoves<T>) return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(n)), d, p);
  HWY_ALIGN T buffer[hn::MaxLanes(d)] = {};
  std::memcpy(buffer, p, static_cast<size_t>(n) * sizeof(T));
  return hn::Load(d, buffer);
}

template <class D>
HWY_INLINE void store_part(hn::Vec<D> v, D d, hn::TFromD<D>* p, int64_t n) {
  using T = hn::TFromD<D>;
  if constexpr (kMaskedMoves<T>) {
    hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(n)), d, p);
  } else {
    HWY_ALIGN T buffer[hn::MaxLanes(d)];
    hn::Store(v, d, buffer);
    std::memcpy(p, buffer, static_cast<size_t>(n) * sizeof(T));
  }
}

// A mask as one byte of 0 or 1 per lane.
template <class D>
HWY_INLINE auto bytes_from_mask(D d, Mask<D> mask) {
  using T = hn::TFromD<D>;
  const hn::Rebind<uint8_t, D> d8;
  const auto one = hn::Set(d8, uint8_t{1});
#if HWY_TARGET == HWY_AVX3
  using Mask8 = Mask<decltype(d8)>;
  return hn::IfThenElseZero(Mask8{static_cast<decltype(Mask8{}.raw)>(mask.raw)}, one);
#else
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::BitCast(du, hn::VecFromMask(d, mask));
  if constexpr (sizeof(T) == 1) {
    return hn::And(bits, one);
  } else if constexpr (sizeof(T) == 2) {
    return hn::DemoteTo(d8, hn::BitCast(hn::RebindToSigned<D>(), hn::ShiftRight<15>(bits)));
  } else {
    return hn::TruncateTo(d8, hn::ShiftRight<8 * sizeof(T) - 1>(bits));
  }
#endif
}

// The mask of non-zero bytes, one byte per lane of d.
template <class D>
HWY_INLINE Mask<D> mask_from_bytes(D d, hn::Vec<hn::Rebind<uint8_t, D>> bytes) {
  using T = hn::TFromD<D>;
  const hn::Rebind<uint8_t, D> d8;
#if HWY_TARGET == HWY_AVX3
  return Mask<D>{static_cast<decltype(Mask<D>{}.raw)>(hn::Ne(bytes, hn::Zero(d8)).raw)};
#else
  const hn::RebindToUnsigned<D> du;
  if constexpr (sizeof(T) == 1) {
    return hn::RebindMask(d, hn::Ne(bytes, hn::Zero(d8)));
  } else if constexpr (sizeof(T) == 8) {
    const auto wide = hn::PromoteTo(du, hn::PromoteTo(hn::Rebind<uint32_t, D>(), bytes));
    return hn::RebindMask(d, hn::Ne(wide, hn::Zero(du)));
  } else {
    return hn::RebindMask(d, hn::Ne(hn::PromoteTo(du, bytes), hn::Zero(du)));
  }
#endif
}

// Applies `op` to kIn vectors that `load(k)` yields.
template <int kIn, class D, class Op, class Load>
HWY_INLINE auto apply(const Op& op, D d, const Load& load) {
  if constexpr (kIn == 1) {
    return op(d, load(0));
  } else if constexpr (kIn == 2) {
    return op(d, load(0), load(1));
  } else {
    return op(d, load(0), load(1), load(2));
  }
}

template <class D>
struct LoadFull {
  const void* const* in;
  int64_t at;
  HWY_INLINE hn::Vec<D> operator()(int k) const {
    return hn::LoadU(D(), static_cast<const hn::TFromD<D>*>(in[k]) + at);
  }
};

template <class D>
struct LoadPart {
  const void* const* in;
  int64_t at, n;
  HWY_INLINE hn::Vec<D> operator()(int k) const {
    return load_part(D(), static_cast<const hn::TFromD<D>*>(in[k]) + at, n);
  }
};

// The input pointers, copied so that the compiler knows the stores do not change them.
template <int kIn>
struct Inputs {
  explicit Inputs(const void* const* in) {
    for (int k = 0; k < kIn; ++k) at[k] = in[k];
  }
  const void* at[kIn];
};

// Rows of two or more inputs whose output is at least this long are stored past the caches, which
// saves reading the output's lines first: measured on 64 MB results, a quarter less time for add
// and half for lerp, little for heavy ops. With one input there is nothing to gain, and gelu loses.
constexpr int64_t kStreamBytes = int64_t{16} << 20;

// Stores whole vectors of out[at, ...) past the caches and returns where it stopped. y + at must be
// aligned to vectors.
template <class T, int kIn, class Op>
HWY_NOINLINE int64_t stream_row(const Op& op, const Inputs<kIn>& inputs, T* y, int64_t at,
                                int64_t n) {
  using D = hn::ScalableTag<T>;
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (; at + lanes <= n; at += lanes) {
    hn::Stream(apply<kIn>(op, d, LoadFull<D>{inputs.at, at}), d, y + at);
  }
  hwy::FlushStream();
  return at;
}

// How many elements come before the first aligned vector of a row that is worth streaming; -1 for a
// row that is not. In place the lines are in the cache already.
template <class T, int kIn>
HWY_INLINE int64_t stream_start(const Inputs<kIn>& inputs, const T* y, int64_t n, int64_t lanes) {
  if (kIn < 2 || !kTail || HWY_LIKELY(n < kStreamBytes / static_cast<int64_t>(sizeof(T))))
    return -1;
  for (const void* x : inputs.at) {
    if (x == y) return -1;
  }
  const int64_t past = static_cast<int64_t>(reinterpret_cast<uintptr_t>(y) / sizeof(T)) % lanes;
  return past == 0 ? 0 : lanes - past;
}

// out[i] = op(in[0][i], ...)
template <class T, int kIn, class Op>
void map_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  using D = hn::ScalableTag<T>;
  const D d;
  const Op op(attrs);
  const Inputs<kIn> inputs(in);
  T* y = static_cast<T*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  if (const int64_t head = stream_start(inputs, y, n, lanes); HWY_UNLIKELY(head >= 0)) {
    if (head > 0) store_part(apply<kIn>(op, d, LoadPart<D>{inputs.at, 0, head}), d, y, head);
    i = stream_row(op, inputs, y, head, n);
  }
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(apply<kIn>(op, d, LoadFull<D>{inputs.at, i}), d, y + i);
  }
  if (kTail && i < n) {
    store_part(apply<kIn>(op, d, LoadPart<D>{inputs.at, i, n - i}), d, y + i, n - i);
  }
}

// out[i] = op(in[0][i], ...) as a bool byte
template <class T, int kIn, class Op>
void mask_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  using D = hn::ScalableTag<T>;
  const D d;
  const hn::Rebind<uint8_t, D> d8;
  const Op op(attrs);
  const Inputs<kIn> inputs(in);
  uint8_t* y = static_cast<uint8_t*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto mask = apply<kIn>(op, d, LoadFull<D>{inputs.at, i});
    hn::StoreU(bytes_from_mask(d, mask), d8, y + i);
  }
  if (!kTail || i >= n) return;
  HWY_ALIGN uint8_t buffer[hn::MaxLanes(d)];
  const auto mask = apply<kIn>(op, d, LoadPart<D>{inputs.at, i, n - i});
  hn::StoreU(bytes_from_mask(d, mask), d8, buffer);
  std::memcpy(y + i, buffer, static_cast<size_t>(n - i));
}

// out[i] = f(in[0][i], ...) for a plain function of scalars; the compiler vectorises what it can.
// No element depends on another's result, so the pragma that says so holds even in place.
#if HWY_COMPILER_CLANG
#define LYDIA_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define LYDIA_INDEPENDENT _Pragma("GCC ivdep")
#endif

template <class T, int kIn, class F, class R = T>
void loop_row(const void* const* in, void* out, int64_t n, const double* attrs) {
  const F f(attrs);
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[kIn > 1 ? 1 : 0]);
  const T* c = static_cast<const T*>(in[kIn > 2 ? 2 : 0]);
  R* y = static_cast<R*>(out);
  LYDIA_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kIn == 1) {
      y[i] = static_cast<R>(f(a[i]));
    } else if constexpr (kIn == 2) {
      y[i] = static_cast<R>(f(a[i], b[i]));
    } else {
      y[i] = static_cast<R>(f(a[i], b[i], c[i]));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_ROWS_INL_H_
