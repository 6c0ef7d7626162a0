// sum, prod, amax, amin, any, all, var, vector_norm: the arithmetic; reduce_driver.cc walks.
#include "lydia/ops/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/reduce_driver.h"
#include "lydia/cpu/row_reduce.h"

namespace lydia::cpu {
namespace {

template <class T>
inline constexpr bool kIsFloat = is_floating(dtype_of<T>());
// Half types add in float32; integers in uint64, which wraps where int64 would overflow.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, double>, double,
                                std::conditional_t<kIsFloat<T>, float, uint64_t>>;

template <class T>
T at(const std::byte* x, int64_t stride, int64_t i) {
  return *reinterpret_cast<const T*>(x + i * stride);
}

// Eight running totals side by side, so that the loop vectorises, then pairwise halves, so that
// rounding errors grow with log n.
template <class A, class T, class Term>
A total(const std::byte* x, int64_t stride, int64_t n, Term term) {
  constexpr int kLanes = 16;
  if (n > 2048) {
    const int64_t half = n / 2 / kLanes * kLanes;
    return total<A, T>(x, stride, half, term) +
           total<A, T>(x + half * stride, stride, n - half, term);
  }
  A lanes[kLanes] = {};
  int64_t i = 0;
  if (stride == static_cast<int64_t>(sizeof(T))) {
    const T* p = reinterpret_cast<const T*>(x);
    for (; i + kLanes <= n; i += kLanes)
      for (int j = 0; j < kLanes; ++j) lanes[j] += term(p[i + j]);
  }
  for (; i < n; ++i) lanes[i % kLanes] += term(at<T>(x, stride, i));
  for (int step = kLanes / 2; step; step /= 2)
    for (int j = 0; j < step; ++j) lanes[j] += lanes[j + step];
  return lanes[0];
}

// A dense run by the vector kernels, whose accumulator is A.
template <class A, class T>
A dense_total(ReduceOp op, const std::byte* x, int64_t n) {
  A out;
  reduce_fn(op, dtype_of<T>())(x, n, &out);
  return out;
}

// What each reduction does, for input T: accumulator, identity, one element, two accumulators.
// Those with kDense leave dense runs and columns to the vector kernels of that name.
template <class T>
struct Sum {
  using Acc = Wide<T>;
  static constexpr ReduceOp kDense = ReduceOp::sum;
  static Acc identity(const ReduceParams&) { return 0; }
  static Acc row(const std::byte* x, int64_t stride, int64_t n, const ReduceParams&) {
    return total<Acc, T>(x, stride, n, [](T v) { return static_cast<Acc>(v); });
  }
  static Acc element(T v, const ReduceParams&) { return static_cast<Acc>(v); }
  static Acc join(Acc a, Acc b, const ReduceParams&) { return a + b; }
  static Acc result(Acc a, const ReduceParams&) { return a; }
};

template <class T>
struct Prod {
  using Acc = Wide<T>;
  static constexpr ReduceOp kDense = ReduceOp::prod;
  static Acc identity(const ReduceParams&) { return 1; }
  static Acc element(T v, const ReduceParams&) { return static_cast<Acc>(v); }
  static Acc join(Acc a, Acc b, const ReduceParams&) { return a * b; }
  static Acc result(Acc a, const ReduceParams&) { return a; }
};

template <class T>
using Ordered =
    std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

// NaN wins: a comparison with it is false, so it is asked for by name.
template <class T, bool kMax>
struct Extreme {
  using Acc = Ordered<T>;
  static constexpr ReduceOp kDense = kMax ? ReduceOp::max : ReduceOp::min;
  static Acc identity(const ReduceParams&) {
    using L = std::numeric_limits<Acc>;
    if constexpr (L::has_infinity) return kMax ? -L::infinity() : L::infinity();
    return kMax ? L::lowest() : L::max();
  }
  static Acc element(T v, const ReduceParams&) { return static_cast<Acc>(v); }
  static Acc join(Acc a, Acc b, const ReduceParams&) {
    const bool takes_b = kMax ? !(a >= b) : !(a <= b);  // also where either is NaN
    return takes_b && a == a ? b : a;
  }
  static Acc result(Acc a, const ReduceParams&) { return a; }
};
template <class T>
using Amax = Extreme<T, true>;
template <class T>
using Amin = Extreme<T, false>;

template <class T>
struct Any {
  using Acc = uint8_t;
  static Acc identity(const ReduceParams&) { return 0; }
  static Acc element(T v, const ReduceParams&) { return static_cast<Ordered<T>>(v) != 0; }
  static Acc join(Acc a, Acc b, const ReduceParams&) { return a | b; }
  static bool result(Acc a, const ReduceParams&) { return a != 0; }
};
template <class T>
struct All : Any<T> {
  static uint8_t identity(const ReduceParams&) { return 1; }
  static uint8_t join(uint8_t a, uint8_t b, const ReduceParams&) { return a & b; }
};

// Count, mean and sum of squared distances; joined by Chan, Golub and LeVeque (1983).
template <class T>
struct Var {
  struct Acc {
    double n, mean, m2;
  };
  static Acc identity(const ReduceParams&) { return {0, 0, 0}; }
  static Acc row(const std::byte* x, int64_t stride, int64_t n, const ReduceParams&) {
    using W = Wide<T>;
    if constexpr (std::is_same_v<T, W>) {
      W mean, squares;
      if (stride == static_cast<int64_t>(sizeof(T))) {
        moments_row(reinterpret_cast<const T*>(x), n, &mean, &squares);
        return {static_cast<double>(n), static_cast<double>(mean), static_cast<double>(squares)};
      }
    }
    const double mean =
        static_cast<double>(total<W, T>(x, stride, n, [](T v) { return static_cast<W>(v); })) /
        static_cast<double>(n);
    const W m = static_cast<W>(mean);
    // The rounded mean is off by a little; its effect on m2 is n (mean - m)^2.
    const double m2 = static_cast<double>(total<W, T>(x, stride, n, [m](T v) {
      const W d = static_cast<W>(v) - m;
      return d * d;
    }));
    const double off = mean - static_cast<double>(m);
    return {static_cast<double>(n), mean,
            std::max(m2 - static_cast<double>(n) * off * off, std::min(m2, 0.0))};
  }
  static Acc element(T v, const ReduceParams&) { return {1, static_cast<double>(v), 0}; }
  static Acc join(const Acc& a, const Acc& b, const ReduceParams&) {
    const double n = a.n + b.n;
    if (n == 0) return a;
    const double d = b.mean - a.mean;
    return {n, a.mean + d * b.n / n, a.m2 + b.m2 + d * d * a.n * b.n / n};
  }
  static double result(const Acc& a, const ReduceParams& p) {
    return a.m2 / std::max(a.n - p.value, 0.0);
  }
};

// The sum of |x|^p in double; p = 0 counts, infinite p takes the extreme.
template <class T>
struct VectorNorm {
  using Acc = double;
  static Acc identity(const ReduceParams& p) {
    return std::isinf(p.value) && p.value < 0 ? std::numeric_limits<double>::infinity() : 0;
  }
  static Acc row(const std::byte* x, int64_t stride, int64_t n, const ReduceParams& p) {
    using W = Wide<T>;
    if (stride == static_cast<int64_t>(sizeof(T)) && (p.value == 1 || p.value == 2)) {
      const ReduceOp op = p.value == 1 ? ReduceOp::sum_abs : ReduceOp::sum_squares;
      return static_cast<double>(dense_total<W, T>(op, x, n));
    }
    if (p.value == 2)
      return static_cast<double>(
          total<W, T>(x, stride, n, [](T v) { return static_cast<W>(v) * static_cast<W>(v); }));
    if (p.value == 1)
      return static_cast<double>(total<W, T>(
          x, stride, n, [](T v) { return static_cast<W>(std::fabs(static_cast<W>(v))); }));
    Acc acc = identity(p);
    for (int64_t i = 0; i < n; ++i) acc = join(acc, element(at<T>(x, stride, i), p), p);
    return acc;
  }
  static Acc element(T v, const ReduceParams& p) {
    const double a = std::fabs(static_cast<double>(v));
    if (std::isinf(p.value)) return a;
    return p.value == 0 ? (a != 0) : p.value == 1 ? a : p.value == 2 ? a * a : std::pow(a, p.value);
  }
  static Acc join(Acc a, Acc b, const ReduceParams& p) {
    if (!std::isinf(p.value)) return a + b;
    const bool takes_b = p.value > 0 ? !(a >= b) : !(a <= b);
    return takes_b && a == a ? b : a;
  }
  static double result(Acc a, const ReduceParams& p) {
    if (std::isinf(p.value) || p.value == 0 || p.value == 1) return a;
    return p.value == 2 ? std::sqrt(a) : std::pow(a, 1 / p.value);
  }
};

template <class R, class T>
typename R::Acc row_of(const std::byte* x, int64_t stride, int64_t n, const ReduceParams& p) {
  if constexpr (requires { R::kDense; }) {
    if (stride == static_cast<int64_t>(sizeof(T)))
      return dense_total<typename R::Acc, T>(R::kDense, x, n);
  }
  if constexpr (requires { R::row(x, stride, n, p); }) {
    return R::row(x, stride, n, p);
  } else {
    typename R::Acc acc = R::identity(p);
    if (stride == static_cast<int64_t>(sizeof(T))) {
      const T* v = reinterpret_cast<const T*>(x);
      for (int64_t i = 0; i < n; ++i) acc = R::join(acc, R::element(v[i], p), p);
    } else {
      for (int64_t i = 0; i < n; ++i) acc = R::join(acc, R::element(at<T>(x, stride, i), p), p);
    }
    return acc;
  }
}

// The typed functions behind the driver's erased ones.
template <class R, class T, class Out>
constexpr Reducer make_reducer() {
  using Acc = typename R::Acc;
  static_assert(sizeof(Acc) <= kMaxAccumulator);
  Reducer r{};
  r.size = sizeof(Acc);
  r.init = [](void* acc, int64_t n, const ReduceParams& p) {
    std::fill_n(static_cast<Acc*>(acc), n, R::identity(p));
  };
  r.row = [](void* acc, const std::byte* x, int64_t stride, int64_t n, const ReduceParams& p) {
    Acc& a = *static_cast<Acc*>(acc);
    a = R::join(a, row_of<R, T>(x, stride, n, p), p);
  };
  r.columns = [](void* acc, const std::byte* x, int64_t stride, int64_t rows, int64_t n,
                 [[maybe_unused]] const ReduceParams& p) {
    if constexpr (requires { R::kDense; }) {
      const int64_t step = stride / static_cast<int64_t>(sizeof(T));
      accumulate_fn(R::kDense, dtype_of<T>())(x, step, rows, acc, n);
    } else {
      Acc* a = static_cast<Acc*>(acc);
      for (; rows > 0; --rows, x += stride) {
        const T* v = reinterpret_cast<const T*>(x);
        for (int64_t j = 0; j < n; ++j) a[j] = R::join(a[j], R::element(v[j], p), p);
      }
    }
  };
  r.join = [](void* acc, const void* other, int64_t n, const ReduceParams& p) {
    Acc* a = static_cast<Acc*>(acc);
    for (int64_t j = 0; j < n; ++j) a[j] = R::join(a[j], static_cast<const Acc*>(other)[j], p);
  };
  r.finish = [](const void* acc, std::byte* out, int64_t n, const ReduceParams& p) {
    for (int64_t i = 0; i < n; ++i)
      reinterpret_cast<Out*>(out)[i] =
          static_cast<Out>(R::result(static_cast<const Acc*>(acc)[i], p));
  };
  return r;
}

template <template <class> class R, class Out, class T>
void reduce_as(const KernelCall& call) {
  const auto& a = call.attrs<ReduceAttrs>();
  static constexpr Reducer reducer = make_reducer<R<T>, T, Out>();
  reduce(call.in(0), call.out(), a.dims, reducer, {a.value, 0});
}

// The result has the input's dtype, or another of its category (sum with dtype=).
template <template <class> class R>
void reduce_summed(const KernelCall& call) {
  visit_dtype(call.in(0).dtype(), [&](auto tag) {
    using T = decltype(tag);
    visit_dtype(call.out().dtype(), [&](auto out_tag) {
      using Out = decltype(out_tag);
      if constexpr (kIsFloat<T> == kIsFloat<Out> && !std::is_same_v<Out, bool>)
        reduce_as<R, Out, T>(call);
    });
  });
}

template <template <class> class R>
void reduce_same(const KernelCall& call) {
  visit_dtype(call.in(0).dtype(),
              [&](auto tag) { reduce_as<R, decltype(tag), decltype(tag)>(call); });
}

template <template <class> class R>
void reduce_floats(const KernelCall& call) {
  visit_dtype(call.in(0).dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (kIsFloat<T>) reduce_as<R, T, T>(call);
  });
}

template <template <class> class R>
void reduce_to_bool(const KernelCall& call) {
  visit_dtype(call.in(0).dtype(), [&](auto tag) { reduce_as<R, bool, decltype(tag)>(call); });
}

}  // namespace

void sum(const KernelCall& call) { reduce_summed<Sum>(call); }
void prod(const KernelCall& call) { reduce_summed<Prod>(call); }
void amax(const KernelCall& call) { reduce_same<Amax>(call); }
void amin(const KernelCall& call) { reduce_same<Amin>(call); }
void any(const KernelCall& call) { reduce_to_bool<Any>(call); }
void all(const KernelCall& call) { reduce_to_bool<All>(call); }
void var(const KernelCall& call) { reduce_floats<Var>(call); }
void vector_norm(const KernelCall& call) { reduce_floats<VectorNorm>(call); }

}  // namespace lydia::cpu
