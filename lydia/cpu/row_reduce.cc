// Row reductions of every dtype: floats by the vector loops of row_reduce_inl.h, integers by plain
// ones.
#include "lydia/cpu/row_reduce.h"

#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/row_reduce.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_reduce_inl.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

template <class T>
constexpr bool kIsFloat = is_floating(dtype_of<T>());
// What a T is reduced in: double for double, float for the other floats.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, double>, double, float>;

template <class R, class From>
void float_reduce(const void* x, int64_t n, void* out) {
  using T = Wide<From>;
  *static_cast<T*>(out) = reduce_row<R, T>(static_cast<const From*>(x), n);
}

// log sum e^x = m + log sum e^(x - m), m the largest x. An infinite or NaN m is the result.
template <class From>
struct ExpTerms {
  using T = Wide<From>;
  const From* x;
  T m;
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const Whole&, int64_t i) const {
    return vexp(d, hn::Sub(Reader<T, From>().full(d, x + i), hn::Set(d, m)));
  }
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D d, const Part& part, int64_t i) const {
    return vexp(d, hn::Sub(read_part<T>(d, x + i, part.n), hn::Set(d, m)));
  }
};

template <class From>
void log_sum_exp(const void* in, int64_t n, void* out) {
  using T = Wide<From>;
  const From* x = static_cast<const From*>(in);
  const T m = reduce_row<Max, T>(x, n);
  const bool finite = std::isfinite(m);
  *static_cast<T*>(out) = finite ? m + std::log(sum_one<T>(0, n, ExpTerms<From>{x, m})) : m;
}

// Integers, and bool as 0 and 1. Sums wrap in 64 bits.
template <class T, class F>
void int_reduce(const void* in, int64_t n, void* out) {
  using A = typename F::template Acc<T>;
  const T* x = static_cast<const T*>(in);
  A acc = F::template start<T>();
  for (int64_t i = 0; i < n; ++i) acc = F::join(acc, F::map(static_cast<A>(x[i])));
  *static_cast<A*>(out) = acc;
}

struct IntSum {
  template <class T>
  using Acc = uint64_t;
  template <class T>
  static HWY_INLINE uint64_t start() {
    return 0;
  }
  static HWY_INLINE uint64_t map(uint64_t x) { return x; }
  static HWY_INLINE uint64_t join(uint64_t a, uint64_t b) { return a + b; }
};
struct IntSumSquares : IntSum {
  static HWY_INLINE uint64_t map(uint64_t x) { return x * x; }
};
struct IntSumAbs : IntSum {  // for signed integers
  static HWY_INLINE uint64_t map(uint64_t x) { return static_cast<int64_t>(x) < 0 ? 0 - x : x; }
};
struct IntProd : IntSum {
  template <class T>
  static HWY_INLINE uint64_t start() {
    return 1;
  }
  static HWY_INLINE uint64_t join(uint64_t a, uint64_t b) { return a * b; }
};
template <bool kMax>
struct IntExtreme {
  template <class T>
  using Acc = T;
  template <class T>
  static HWY_INLINE T start() {
    return kMax ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  }
  template <class T>
  static HWY_INLINE T map(T x) {
    return x;
  }
  template <class T>
  static HWY_INLINE T join(T a, T b) {
    return (kMax ? a < b : b < a) ? b : a;
  }
};

// The largest (or smallest) element of a block; NaN if there is one.
template <class T, bool kMax>
HWY_INLINE auto block_extreme(const T* x, int64_t n) {
  if constexpr (kIsFloat<T>) {
    return reduce_block<std::conditional_t<kMax, Max, Min>, Wide<T>>(x, n);
  } else {
    T extreme;
    int_reduce<T, IntExtreme<kMax>>(x, n, &extreme);
    return extreme;
  }
}

// The index of the first element that equals the row's extreme, or of the first NaN: the extreme of
// each block first, then a search from the first block that has it.
template <class T, bool kMax>
void arg_reduce(const void* in, int64_t n, void* out) {
  const T* x = static_cast<const T*>(in);
  decltype(block_extreme<T, kMax>(x, n)) best{};
  int64_t at = 0;
  for (int64_t begin = 0; begin < n; begin += kReduceBlock) {
    const auto extreme = block_extreme<T, kMax>(x + begin, std::min(kReduceBlock, n - begin));
    const bool nan = extreme != extreme;
    const bool better = kMax ? extreme > best : extreme < best;
    if (begin == 0 || nan || better) best = extreme, at = begin;
    if (nan) break;
  }
  const auto is_it = [&](T v) { return static_cast<decltype(best)>(v) == best || v != v; };
  while (at + 1 < n && !is_it(x[at])) ++at;
  *static_cast<int64_t*>(out) = at;
}

// acc[j] = acc[j] joined with the column's next eight (or fewer) elements, which are joined first.
template <class R, class From>
void float_accumulate(const void* in, int64_t stride, int64_t rows, void* out, int64_t n) {
  using T = Wide<From>;
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const Reader<T, From> reader;
  const From* x = static_cast<const From*>(in);
  T* acc = static_cast<T*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (; rows >= 8; rows -= 8, x += 8 * stride) {
    int64_t j = 0;
    for (; j + lanes <= n; j += lanes) {
      V v[8];
      for (int64_t r = 0; r < 8; ++r) v[r] = R::map(d, reader.full(d, x + r * stride + j));
      const V low = R::combine(R::combine(v[0], v[1]), R::combine(v[2], v[3]));
      const V high = R::combine(R::combine(v[4], v[5]), R::combine(v[6], v[7]));
      hn::StoreU(R::combine(hn::LoadU(d, acc + j), R::combine(low, high)), d, acc + j);
    }
    if (!kTail || j >= n) continue;
    V v[8];
    for (int64_t r = 0; r < 8; ++r) v[r] = R::map(d, read_part<T>(d, x + r * stride + j, n - j));
    const V low = R::combine(R::combine(v[0], v[1]), R::combine(v[2], v[3]));
    const V high = R::combine(R::combine(v[4], v[5]), R::combine(v[6], v[7]));
    store_part(R::combine(load_part(d, acc + j, n - j), R::combine(low, high)), d, acc + j, n - j);
  }
  for (; rows > 0; --rows, x += stride) {
    int64_t j = 0;
    for (; j + lanes <= n; j += lanes) {
      hn::StoreU(R::combine(hn::LoadU(d, acc + j), R::map(d, reader.full(d, x + j))), d, acc + j);
    }
    if (!kTail || j >= n) continue;
    const V last = R::map(d, read_part<T>(d, x + j, n - j));
    store_part(R::combine(load_part(d, acc + j, n - j), last), d, acc + j, n - j);
  }
}

template <class T, class F>
void int_accumulate(const void* in, int64_t stride, int64_t rows, void* out, int64_t n) {
  using A = typename F::template Acc<T>;
  const T* x = static_cast<const T*>(in);
  A* acc = static_cast<A*>(out);
  for (; rows > 0; --rows, x += stride) {
    LYDIA_INDEPENDENT
    for (int64_t j = 0; j < n; ++j) acc[j] = F::join(acc[j], F::map(static_cast<A>(x[j])));
  }
}

template <class R, class T>
struct FloatKernels {
  static constexpr ReduceFn kReduce = float_reduce<R, T>;
  static constexpr AccumulateFn kAccumulate = float_accumulate<R, T>;
};
template <class F, class T>
struct IntKernels {
  static constexpr ReduceFn kReduce = int_reduce<T, F>;
  static constexpr AccumulateFn kAccumulate = int_accumulate<T, F>;
};

// f(Kernels) for the kernels of an op that is neither argmax, argmin nor logsumexp.
template <class T, class F>
auto with_kernels(ReduceOp op, const F& f) {
  if constexpr (kIsFloat<T>) {
    switch (op) {
      case ReduceOp::sum: return f(FloatKernels<Sum, T>());
      case ReduceOp::sum_squares: return f(FloatKernels<SumSquares, T>());
      case ReduceOp::sum_abs: return f(FloatKernels<SumAbs, T>());
      case ReduceOp::prod: return f(FloatKernels<Prod, T>());
      case ReduceOp::max: return f(FloatKernels<Max, T>());
      default: return f(FloatKernels<Min, T>());
    }
  } else {
    using Abs = std::conditional_t<std::is_signed_v<T>, IntSumAbs, IntSum>;
    switch (op) {
      case ReduceOp::sum: return f(IntKernels<IntSum, T>());
      case ReduceOp::sum_squares: return f(IntKernels<IntSumSquares, T>());
      case ReduceOp::sum_abs: return f(IntKernels<Abs, T>());
      case ReduceOp::prod: return f(IntKernels<IntProd, T>());
      case ReduceOp::max: return f(IntKernels<IntExtreme<true>, T>());
      default: return f(IntKernels<IntExtreme<false>, T>());
    }
  }
}

template <class T>
ReduceFn reduce_of(ReduceOp op) {
  if (op == ReduceOp::argmax) return arg_reduce<T, true>;
  if (op == ReduceOp::argmin) return arg_reduce<T, false>;
  if (op == ReduceOp::logsumexp) {
    if constexpr (kIsFloat<T>) return log_sum_exp<T>;
    return nullptr;
  }
  return with_kernels<T>(op, []<class K>(K) { return K::kReduce; });
}

template <class T>
AccumulateFn accumulate_of(ReduceOp op) {
  if (op >= ReduceOp::argmax) return nullptr;
  return with_kernels<T>(op, []<class K>(K) { return K::kAccumulate; });
}

// bool is a u8 of 0 or 1.
ReduceFn pick_reduce(ReduceOp op, DType t) {
  return visit_dtype(t == DType::Bool ? DType::U8 : t, [&]<class T>(T) -> ReduceFn {
    if constexpr (std::is_same_v<T, bool>)
      return nullptr;
    else
      return reduce_of<T>(op);
  });
}

AccumulateFn pick_accumulate(ReduceOp op, DType t) {
  return visit_dtype(t == DType::Bool ? DType::U8 : t, [&]<class T>(T) -> AccumulateFn {
    if constexpr (std::is_same_v<T, bool>)
      return nullptr;
    else
      return accumulate_of<T>(op);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(pick_reduce);
HWY_EXPORT(pick_accumulate);

struct Tables {
  Tables() {
    choose_isa();
    for (int op = 0; op < kReduceOpCount; ++op) {
      for (int t = 0; t < kDTypeCount; ++t) {
        reduce[op][t] = HWY_DYNAMIC_DISPATCH(pick_reduce)(ReduceOp(op), DType(t));
        accumulate[op][t] = HWY_DYNAMIC_DISPATCH(pick_accumulate)(ReduceOp(op), DType(t));
      }
    }
  }
  ReduceFn reduce[kReduceOpCount][kDTypeCount];
  AccumulateFn accumulate[kReduceOpCount][kDTypeCount];
};

const Tables& tables() {
  static const Tables all;
  return all;
}

}  // namespace

DType reduce_result(ReduceOp op, DType t) {
  const bool half = t == DType::F16 || t == DType::BF16;
  if (op == ReduceOp::argmax || op == ReduceOp::argmin) return DType::I64;
  if (is_floating(t)) return half ? DType::F32 : t;
  if (op == ReduceOp::max || op == ReduceOp::min) return t;
  return is_signed(t) || t == DType::Bool ? DType::I64 : DType::U64;
}

ReduceFn reduce_fn(ReduceOp op, DType t) {
  return tables().reduce[static_cast<size_t>(op)][static_cast<size_t>(t)];
}

AccumulateFn accumulate_fn(ReduceOp op, DType t) {
  return tables().accumulate[static_cast<size_t>(op)][static_cast<size_t>(t)];
}

}  // namespace lydia::cpu
#endif
