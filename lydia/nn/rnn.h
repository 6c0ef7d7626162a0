// Recurrent layers and cells, by torch.nn's names, arguments and first values.
#pragma once

#include <utility>
#include <vector>

#include "lydia/nn/module.h"
#include "lydia/nn/recurrent.h"

namespace lydia::nn {

struct RnnOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;
  bool bidirectional = false;
};

// Weights weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..., with "_reverse" for the second
// direction. Input [T, N, I] (batch_first: [N, T, I]); states [layers * directions, N, H].
class RnnBase : public Module {
 public:
  // The output for first states of zeros.
  Tensor forward(const Tensor& x) override;
  void reset_parameters();
  std::string extra_repr() const override;

  const Recurrence kind;
  const int64_t input_size, hidden_size;
  const RnnOptions options;

 protected:
  RnnBase(Recurrence kind, int64_t input, int64_t hidden, const RnnOptions& o);
  RecurrentResult run(const Tensor& x, const Tensor& h0, const Tensor& c0);

 private:
  std::vector<Tensor*> weights_;
};

// tanh, or relu.
class RNN : public RnnBase {
 public:
  RNN(int64_t input_size, int64_t hidden_size, const RnnOptions& o = {}, bool relu = false)
      : RnnBase(relu ? Recurrence::RnnRelu : Recurrence::RnnTanh, input_size, hidden_size, o) {}
  using RnnBase::forward;
  // (output, last state)
  std::pair<Tensor, Tensor> forward(const Tensor& x, const Tensor& h0);
};

class GRU : public RnnBase {
 public:
  GRU(int64_t input_size, int64_t hidden_size, const RnnOptions& o = {})
      : RnnBase(Recurrence::Gru, input_size, hidden_size, o) {}
  using RnnBase::forward;
  std::pair<Tensor, Tensor> forward(const Tensor& x, const Tensor& h0);
};

class LSTM : public RnnBase {
 public:
  LSTM(int64_t input_size, int64_t hidden_size, const RnnOptions& o = {})
      : RnnBase(Recurrence::Lstm, input_size, hidden_size, o) {}
  using RnnBase::forward;
  // Output and last states; undefined first states are zeros.
  RecurrentResult forward(const Tensor& x, const Tensor& h0, const Tensor& c0);
};

// One step: input [N, I], states [N, H] (undefined: zeros).
class RnnCellBase : public Module {
 public:
  Tensor forward(const Tensor& x) override { return step(x, {}, {}).first; }
  void reset_parameters();
  std::string extra_repr() const override;

  const Recurrence kind;
  const int64_t input_size, hidden_size;
  Tensor &weight_ih, &weight_hh, &bias_ih, &bias_hh;

 protected:
  RnnCellBase(Recurrence kind, int64_t input, int64_t hidden, bool bias);
  std::pair<Tensor, Tensor> step(const Tensor& x, const Tensor& h, const Tensor& c);
};

class RNNCell : public RnnCellBase {
 public:
  RNNCell(int64_t input_size, int64_t hidden_size, bool bias = true, bool relu = false)
      : RnnCellBase(relu ? Recurrence::RnnRelu : Recurrence::RnnTanh, input_size, hidden_size,
                    bias) {}
  using RnnCellBase::forward;
  Tensor forward(const Tensor& x, const Tensor& h) { return step(x, h, {}).first; }
};

class GRUCell : public RnnCellBase {
 public:
  GRUCell(int64_t input_size, int64_t hidden_size, bool bias = true)
      : RnnCellBase(Recurrence::Gru, input_size, hidden_size, bias) {}
  using RnnCellBase::forward;
  Tensor forward(const Tensor& x, const Tensor& h) { return step(x, h, {}).first; }
};

class LSTMCell : public RnnCellBase {
 public:
  LSTMCell(int64_t input_size, int64_t hidden_size, bool bias = true)
      : RnnCellBase(Recurrence::Lstm, input_size, hidden_size, bias) {}
  using RnnCellBase::forward;
  // (h, c)
  std::pair<Tensor, Tensor> forward(const Tensor& x, const Tensor& h, const Tensor& c) {
    return step(x, h, c);
  }
};

}  // namespace lydia::nn
