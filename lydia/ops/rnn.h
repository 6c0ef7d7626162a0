// The recurrences of LSTM and GRU over all time steps of one layer in one direction, each as one
// op: the products of the inputs are done before, for all steps at once.
//
//   lstm_scan:  a = x_t + h w_hhᵀ = (i, f, g, o)         x [T, B, 4H], w_hh [4H, H], h, c [B, H]
//               c' = sigmoid(f) c + sigmoid(i) tanh(g)    (Hochreiter, Schmidhuber 1997; Gers et
//               al. h' = sigmoid(o) tanh(c')                   2000, forget gate)
//   gru_scan:   r = sigmoid(x_r + u_r), z = sigmoid(x_z + u_z), u = h w_hhᵀ + b_hh
//               n = tanh(x_n + r u_n)                     x [T, B, 3H], w_hh [3H, H]
//               h' = (1 - z) n + z h                      (Cho et al. 2014)
//
// Gates lie in PyTorch's order. f16 and bf16 compute in f32.
#pragma once

#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

struct ScanOptions {
  bool reverse = false;  // from the last time to the first
  // How many rows take part at each time (the first ones), not growing with time; empty: all. The
  // others keep their state.
  std::vector<int64_t> rows;
};

// States after each step, and the gates: activated i, f, g, o, 0 where a row takes no part.
struct LstmStates {
  Tensor h, c, gates;  // [T, B, H], [T, B, H], [T, B, 4H]
};
LstmStates lstm_scan(const Tensor& x, const Tensor& w_hh, const Tensor& h0, const Tensor& c0,
                     const ScanOptions& options = {});

// Gates: r, z, n and u_n.
struct GruStates {
  Tensor h, gates;  // [T, B, H], [T, B, 4H]
};
GruStates gru_scan(const Tensor& x, const Tensor& w_hh, const Tensor& b_hh, const Tensor& h0,
                   const ScanOptions& options = {});

// What a step of the walk needs: times in the order of the recurrence.
inline int64_t scan_time(const ScanOptions& o, int64_t step, int64_t steps) {
  return o.reverse ? steps - 1 - step : step;
}
inline int64_t scan_rows(const ScanOptions& o, int64_t time, int64_t batch) {
  return o.rows.empty() ? batch : o.rows[static_cast<size_t>(time)];
}

}  // namespace lydia
