// Stacks of recurrences over padded sequences: what the layers RNN, LSTM and GRU run, in C++ and in
// Python.
#pragma once

#include <string>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::nn {

enum class Recurrence { RnnTanh, RnnRelu, Lstm, Gru };
// "RNN_TANH", "RNN_RELU", "LSTM", "GRU"; ValueError otherwise.
Recurrence parse_recurrence(const std::string& name);
int64_t gate_count(Recurrence kind);

struct RecurrentOptions {
  Recurrence kind = Recurrence::Lstm;
  int64_t layers = 1;
  bool bidirectional = false;
  bool bias = true;
  double dropout = 0;         // between layers
  std::vector<int64_t> rows;  // ops/rnn.h, ScanOptions
};

// x [T, B, I]; h0 and c0 (LSTM only) [layers * directions, B, H]; weights per layer and direction:
// w_ih, w_hh and, with bias, b_ih, b_hh. Output [T, B, directions * H] and the last states.
struct RecurrentResult {
  Tensor output, h, c;
};
RecurrentResult recurrent(const Tensor& x, const Tensor& h0, const Tensor& c0,
                          const Tensors& weights, const RecurrentOptions& options);

}  // namespace lydia::nn
