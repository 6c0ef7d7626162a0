// Recurrent layers and cells.
#include "lydia/nn/rnn.h"

#include <cmath>

#include "lydia/nn/init.h"
#include "lydia/nn/text.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

void fill_uniform(Module& module, int64_t hidden) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  for (const Tensor& p : module.parameters()) init::uniform_(p, -bound, bound);
}

}  // namespace

RnnBase::RnnBase(Recurrence k, int64_t input, int64_t hidden, const RnnOptions& o)
    : kind(k), input_size(input), hidden_size(hidden), options(o) {
  LYDIA_CHECK(hidden > 0 && o.num_layers > 0, ValueError,
              "RNN: expected positive sizes, got hidden_size ", hidden, " and num_layers ",
              o.num_layers);
  LYDIA_CHECK(o.dropout >= 0 && o.dropout <= 1, ValueError,
              "RNN: expected dropout from 0 to 1, got ", o.dropout);
  const int64_t rows = gate_count(k) * hidden;
  for (int64_t layer = 0; layer < o.num_layers; ++layer) {
    const int64_t width = layer == 0 ? input : hidden * (o.bidirectional ? 2 : 1);
    for (const char* suffix : {"", "_reverse"}) {
      if (*suffix && !o.bidirectional) continue;
      const std::string at = "_l" + std::to_string(layer) + suffix;
      weights_.push_back(&parameter("weight_ih" + at, {rows, width}));
      weights_.push_back(&parameter("weight_hh" + at, {rows, hidden}));
      if (!o.bias) continue;
      weights_.push_back(&parameter("bias_ih" + at, {rows}));
      weights_.push_back(&parameter("bias_hh" + at, {rows}));
    }
  }
  reset_parameters();
}

void RnnBase::reset_parameters() { fill_uniform(*this, hidden_size); }

RecurrentResult RnnBase::run(const Tensor& x, const Tensor& h0, const Tensor& c0) {
  LYDIA_CHECK(x.ndim() == 3 && x.size(2) == input_size, ValueError, type_name(),
              ": expected input of 3 dimensions, the last of ", input_size, ", got shape ",
              x.sizes());
  const Tensor input = options.batch_first ? transpose(x, 0, 1) : x;
  const int64_t runs = options.num_layers * (options.bidirectional ? 2 : 1);
  const Tensor zero = zeros({runs, input.size(1), hidden_size}, x.dtype());
  const bool lstm = kind == Recurrence::Lstm;
  Tensors weights;
  for (const Tensor* w : weights_) weights.push_back(*w);
  RecurrentResult out = recurrent(input, h0.defined() ? h0 : zero,
                                  !lstm          ? Tensor()
                                  : c0.defined() ? c0
                                                 : zero,
                                  weights,
                                  {kind,
                                   options.num_layers,
                                   options.bidirectional,
                                   options.bias,
                                   training() ? options.dropout : 0,
                                   {}});
  if (options.batch_first) out.output = transpose(out.output, 0, 1);
  return out;
}

Tensor RnnBase::forward(const Tensor& x) { return run(x, {}, {}).output; }

std::string RnnBase::extra_repr() const {
  std::string out = text(input_size, ", ", hidden_size);
  if (options.num_layers != 1) out += text(", num_layers=", options.num_layers);
  if (!options.bias) out += ", bias=False";
  if (options.batch_first) out += ", batch_first=True";
  if (options.dropout != 0) out += text(", dropout=", options.dropout);
  return options.bidirectional ? out + ", bidirectional=True" : out;
}

std::pair<Tensor, Tensor> RNN::forward(const Tensor& x, const Tensor& h0) {
  const RecurrentResult r = run(x, h0, {});
  return {r.output, r.h};
}

std::pair<Tensor, Tensor> GRU::forward(const Tensor& x, const Tensor& h0) {
  const RecurrentResult r = run(x, h0, {});
  return {r.output, r.h};
}

RecurrentResult LSTM::forward(const Tensor& x, const Tensor& h0, const Tensor& c0) {
  return run(x, h0, c0);
}

// ---- cells

RnnCellBase::RnnCellBase(Recurrence k, int64_t input, int64_t hidden, bool bias)
    : kind(k),
      input_size(input),
      hidden_size(hidden),
      weight_ih(parameter("weight_ih", {gate_count(k) * hidden, input})),
      weight_hh(parameter("weight_hh", {gate_count(k) * hidden, hidden})),
      bias_ih(parameter("bias_ih", {gate_count(k) * hidden}, bias)),
      bias_hh(parameter("bias_hh", {gate_count(k) * hidden}, bias)) {
  reset_parameters();
}

void RnnCellBase::reset_parameters() { fill_uniform(*this, hidden_size); }

std::pair<Tensor, Tensor> RnnCellBase::step(const Tensor& x, const Tensor& h, const Tensor& c) {
  LYDIA_CHECK(x.ndim() == 2 && x.size(1) == input_size, ValueError, type_name(),
              ": expected input [N, ", input_size, "], got shape ", x.sizes());
  const Tensor zero = zeros({1, x.size(0), hidden_size}, x.dtype());
  Tensors weights{weight_ih, weight_hh};
  if (bias_ih.defined()) weights.insert(weights.end(), {bias_ih, bias_hh});
  RecurrentOptions o;
  o.kind = kind;
  o.bias = bias_ih.defined();
  const bool lstm = kind == Recurrence::Lstm;
  const auto first = [&](const Tensor& s) { return s.defined() ? unsqueeze(s, 0) : zero; };
  const RecurrentResult r =
      recurrent(unsqueeze(x, 0), first(h), lstm ? first(c) : Tensor(), weights, o);
  return {squeeze(r.h, {0}), lstm ? squeeze(r.c, {0}) : Tensor()};
}

std::string RnnCellBase::extra_repr() const {
  return text(input_size, ", ", hidden_size, bias_ih.defined() ? "" : ", bias=False");
}

}  // namespace lydia::nn
