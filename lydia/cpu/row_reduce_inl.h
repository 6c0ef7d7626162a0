// The loops under the row reductions. A reduction keeps a State of vectors: `start(d)` is the
// neutral one, `add(state, map(x))` takes a vector in, `join` joins two states or two scalars,
// `combine` two vectors, `finish(d, state)` makes a scalar. Included once per instruction set.

#if defined(LYDIA_CPU_ROW_REDUCE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_ROW_REDUCE_INL_H_
#undef LYDIA_CPU_ROW_REDUCE_INL_H_
#else
#define LYDIA_CPU_ROW_REDUCE_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "lydia/core/dtype.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Elements per block: longer rows are joined pairwise from blocks of this length. Within a block
// each of a few dozen lanes adds up in a row; the baseline has only four.
constexpr int64_t kReduceBlock = HWY_TARGET == HWY_SCALAR ? 256 : 4096;

// Reads vectors of T from From: T itself, or f16 and bf16 as float.
template <class T, class From>
struct Reader {
  template <class D>
  HWY_INLINE hn::Vec<D> full(D d, const From* p) const {
    return hn::LoadU(d, p);
  }
};

#if HWY_TARGET == HWY_SCALAR
template <>
struct Reader<float, Half> {
  template <class D>
  HWY_INLINE hn::Vec<D> full(D d, const Half* p) const {
    return hn::Set(d, static_cast<float>(*p));
  }
};
#else
template <>
struct Reader<float, Half> {
  template <class D>
  HWY_INLINE hn::Vec<D> full(D d, const Half* p) const {
    const hn::Rebind<hwy::float16_t, D> d16;
    return hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const hwy::float16_t*>(p)));
  }
};
#endif

template <>
struct Reader<float, BFloat16> {
  template <class D>
  HWY_INLINE hn::Vec<D> full(D d, const BFloat16* p) const {
    const hn::Rebind<uint16_t, D> d16;
    const hn::RebindToUnsigned<D> du;
    const auto bits = hn::LoadU(d16, reinterpret_cast<const uint16_t*>(p));
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
  }
};

// Fewer than Lanes(d) elements, zeros after them.
template <class T, class From, class D>
HWY_INLINE hn::Vec<D> read_part(D d, const From* p, int64_t n) {
  if constexpr (std::is_same_v<T, From>) {
    return load_part(d, p, n);
  } else {
    HWY_ALIGN From buffer[hn::MaxLanes(d)] = {};
    std::memcpy(static_cast<void*>(buffer), p, static_cast<size_t>(n) * sizeof(From));
    return Reader<T, From>().full(d, buffer);
  }
}

// How far ahead of the sum a block asks for memory, in elements: the hardware stops at a page.
constexpr int64_t kAhead = 2048;

// One block, in four independent chains.
template <class R, class T, class From>
HWY_INLINE T reduce_block(const From* x, int64_t n) {
  const hn::ScalableTag<T> d;
  const Reader<T, From> reader;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s0 = R::start(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    s0 = R::add(s0, R::map(d, reader.full(d, x + i)));
    s1 = R::add(s1, R::map(d, reader.full(d, x + i + lanes)));
    s2 = R::add(s2, R::map(d, reader.full(d, x + i + 2 * lanes)));
    s3 = R::add(s3, R::map(d, reader.full(d, x + i + 3 * lanes)));
    for (int64_t k = 0; k < 4; ++k) hwy::Prefetch(x + i + kAhead + k * lanes);
  }
  for (; i + lanes <= n; i += lanes) s0 = R::add(s0, R::map(d, reader.full(d, x + i)));
  if (kTail && i < n) {
    const auto last = R::map(d, read_part<T>(d, x + i, n - i));
    const auto there = hn::FirstN(d, static_cast<size_t>(n - i));
    s1 = R::add(s1, hn::IfThenElse(there, last, R::neutral(d)));
  }
  return R::finish(d, R::join(R::join(s0, s1), R::join(s2, s3)));
}

// A row: halves of whole blocks, joined.
template <class R, class T, class From>
T reduce_row(const From* x, int64_t n) {
  if (n <= kReduceBlock) return reduce_block<R, T>(x, n);
  const int64_t blocks = (n + kReduceBlock - 1) / kReduceBlock;
  const int64_t half = blocks / 2 * kReduceBlock;
  const T first = reduce_row<R, T>(x, half);  // in the order of memory, for the prefetchers
  return R::join(first, reduce_row<R, T>(x + half, n - half));
}

// Reductions whose state is one vector, and the same operation on scalars.
struct Sum {
  template <class D>
  static HWY_INLINE hn::Vec<D> neutral(D d) {
    return hn::Zero(d);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> start(D d) {
    return hn::Zero(d);
  }
  template <class D, class V>
  static HWY_INLINE V map(D, V x) {
    return x;
  }
  template <class V>
  static HWY_INLINE V add(V state, V x) {
    return hn::Add(state, x);
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    return hn::Add(a, b);
  }
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    if constexpr (std::is_floating_point_v<V>) {
      return a + b;
    } else {
      return hn::Add(a, b);
    }
  }
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> finish(D d, V state) {
    return hn::GetLane(hn::SumOfLanes(d, state));
  }
};

struct SumSquares : Sum {
  template <class D, class V>
  static HWY_INLINE V map(D, V x) {
    return hn::Mul(x, x);
  }
};

struct SumAbs : Sum {
  template <class D, class V>
  static HWY_INLINE V map(D, V x) {
    return hn::Abs(x);
  }
};

struct Prod : Sum {
  template <class D>
  static HWY_INLINE hn::Vec<D> neutral(D d) {
    return set(d, 1);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> start(D d) {
    return set(d, 1);
  }
  template <class V>
  static HWY_INLINE V add(V state, V x) {
    return hn::Mul(state, x);
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    return hn::Mul(a, b);
  }
  template <class V>
  static HWY_INLINE V join(V a, V b) {
    if constexpr (std::is_floating_point_v<V>) {
      return a * b;
    } else {
      return hn::Mul(a, b);
    }
  }
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> finish(D d, V state) {
    using T = hn::TFromD<D>;
    HWY_ALIGN T x[hn::MaxLanes(d)];
    hn::Store(state, d, x);
    T product = x[0];
    for (size_t i = 1; i < hn::Lanes(d); ++i) product *= x[i];
    return product;
  }
};

// The extremes see NaN apart: max and min of vectors may drop it.
template <class D>
struct ExtremeState {
  hn::Vec<D> value;
  Mask<D> nan;
};

template <bool kMax>
struct Extreme {
  template <class D, class V>
  static HWY_INLINE V map(D, V x) {
    return x;
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> neutral(D d) {
    return kMax ? hn::Neg(hn::Inf(d)) : hn::Inf(d);
  }
  template <class D>
  static HWY_INLINE ExtremeState<D> start(D d) {
    return {neutral(d), hn::Lt(hn::Zero(d), hn::Zero(d))};
  }
  template <class V>
  static HWY_INLINE V extreme(V a, V b) {
    if constexpr (kMax) {
      return hn::Max(a, b);
    } else {
      return hn::Min(a, b);
    }
  }
  template <class V>
  static HWY_INLINE V combine(V a, V b) {
    if constexpr (kMax) {
      return max_nan(a, b);
    } else {
      return min_nan(a, b);
    }
  }
  // The state comes second: x86 gives the second operand when there is a NaN.
  template <class D>
  static HWY_INLINE ExtremeState<D> add(const ExtremeState<D>& state, hn::Vec<D> x) {
    return {extreme(x, state.value), hn::Or(state.nan, hn::IsNaN(x))};
  }
  template <class D>
  static HWY_INLINE ExtremeState<D> join(const ExtremeState<D>& a, const ExtremeState<D>& b) {
    return {extreme(a.value, b.value), hn::Or(a.nan, b.nan)};
  }
  template <class D>
  static HWY_INLINE hn::TFromD<D> finish(D d, const ExtremeState<D>& state) {
    if (!hn::AllFalse(d, state.nan)) return std::numeric_limits<hn::TFromD<D>>::quiet_NaN();
    const auto all = kMax ? hn::MaxOfLanes(d, state.value) : hn::MinOfLanes(d, state.value);
    return hn::GetLane(all);
  }
  static HWY_INLINE float join(float a, float b) { return pick(a, b); }
  static HWY_INLINE double join(double a, double b) { return pick(a, b); }
  template <class T>
  static HWY_INLINE T pick(T a, T b) {
    return a != a || (kMax ? a > b : a < b) ? a : b;
  }
};
using Max = Extreme<true>;
using Min = Extreme<false>;

// How a loop body touches memory: whole vectors, or the row's last few elements (zeros after them).
struct Whole {
  template <class D, class T>
  HWY_INLINE hn::Vec<D> load(D d, const T* p) const {
    return hn::LoadU(d, p);
  }
  template <class V, class D, class T>
  HWY_INLINE void store(V v, D d, T* p) const {
    hn::StoreU(v, d, p);
  }
  template <class D, class V>
  HWY_INLINE V keep(D, V v) const {
    return v;
  }
};
struct Part {
  int64_t n;
  template <class D, class T>
  HWY_INLINE hn::Vec<D> load(D d, const T* p) const {
    return load_part(d, p, n);
  }
  template <class V, class D, class T>
  HWY_INLINE void store(V v, D d, T* p) const {
    store_part(v, d, p, n);
  }
  template <class D, class V>
  HWY_INLINE V keep(D d, V v) const {
    return hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(n)), v);
  }
};

// body(d, access, i) for every vector of a row of n.
template <class T, class Body>
HWY_INLINE void for_row(int64_t n, const Body& body) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) body(d, Whole(), i);
  if (kTail && i < n) body(d, Part{n - i}, i);
}

// The sums of the two vectors that body(d, access, i) gives: .first and .second.
template <class V>
struct Two {
  V first, second;
};
template <class T, class Body>
Two<T> sum_two(int64_t begin, int64_t end, const Body& body) {
  const int64_t n = end - begin;
  if (n > kReduceBlock) {
    const int64_t half = begin + (n + kReduceBlock - 1) / kReduceBlock / 2 * kReduceBlock;
    const Two<T> a = sum_two<T>(begin, half, body), b = sum_two<T>(half, end, body);
    return {a.first + b.first, a.second + b.second};
  }
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0;
  int64_t i = begin;
  for (; i + 2 * lanes <= end; i += 2 * lanes) {
    const Two<V> even = body(d, Whole(), i), odd = body(d, Whole(), i + lanes);
    a0 = hn::Add(a0, even.first), b0 = hn::Add(b0, even.second);
    a1 = hn::Add(a1, odd.first), b1 = hn::Add(b1, odd.second);
  }
  for (; i + lanes <= end; i += lanes) {
    const Two<V> last = body(d, Whole(), i);
    a0 = hn::Add(a0, last.first), b0 = hn::Add(b0, last.second);
  }
  if (kTail && i < end) {
    const Part part{end - i};
    const Two<V> last = body(d, part, i);
    a1 = hn::Add(a1, part.keep(d, last.first)), b1 = hn::Add(b1, part.keep(d, last.second));
  }
  return {hn::GetLane(hn::SumOfLanes(d, hn::Add(a0, a1))),
          hn::GetLane(hn::SumOfLanes(d, hn::Add(b0, b1)))};
}

// The sum of the vectors that body(d, access, i) gives, in four chains per block.
template <class T, class Body>
T sum_one(int64_t begin, int64_t end, const Body& body) {
  const int64_t n = end - begin;
  if (n > kReduceBlock) {
    const int64_t half = begin + (n + kReduceBlock - 1) / kReduceBlock / 2 * kReduceBlock;
    const T first = sum_one<T>(begin, half, body);
    return first + sum_one<T>(half, end, body);
  }
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = begin;
  for (; i + 4 * lanes <= end; i += 4 * lanes) {
    s0 = hn::Add(s0, body(d, Whole(), i));
    s1 = hn::Add(s1, body(d, Whole(), i + lanes));
    s2 = hn::Add(s2, body(d, Whole(), i + 2 * lanes));
    s3 = hn::Add(s3, body(d, Whole(), i + 3 * lanes));
  }
  for (; i + lanes <= end; i += lanes) s0 = hn::Add(s0, body(d, Whole(), i));
  if (kTail && i < end) {
    const Part part{end - i};
    s1 = hn::Add(s1, part.keep(d, body(d, part, i)));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_ROW_REDUCE_INL_H_
