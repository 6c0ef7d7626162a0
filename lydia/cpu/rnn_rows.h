// One row of a step of the recurrences in ops/rnn.h, and of its gradient, vectorised. n is the
// hidden size; gates and gradients hold their 4n numbers gate by gate.
#pragma once

#include <cstdint>

namespace lydia::cpu {

// Activates `gates` (a on entry), writes c and h.
template <class T>
struct LstmRow {
  T* gates;
  const T* c_before;
  T *c, *h;
};
// dc becomes the gradient of the cell before.
template <class T>
struct LstmGradRow {
  const T *gates, *c_before, *c, *dh;
  T *dc, *da;
};
// From x [3n] and u [3n]: gates r, z, n, u_n, and h.
template <class T>
struct GruRow {
  const T *x, *u, *h_before;
  T *gates, *h;
};
// dh becomes dh z; d the gradients of a_r, a_z, a_n, u_n; du those of u_r, u_z, u_n.
template <class T>
struct GruGradRow {
  const T *gates, *h_before;
  T *dh, *d, *du;
};

#define LYDIA_RNN_ROWS(T)                                   \
  void lstm_row(const LstmRow<T>& row, int64_t n);          \
  void lstm_grad_row(const LstmGradRow<T>& row, int64_t n); \
  void gru_row(const GruRow<T>& row, int64_t n);            \
  void gru_grad_row(const GruGradRow<T>& row, int64_t n);
LYDIA_RNN_ROWS(float)
LYDIA_RNN_ROWS(double)
#undef LYDIA_RNN_ROWS

}  // namespace lydia::cpu
