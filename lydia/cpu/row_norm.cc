// Mean and variance of rows, layer_norm and rms_norm, and their gradients. Formulas in
// row_reduce.h.
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/row_norm.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_kernels.h"
#include "lydia/cpu/row_reduce.h"
#include "lydia/cpu/row_reduce_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// d = x - mean and d^2.
template <class T>
struct Distances {
  const T* x;
  T mean;
  template <class D, class A>
  HWY_INLINE Two<hn::Vec<D>> operator()(D d, const A& access, int64_t i) const {
    const auto distance = hn::Sub(access.load(d, x + i), hn::Set(d, mean));
    return {distance, hn::Mul(distance, distance)};
  }
};

// Two passes. The rounded first mean is corrected by the mean distance from it.
template <class T>
void moments(const T* x, int64_t n, T* mean, T* squares) {
  const T count = static_cast<T>(n);
  const T rough = reduce_row<Sum, T>(x, n) / count;
  const Two<T> sums = sum_two<T>(0, n, Distances<T>{x, rough});
  const T off = sums.first / count;
  *mean = std::isfinite(off) ? rough + off : rough;  // a row with infinities keeps its mean
  // max(0, .) that keeps NaN
  const T exact = sums.second - sums.first * off;
  *squares = exact < 0 ? 0 : exact;
}

// y = (x - mean) rstd w + b
template <class T, bool kWeight, bool kBias>
struct Normalise {
  const T *x, *w, *b;
  T* y;
  T mean, rstd;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    auto z = hn::Mul(hn::Sub(access.load(d, x + i), hn::Set(d, mean)), hn::Set(d, rstd));
    if constexpr (kWeight && kBias) {
      z = hn::MulAdd(z, access.load(d, w + i), access.load(d, b + i));
    } else if constexpr (kWeight) {
      z = hn::Mul(z, access.load(d, w + i));
    } else if constexpr (kBias) {
      z = hn::Add(z, access.load(d, b + i));
    }
    access.store(z, d, y + i);
  }
};

template <class T>
void layer_norm(const T* x, const T* w, const T* b, T eps, T* y, T* mean, T* rstd, int64_t n) {
  T m, squares;
  moments(x, n, &m, &squares);
  const T r = 1 / std::sqrt(squares / static_cast<T>(n) + eps);
  if (w && b) {
    for_row<T>(n, Normalise<T, true, true>{x, w, b, y, m, r});
  } else if (w) {
    for_row<T>(n, Normalise<T, true, false>{x, w, b, y, m, r});
  } else if (b) {
    for_row<T>(n, Normalise<T, false, true>{x, w, b, y, m, r});
  } else {
    for_row<T>(n, Normalise<T, false, false>{x, w, b, y, m, r});
  }
  if (mean) *mean = m;
  if (rstd) *rstd = r;
}

// What the gradients read: h = g w and z = (x - mean) rstd.
template <class T, bool kWeight>
struct GradInputs {
  const T *g, *x, *w;
  T mean, rstd;
  template <class D, class A>
  HWY_INLINE Two<hn::Vec<D>> at(D d, const A& access, int64_t i) const {
    auto h = access.load(d, g + i);
    if constexpr (kWeight) h = hn::Mul(h, access.load(d, w + i));
    const auto z = hn::Mul(hn::Sub(access.load(d, x + i), hn::Set(d, mean)), hn::Set(d, rstd));
    return {h, z};
  }
};

// h and h z
template <class In>
struct GradSums {
  In in;
  template <class D, class A>
  HWY_INLINE Two<hn::Vec<D>> operator()(D d, const A& access, int64_t i) const {
    const auto hz = in.at(d, access, i);
    return {hz.first, hn::Mul(hz.first, hz.second)};
  }
};

// dx = rstd (h - shift - z slope)
template <class T, class In>
struct InputGrad {
  In in;
  T* dx;
  T shift, slope;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto hz = in.at(d, access, i);
    const auto inner =
        hn::NegMulAdd(hz.second, hn::Set(d, slope), hn::Sub(hz.first, hn::Set(d, shift)));
    access.store(hn::Mul(inner, hn::Set(d, in.rstd)), d, dx + i);
  }
};

// dw += g z
template <class T>
struct WeightGrad {
  GradInputs<T, false> in;
  T* dw;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto gz = in.at(d, access, i);
    access.store(hn::MulAdd(gz.first, gz.second, access.load(d, dw + i)), d, dw + i);
  }
};

// db += g
template <class T>
struct BiasGrad {
  const T* g;
  T* db;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    access.store(hn::Add(access.load(d, db + i), access.load(d, g + i)), d, db + i);
  }
};

// The weight and bias come first, since dx may overwrite g. rms_norm does not subtract the mean of
// h.
template <class T, bool kWeight, bool kCentred>
void norm_grad(const T* g, const T* x, const T* w, T mean, T rstd, T* dx, T* dw, T* db, int64_t n) {
  if (dw) for_row<T>(n, WeightGrad<T>{{g, x, nullptr, mean, rstd}, dw});
  if (db) for_row<T>(n, BiasGrad<T>{g, db});
  if (!dx) return;
  using In = GradInputs<T, kWeight>;
  const In in{g, x, w, mean, rstd};
  const Two<T> sums = sum_two<T>(0, n, GradSums<In>{in});
  const T count = static_cast<T>(n);
  const T shift = kCentred ? sums.first / count : T{0};
  for_row<T>(n, InputGrad<T, In>{in, dx, shift, sums.second / count});
}

template <class T>
void layer_norm_grad(const T* g, const T* x, const T* w, T mean, T rstd, T* dx, T* dw, T* db,
                     int64_t n) {
  auto* run = w ? norm_grad<T, true, true> : norm_grad<T, false, true>;
  run(g, x, w, mean, rstd, dx, dw, db, n);
}

template <class T>
void rms_norm(const T* x, const T* w, T eps, T* y, T* rstd, int64_t n) {
  const T count = static_cast<T>(n);
  const T r = 1 / std::sqrt(reduce_row<SumSquares, T>(x, n) / count + eps);
  if (w) {
    for_row<T>(n, Normalise<T, true, false>{x, w, nullptr, y, 0, r});
  } else {
    for_row<T>(n, Normalise<T, false, false>{x, w, nullptr, y, 0, r});
  }
  if (rstd) *rstd = r;
}

template <class T>
void rms_norm_grad(const T* g, const T* x, const T* w, T rstd, T* dx, T* dw, int64_t n) {
  auto* run = w ? norm_grad<T, true, false> : norm_grad<T, false, false>;
  run(g, x, w, 0, rstd, dx, dw, nullptr, n);
}

template <class T>
constexpr NormKernels<T> kNorm = {moments<T>, layer_norm<T>, layer_norm_grad<T>, rms_norm<T>,
                                  rms_norm_grad<T>};

void fill_norm(NormKernels<float>* f32, NormKernels<double>* f64) {
  *f32 = kNorm<float>;
  *f64 = kNorm<double>;
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(fill_norm);

struct Kernels {
  Kernels() {
    choose_isa();
    HWY_DYNAMIC_DISPATCH(fill_norm)(&f32, &f64);
  }
  NormKernels<float> f32;
  NormKernels<double> f64;
};

const Kernels& kernels() {
  static const Kernels all;
  return all;
}

}  // namespace

void moments_row(const float* x, int64_t n, float* mean, float* squares) {
  kernels().f32.moments(x, n, mean, squares);
}
void moments_row(const double* x, int64_t n, double* mean, double* squares) {
  kernels().f64.moments(x, n, mean, squares);
}
void layer_norm_row(const float* x, const float* w, const float* b, float eps, float* y,
                    float* mean, float* rstd, int64_t n) {
  kernels().f32.layer_norm(x, w, b, eps, y, mean, rstd, n);
}
void layer_norm_row(const double* x, const double* w, const double* b, double eps, double* y,
                    double* mean, double* rstd, int64_t n) {
  kernels().f64.layer_norm(x, w, b, eps, y, mean, rstd, n);
}
void layer_norm_grad_row(const float* g, const float* x, const float* w, float mean, float rstd,
                         float* dx, float* dw, float* db, int64_t n) {
  kernels().f32.layer_norm_grad(g, x, w, mean, rstd, dx, dw, db, n);
}
void layer_norm_grad_row(const double* g, const double* x, const double* w, double mean,
                         double rstd, double* dx, double* dw, double* db, int64_t n) {
  kernels().f64.layer_norm_grad(g, x, w, mean, rstd, dx, dw, db, n);
}
void rms_norm_row(const float* x, const float* w, float eps, float* y, float* rstd, int64_t n) {
  kernels().f32.rms_norm(x, w, eps, y, rstd, n);
}
void rms_norm_row(const double* x, const double* w, double eps, double* y, double* rstd,
                  int64_t n) {
  kernels().f64.rms_norm(x, w, eps, y, rstd, n);
}
void rms_norm_grad_row(const float* g, const float* x, const float* w, float rstd, float* dx,
                       float* dw, int64_t n) {
  kernels().f32.rms_norm_grad(g, x, w, rstd, dx, dw, n);
}
void rms_norm_grad_row(const double* g, const double* x, const double* w, double rstd, double* dx,
                       double* dw, int64_t n) {
  kernels().f64.rms_norm_grad(g, x, w, rstd, dx, dw, n);
}

}  // namespace lydia::cpu
#endif
