// Rows of the recurrences, one vector loop each.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rnn_rows.cc"
#include "lydia/cpu/rnn_rows.h"

#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_reduce_inl.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// g s (1 - s) and g (1 - y^2): through sigmoid and tanh, from their results.
template <class D, class V>
HWY_INLINE V through_sigmoid(D d, V g, V s) {
  return hn::Mul(hn::Mul(g, s), hn::Sub(hn::Set(d, 1), s));
}
template <class D, class V>
HWY_INLINE V through_tanh(D d, V g, V y) {
  return hn::Mul(g, hn::NegMulAdd(y, y, hn::Set(d, 1)));
}

template <class T>
struct LstmForward {
  LstmRow<T> r;
  int64_t n;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t k) const {
    T* at = r.gates + k;
    const auto i = vsigmoid(d, access.load(d, at));
    const auto f = vsigmoid(d, access.load(d, at + n));
    const auto g = vtanh(d, access.load(d, at + 2 * n));
    const auto o = vsigmoid(d, access.load(d, at + 3 * n));
    const auto c = hn::MulAdd(f, access.load(d, r.c_before + k), hn::Mul(i, g));
    access.store(i, d, at);
    access.store(f, d, at + n);
    access.store(g, d, at + 2 * n);
    access.store(o, d, at + 3 * n);
    access.store(c, d, r.c + k);
    access.store(hn::Mul(o, vtanh(d, c)), d, r.h + k);
  }
};

template <class T>
struct LstmBackward {
  LstmGradRow<T> r;
  int64_t n;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t k) const {
    const T* at = r.gates + k;
    const auto i = access.load(d, at), f = access.load(d, at + n);
    const auto g = access.load(d, at + 2 * n), o = access.load(d, at + 3 * n);
    const auto squashed = vtanh(d, access.load(d, r.c + k));
    const auto dh = access.load(d, r.dh + k);
    const auto dc = hn::Add(access.load(d, r.dc + k), through_tanh(d, hn::Mul(dh, o), squashed));
    access.store(through_sigmoid(d, hn::Mul(dc, g), i), d, r.da + k);
    access.store(through_sigmoid(d, hn::Mul(dc, access.load(d, r.c_before + k)), f), d,
                 r.da + n + k);
    access.store(through_tanh(d, hn::Mul(dc, i), g), d, r.da + 2 * n + k);
    access.store(through_sigmoid(d, hn::Mul(dh, squashed), o), d, r.da + 3 * n + k);
    access.store(hn::Mul(dc, f), d, r.dc + k);
  }
};

template <class T>
struct GruForward {
  GruRow<T> row;
  int64_t size;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t k) const {
    const T *x = row.x + k, *u = row.u + k;
    const auto r = vsigmoid(d, hn::Add(access.load(d, x), access.load(d, u)));
    const auto z = vsigmoid(d, hn::Add(access.load(d, x + size), access.load(d, u + size)));
    const auto q = access.load(d, u + 2 * size);
    const auto n = vtanh(d, hn::MulAdd(r, q, access.load(d, x + 2 * size)));
    const auto h = hn::MulAdd(z, hn::Sub(access.load(d, row.h_before + k), n), n);
    access.store(r, d, row.gates + k);
    access.store(z, d, row.gates + size + k);
    access.store(n, d, row.gates + 2 * size + k);
    access.store(q, d, row.gates + 3 * size + k);
    access.store(h, d, row.h + k);
  }
};

template <class T>
struct GruBackward {
  GruGradRow<T> row;
  int64_t size;
  template <class D, class A>
  HWY_INLINE void operator()(D d, const A& access, int64_t k) const {
    const T* at = row.gates + k;
    const auto r = access.load(d, at), z = access.load(d, at + size);
    const auto n = access.load(d, at + 2 * size), q = access.load(d, at + 3 * size);
    const auto dh = access.load(d, row.dh + k);
    const auto dn = through_tanh(d, hn::NegMulAdd(dh, z, dh), n);
    const auto dz =
        through_sigmoid(d, hn::Mul(dh, hn::Sub(access.load(d, row.h_before + k), n)), z);
    const auto dr = through_sigmoid(d, hn::Mul(dn, q), r);
    const auto dq = hn::Mul(dn, r);
    access.store(dr, d, row.d + k);
    access.store(dz, d, row.d + size + k);
    access.store(dn, d, row.d + 2 * size + k);
    access.store(dq, d, row.d + 3 * size + k);
    access.store(dr, d, row.du + k);
    access.store(dz, d, row.du + size + k);
    access.store(dq, d, row.du + 2 * size + k);
    access.store(hn::Mul(dh, z), d, row.dh + k);
  }
};

#define LYDIA_RNN_ROW(name, Row, Body)                                                      \
  void name##_f32(const Row<float>& r, int64_t n) { for_row<float>(n, Body<float>{r, n}); } \
  void name##_f64(const Row<double>& r, int64_t n) { for_row<double>(n, Body<double>{r, n}); }
LYDIA_RNN_ROW(lstm_row, LstmRow, LstmForward)
LYDIA_RNN_ROW(lstm_grad_row, LstmGradRow, LstmBackward)
LYDIA_RNN_ROW(gru_row, GruRow, GruForward)
LYDIA_RNN_ROW(gru_grad_row, GruGradRow, GruBackward)
#undef LYDIA_RNN_ROW

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {

#define LYDIA_RNN_ROW(name, Row)                 \
  HWY_EXPORT(name##_f32);                        \
  HWY_EXPORT(name##_f64);                        \
  void name(const Row<float>& row, int64_t n) {  \
    choose_isa();                                \
    HWY_DYNAMIC_DISPATCH(name##_f32)(row, n);    \
  }                                              \
  void name(const Row<double>& row, int64_t n) { \
    choose_isa();                                \
    HWY_DYNAMIC_DISPATCH(name##_f64)(row, n);    \
  }
LYDIA_RNN_ROW(lstm_row, LstmRow)
LYDIA_RNN_ROW(lstm_grad_row, LstmGradRow)
LYDIA_RNN_ROW(gru_row, GruRow)
LYDIA_RNN_ROW(gru_grad_row, GruGradRow)
#undef LYDIA_RNN_ROW

}  // namespace lydia::cpu
#endif
