// The rules of ops/optimizer_step.h, one vector loop each.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/step_rows.cc"
#include "lydia/cpu/step_rows.h"

#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_reduce_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// What every rule is made of. The row is held by value: stores through p then change no number.
template <class T>
struct Rule {
  StepRow<T> r;

  template <class D, class A>
  HWY_INLINE hn::Vec<D> gradient(D d, const A& access, int64_t i, hn::Vec<D> p) const {
    const auto g = hn::Mul(access.load(d, r.g + i), hn::Set(d, r.sign));
    return hn::MulAdd(hn::Set(d, r.l2), p, g);
  }
  // p = keep p - rate u
  template <class D, class A>
  HWY_INLINE void move(D d, const A& access, int64_t i, hn::Vec<D> p, hn::Vec<D> u) const {
    const auto kept = hn::Mul(p, hn::Set(d, r.keep));
    access.store(hn::NegMulAdd(hn::Set(d, r.rate), u, kept), d, r.p + i);
  }
  // s += gain (x - s)
  template <class D, class A>
  HWY_INLINE hn::Vec<D> follow(D d, const A& access, T* s, hn::Vec<D> x, T gain) const {
    const auto old = access.load(d, s);
    const auto now = hn::MulAdd(hn::Set(d, gain), hn::Sub(x, old), old);
    access.store(now, d, s);
    return now;
  }
  // s = decay s + gain x
  template <class D, class A>
  HWY_INLINE hn::Vec<D> mix(D d, const A& access, T* s, T decay, hn::Vec<D> x, T gain) const {
    const auto now = hn::MulAdd(hn::Set(d, decay), access.load(d, s), hn::Mul(hn::Set(d, gain), x));
    access.store(now, d, s);
    return now;
  }
};

template <class T>
struct Sgd : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    this->move(d, access, i, p, this->gradient(d, access, i, p));
  }
};

template <class T, bool kNesterov>
struct SgdMomentum : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    const auto g = this->gradient(d, access, i, p);
    const auto s = this->mix(d, access, r.s[0] + i, r.decay1, g, r.gain1);
    this->move(d, access, i, p, kNesterov ? hn::MulAdd(hn::Set(d, r.decay1), s, g) : s);
  }
};

template <class T, bool kMax>
struct Adam : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    const auto g = this->gradient(d, access, i, p);
    const auto mean = this->follow(d, access, r.s[0] + i, g, r.gain1);
    auto square = this->mix(d, access, r.s[1] + i, r.decay2, hn::Mul(g, g), r.gain2);
    if constexpr (kMax) {
      square = max_nan(access.load(d, r.s[2] + i), square);
      access.store(square, d, r.s[2] + i);
    }
    const auto root = hn::MulAdd(hn::Set(d, r.root), hn::Sqrt(square), hn::Set(d, r.eps));
    this->move(d, access, i, p, hn::Div(mean, root));
  }
};

template <class T>
struct Adagrad : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    const auto g = this->gradient(d, access, i, p);
    const auto sum = hn::MulAdd(g, g, access.load(d, r.s[0] + i));
    access.store(sum, d, r.s[0] + i);
    this->move(d, access, i, p, hn::Div(g, hn::Add(hn::Sqrt(sum), hn::Set(d, r.eps))));
  }
};

template <class T, bool kCentered, bool kMomentum>
struct RmsProp : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    const auto g = this->gradient(d, access, i, p);
    auto square = this->mix(d, access, r.s[0] + i, r.decay2, hn::Mul(g, g), r.gain2);
    if constexpr (kCentered) {
      const auto mean = this->follow(d, access, r.s[1] + i, g, r.gain2);
      square = hn::NegMulAdd(mean, mean, square);
    }
    auto u = hn::Div(g, hn::Add(hn::Sqrt(square), hn::Set(d, r.eps)));
    if constexpr (kMomentum) u = this->mix(d, access, r.s[2] + i, r.decay1, u, T{1});
    this->move(d, access, i, p, u);
  }
};

template <class T>
struct Lion : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto p = access.load(d, r.p + i);
    const auto g = this->gradient(d, access, i, p);
    const auto old = access.load(d, r.s[0] + i);
    const auto u = hn::MulAdd(hn::Set(d, r.gain1), hn::Sub(g, old), old);
    // sign(u); zeros and NaN stay what they are
    const auto keep = hn::Or(hn::IsNaN(u), hn::Eq(u, hn::Zero(d)));
    const auto sign = hn::IfThenElse(keep, u, hn::CopySign(hn::Set(d, T{1}), u));
    this->follow(d, access, r.s[0] + i, g, r.gain2);
    this->move(d, access, i, p, sign);
  }
};

template <class T>
struct Average : Rule<T> {
  using Rule<T>::r;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    this->follow(d, access, r.p + i, access.load(d, r.g + i), r.rate);
  }
};

template <class T, class Body>
void run(const StepRow<T>& row, int64_t n) {
  for_row<T>(n, Body{{row}});
}

// In the order of StepRule.
template <class T>
constexpr void (*kRules[kStepRules])(const StepRow<T>&, int64_t) = {
    run<T, Sgd<T>>,
    run<T, SgdMomentum<T, false>>,
    run<T, SgdMomentum<T, true>>,
    run<T, Adam<T, false>>,
    run<T, Adam<T, true>>,
    run<T, Adagrad<T>>,
    run<T, RmsProp<T, false, false>>,
    run<T, RmsProp<T, false, true>>,
    run<T, RmsProp<T, true, false>>,
    run<T, RmsProp<T, true, true>>,
    run<T, Lion<T>>,
    run<T, Average<T>>};

// Adds up x * 0, which is NaN for an x that is not finite.
template <class T>
struct Scale {
  T* x;
  T factor;
  hn::Vec<hn::ScalableTag<T>>* zeros;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t i) const {
    const auto v = access.load(d, x + i);
    *zeros = hn::MulAdd(v, hn::Zero(d), *zeros);
    access.store(hn::Mul(v, hn::Set(d, factor)), d, x + i);
  }
};

template <class T>
bool scale(T* x, T factor, int64_t n) {
  const hn::ScalableTag<T> d;
  auto zeros = hn::Zero(d);
  for_row<T>(n, Scale<T>{x, factor, &zeros});
  return hn::AllTrue(d, hn::Eq(zeros, hn::Zero(d)));
}

bool scale_f32(float* x, float factor, int64_t n) { return scale(x, factor, n); }
bool scale_f64(double* x, double factor, int64_t n) { return scale(x, factor, n); }

void step_f32(StepRule rule, const StepRow<float>& row, int64_t n) {
  kRules<float>[static_cast<int>(rule)](row, n);
}
void step_f64(StepRule rule, const StepRow<double>& row, int64_t n) {
  kRules<double>[static_cast<int>(rule)](row, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {

HWY_EXPORT(step_f32);
HWY_EXPORT(step_f64);
HWY_EXPORT(scale_f32);
HWY_EXPORT(scale_f64);

void step_row(StepRule rule, const StepRow<float>& row, int64_t n) {
  choose_isa();
  HWY_DYNAMIC_DISPATCH(step_f32)(rule, row, n);
}
void step_row(StepRule rule, const StepRow<double>& row, int64_t n) {
  choose_isa();
  HWY_DYNAMIC_DISPATCH(step_f64)(rule, row, n);
}

bool scale_row(float* x, float factor, int64_t n) {
  choose_isa();
  return HWY_DYNAMIC_DISPATCH(scale_f32)(x, factor, n);
}
bool scale_row(double* x, double factor, int64_t n) {
  choose_isa();
  return HWY_DYNAMIC_DISPATCH(scale_f64)(x, factor, n);
}

}  // namespace lydia::cpu
#endif
