// Stacks of recurrences.
#include "lydia/nn/recurrent.h"

#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/rnn.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

struct Cell {
  Tensor w_ih, w_hh, b_ih, b_hh;
};
// States after every step; c for LSTM only.
struct Run {
  Tensor h, c;
};

// h' = f(x_t + h w_hhᵀ + b_hh), step by step.
Tensor plain_scan(const Tensor& x, const Cell& w, const Tensor& h0, bool squash,
                  const ScanOptions& o) {
  const int64_t steps = x.size(0), batch = x.size(1);
  Tensors states(static_cast<size_t>(steps));
  Tensor h = h0;
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t time = scan_time(o, step, steps), rows = scan_rows(o, time, batch);
    const Tensor a =
        add(narrow(select(x, 0, time), 0, 0, rows), linear(narrow(h, 0, 0, rows), w.w_hh, w.b_hh));
    const Tensor next = squash ? tanh(a) : relu(a);
    if (rows == batch) {
      h = next;
    } else {
      const Tensor parts[] = {next, narrow(h, 0, rows, batch - rows)};
      h = cat(parts, 0);
    }
    states[static_cast<size_t>(time)] = h;
  }
  return stack(states, 0);
}

Run run_cell(Recurrence kind, const Tensor& x, const Cell& w, const Tensor& h0, const Tensor& c0,
             const ScanOptions& o) {
  switch (kind) {
    case Recurrence::Lstm: {
      const Tensor bias = w.b_ih.defined() ? add(w.b_ih, w.b_hh) : Tensor();
      const LstmStates s = lstm_scan(linear(x, w.w_ih, bias), w.w_hh, h0, c0, o);
      return {s.h, s.c};
    }
    case Recurrence::Gru: return {gru_scan(linear(x, w.w_ih, w.b_ih), w.w_hh, w.b_hh, h0, o).h, {}};
    default:
      return {plain_scan(linear(x, w.w_ih, w.b_ih), w, h0, kind == Recurrence::RnnTanh, o), {}};
  }
}

Tensor last_state(const Tensor& states, bool reverse) {
  return select(states, 0, reverse ? 0 : states.size(0) - 1);
}

}  // namespace

Recurrence parse_recurrence(const std::string& name) {
  if (name == "RNN_TANH") return Recurrence::RnnTanh;
  if (name == "RNN_RELU") return Recurrence::RnnRelu;
  if (name == "LSTM") return Recurrence::Lstm;
  LYDIA_CHECK(name == "GRU", ValueError, "recurrent: unknown mode '", name, "'");
  return Recurrence::Gru;
}

int64_t gate_count(Recurrence kind) {
  return kind == Recurrence::Lstm ? 4 : kind == Recurrence::Gru ? 3 : 1;
}

RecurrentResult recurrent(const Tensor& x, const Tensor& h0, const Tensor& c0,
                          const Tensors& weights, const RecurrentOptions& o) {
  LYDIA_CHECK(x.ndim() == 3 && x.size(0) > 0, ValueError,
              "recurrent: expected x [T, B, I] with T > 0, got ", x.sizes());
  const int64_t directions = o.bidirectional ? 2 : 1, runs = o.layers * directions;
  const size_t per = o.bias ? 4 : 2;
  LYDIA_CHECK(static_cast<int64_t>(weights.size()) == runs * static_cast<int64_t>(per) &&
                  h0.size(0) == runs,
              ValueError, "recurrent: expected weights and states for ", runs, " runs");
  Tensor input = x;
  Tensors last_h, last_c;
  for (int64_t layer = 0; layer < o.layers; ++layer) {
    if (layer > 0 && o.dropout > 0) input = dropout(input, o.dropout, true);
    Tensors outputs;
    for (int64_t direction = 0; direction < directions; ++direction) {
      const int64_t run = layer * directions + direction;
      const Tensor* w = weights.data() + static_cast<size_t>(run) * per;
      const Cell cell{w[0], w[1], o.bias ? w[2] : Tensor(), o.bias ? w[3] : Tensor()};
      const Run states =
          run_cell(o.kind, input, cell, select(h0, 0, run),
                   c0.defined() ? select(c0, 0, run) : Tensor(), {direction == 1, o.rows});
      outputs.push_back(states.h);
      last_h.push_back(last_state(states.h, direction == 1));
      if (states.c.defined()) last_c.push_back(last_state(states.c, direction == 1));
    }
    input = outputs.size() == 1 ? outputs[0] : cat(outputs, 2);
  }
  return {input, stack(last_h, 0), last_c.empty() ? Tensor() : stack(last_c, 0)};
}

}  // namespace lydia::nn
