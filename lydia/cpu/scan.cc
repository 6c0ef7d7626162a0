// cumsum, cumprod, cummax, cummin, linear_scan over contiguous [outer, n, inner]. Lines are shared
// out among threads, neighbouring ones side by side; a line is one thread's, so its order is fixed.
#include "lydia/ops/scan.h"

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kLanes = 64;  // lines walked side by side

struct Lines {
  int64_t outer = 1, n = 1, inner = 1;

  Lines(const Tensor& x, int64_t dim) {
    for (int64_t d = 0; d < x.ndim(); ++d)
      (d < dim ? outer : d == dim ? n : inner) *= x.sizes()[static_cast<size_t>(d)];
  }
};

// Calls f(first element, lanes): element k of lane j is `first + k * inner + j`.
template <class F>
void over_lines(const Lines& l, F f) {
  const int64_t blocks = (l.inner + kLanes - 1) / kLanes;
  const int64_t grain = std::max<int64_t>(1, kGrain / (l.n * std::min(l.inner, kLanes) + 1));
  if (l.n == 0) return;
  parallel_for(0, l.outer * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t lane = i % blocks * kLanes;
      f(i / blocks * l.n * l.inner + lane, std::min(kLanes, l.inner - lane));
    }
  });
}

template <class T>
using Accumulator = std::conditional_t<
    std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float,
    std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, uint64_t, T>>;

template <class F>
void accumulate(const KernelCall& call, int start, F f) {
  const Tensor& x = call.in(0);
  const Lines l(x, call.attrs<ScanAttrs>().dim);
  visit_dtype(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using A = Accumulator<T>;
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(call.out().data_ptr());
    over_lines(l, [&](int64_t first, int64_t lanes) {
      A sum[kLanes];
      std::fill_n(sum, kLanes, static_cast<A>(start));
      for (int64_t k = 0; k < l.n; ++k) {
        const int64_t at = first + k * l.inner;
        for (int64_t j = 0; j < lanes; ++j) {
          sum[j] = f(sum[j], static_cast<A>(from[at + j]));
          to[at + j] = static_cast<T>(sum[j]);
        }
      }
    });
  });
}

template <class T>
bool is_nan(T x) {
  return x != x;
}

// better(x, best) decides whether x replaces the value so far.
template <class F>
void extreme(const KernelCall& call, F better) {
  const Tensor& x = call.in(0);
  const Lines l(x, call.attrs<ScanAttrs>().dim);
  int64_t* places = static_cast<int64_t*>(call.out(1).data_ptr());
  visit_dtype(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(call.out(0).data_ptr());
    over_lines(l, [&](int64_t first, int64_t lanes) {
      for (int64_t j = 0; j < lanes; ++j) {
        T best = from[first + j];
        int64_t place = 0;
        for (int64_t k = 0; k < l.n; ++k) {
          const T v = from[first + k * l.inner + j];
          if (better(v, best) || is_nan(v)) {
            best = v;
            place = k;
          }
          to[first + k * l.inner + j] = best;
          places[first + k * l.inner + j] = place;
        }
      }
    });
  });
}

}  // namespace

void cumsum(const KernelCall& call) {
  accumulate(call, 0, [](auto a, auto b) { return static_cast<decltype(a)>(a + b); });
}
void cumprod(const KernelCall& call) {
  accumulate(call, 1, [](auto a, auto b) { return static_cast<decltype(a)>(a * b); });
}
void cummax(const KernelCall& call) {
  extreme(call, [](auto v, auto best) { return v >= best; });
}
void cummin(const KernelCall& call) {
  extreme(call, [](auto v, auto best) { return v <= best; });
}

void linear_scan(const KernelCall& call) {
  const Tensor &a = call.in(0), &b = call.in(1);
  const Lines l(a, call.attrs<ScanAttrs>().dim);
  visit_dtype(a.dtype(), [&](auto tag) {
    using T = decltype(tag);
    using A = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const T* pa = static_cast<const T*>(a.data_ptr());
    const T* pb = static_cast<const T*>(b.data_ptr());
    T* to = static_cast<T*>(call.out().data_ptr());
    over_lines(l, [&](int64_t first, int64_t lanes) {
      A y[kLanes] = {};
      for (int64_t k = 0; k < l.n; ++k) {
        const int64_t at = first + k * l.inner;
        for (int64_t j = 0; j < lanes; ++j) {
          y[j] = static_cast<A>(pb[at + j]) + static_cast<A>(pa[at + j]) * y[j];
          to[at + j] = static_cast<T>(y[j]);
        }
      }
    });
  });
}

}  // namespace lydia::cpu
