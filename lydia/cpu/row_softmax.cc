// softmax and log_softmax of rows, and their gradients. Formulas in row_reduce.h.
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/row_softmax.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_kernels.h"
#include "lydia/cpu/row_reduce.h"
#include "lydia/cpu/row_reduce_inl.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// e^(x - m), left in y.
template <class T>
struct StoredExp {
  const T* x;
  T* y;
  T m;
  template <class D, class A>
  HWY_INLINE hn::Vec<D> operator()(D d, const A& access, int64_t i) const {
    const auto e = vexp(d, hn::Sub(access.load(d, x + i), hn::Set(d, m)));
    access.store(e, d, y + i);
    return e;
  }
};

template <class T>
struct PlainExp {
  const T* x;
  T m;
  template <class D, class A>
  HWY_INLINE hn::Vec<D> operator()(D d, const A& access, int64_t i) const {
    return vexp(d, hn::Sub(access.load(d, x + i), hn::Set(d, m)));
  }
};

template <class T>
struct Scale {
  T* y;
  T factor;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    access.store(hn::Mul(access.load(d, y + i), hn::Set(d, factor)), d, y + i);
  }
};

template <class T>
void softmax(const T* x, T* y, int64_t n) {
  const T m = reduce_row<Max, T>(x, n);
  const T sum = sum_one<T>(0, n, StoredExp<T>{x, y, m});
  for_row<T>(n, Scale<T>{y, 1 / sum});
}

// (x - m) - log(sum): m + log(sum) in one number would lose what is small beside m.
template <class T>
struct ShiftTwice {
  const T* x;
  T* y;
  T first, second;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto once = hn::Sub(access.load(d, x + i), hn::Set(d, first));
    access.store(hn::Sub(once, hn::Set(d, second)), d, y + i);
  }
};

template <class T>
void log_softmax(const T* x, T* y, int64_t n) {
  const T m = reduce_row<Max, T>(x, n);
  const T sum = sum_one<T>(0, n, PlainExp<T>{x, m});
  for_row<T>(n, ShiftTwice<T>{x, y, m, std::log(sum)});
}

template <class T>
struct ScaledExp {
  PlainExp<T> exp;
  T* y;
  T scale;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    access.store(hn::Mul(exp(d, access, i), hn::Set(d, scale)), d, y + i);
  }
};

template <class T>
void shifted_exp(const T* x, T shift, T scale, T* y, int64_t n) {
  for_row<T>(n, ScaledExp<T>{{x, shift}, y, scale});
}

template <class T>
struct Product {
  const T *a, *b;
  template <class D, class A>
  HWY_INLINE hn::Vec<D> operator()(D d, const A& access, int64_t i) const {
    return hn::Mul(access.load(d, a + i), access.load(d, b + i));
  }
};

template <class T>
struct SoftmaxGrad {
  const T *g, *y;
  T* out;
  T dot;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto centred = hn::Sub(access.load(d, g + i), hn::Set(d, dot));
    access.store(hn::Mul(access.load(d, y + i), centred), d, out + i);
  }
};

template <class T>
void softmax_grad(const T* g, const T* y, T* out, int64_t n) {
  const T dot = sum_one<T>(0, n, Product<T>{g, y});
  for_row<T>(n, SoftmaxGrad<T>{g, y, out, dot});
}

template <class T>
struct LogSoftmaxGrad {
  const T *g, *y;
  T* out;
  T sum;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = vexp(d, access.load(d, y + i));
    access.store(hn::NegMulAdd(p, hn::Set(d, sum), access.load(d, g + i)), d, out + i);
  }
};

template <class T>
void log_softmax_grad(const T* g, const T* y, T* out, int64_t n) {
  for_row<T>(n, LogSoftmaxGrad<T>{g, y, out, reduce_row<Sum, T>(g, n)});
}

template <class T>
constexpr SoftmaxKernels<T> kSoftmax = {softmax<T>, log_softmax<T>, shifted_exp<T>, softmax_grad<T>,
                                        log_softmax_grad<T>};

void fill_softmax(SoftmaxKernels<float>* f32, SoftmaxKernels<double>* f64) {
  *f32 = kSoftmax<float>;
  *f64 = kSoftmax<double>;
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {

HWY_EXPORT(fill_softmax);

struct Kernels {
  Kernels() {
    choose_isa();
    HWY_DYNAMIC_DISPATCH(fill_softmax)(&f32, &f64);
  }
  SoftmaxKernels<float> f32;
  SoftmaxKernels<double> f64;
};

const Kernels& kernels() {
  static const Kernels all;
  return all;
}

}  // namespace

void softmax_row(const float* x, float* y, int64_t n) { kernels().f32.softmax(x, y, n); }
void softmax_row(const double* x, double* y, int64_t n) { kernels().f64.softmax(x, y, n); }
void log_softmax_row(const float* x, float* y, int64_t n) { kernels().f32.log_softmax(x, y, n); }
void log_softmax_row(const double* x, double* y, int64_t n) { kernels().f64.log_softmax(x, y, n); }
void shifted_exp_row(const float* x, float shift, float scale, float* y, int64_t n) {
  kernels().f32.shifted_exp(x, shift, scale, y, n);
}
void shifted_exp_row(const double* x, double shift, double scale, double* y, int64_t n) {
  kernels().f64.shifted_exp(x, shift, scale, y, n);
}
void softmax_grad_row(const float* g, const float* y, float* out, int64_t n) {
  kernels().f32.softmax_grad(g, y, out, n);
}
void softmax_grad_row(const double* g, const double* y, double* out, int64_t n) {
  kernels().f64.softmax_grad(g, y, out, n);
}
void log_softmax_grad_row(const float* g, const float* y, float* out, int64_t n) {
  kernels().f32.log_softmax_grad(g, y, out, n);
}
void log_softmax_grad_row(const double* g, const double* y, double* out, int64_t n) {
  kernels().f64.log_softmax_grad(g, y, out, n);
}

}  // namespace lydia::cpu
#endif
