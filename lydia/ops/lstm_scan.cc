// lstm_scan: checks and gradient.
//
// With s the incoming gradient of the state after a step, c its cell and c' the cell before:
//   dc = ds_c + dh o (1 - tanh(c)^2)
//   da = (dc g i (1 - i), dc c' f (1 - f), dc i (1 - g^2), dh tanh(c) o (1 - o))
//   before the step: dh' = da w_hh, dc' = dc f
#include "lydia/ops/activation.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/rnn_check.h"
#include "lydia/ops/view.h"

namespace lydia {

LstmStates lstm_scan(const Tensor& x, const Tensor& w_hh, const Tensor& h0, const Tensor& c0,
                     const ScanOptions& options) {
  check_scan("lstm_scan", x, w_hh, h0, 4, options);
  check_scan("lstm_scan", x, w_hh, c0, 4, options);
  if (item_size(x.dtype()) == 2) {
    const LstmStates s = lstm_scan(to(x, DType::F32), to(w_hh, DType::F32), to(h0, DType::F32),
                                   to(c0, DType::F32), options);
    return {to(s.h, x.dtype()), to(s.c, x.dtype()), to(s.gates, x.dtype())};
  }
  const int64_t steps = x.size(0), batch = x.size(1), hidden = w_hh.size(1);
  const Tensor xc = contiguous(x), wc = contiguous(w_hh), hc = contiguous(h0), cc = contiguous(c0);
  LstmStates out{empty({steps, batch, hidden}, x.dtype(), x.device()),
                 empty({steps, batch, hidden}, x.dtype(), x.device()),
                 empty({steps, batch, 4 * hidden}, x.dtype(), x.device())};
  run(Op::lstm_scan, {&xc, &wc, &hc, &cc}, {&out.h, &out.c, &out.gates}, options);
  return out;
}

namespace {

struct LstmGrads {
  Tensor da, dh0, dc0;
};

LstmGrads fused(const GradContext& c, const Tensors& g) {
  const Tensor w = c.in(1), c0 = c.in(3), cells = c.out(1), gates = c.out(2);
  const Tensor dh = g[0].defined() ? contiguous(g[0]) : Tensor();
  const Tensor dc = g[1].defined() ? contiguous(g[1]) : Tensor();
  LstmGrads out{empty_like(gates), empty_like(c0), empty_like(c0)};
  run(Op::lstm_scan_grad, {&dh, &dc, &w, &c0, &cells, &gates}, {&out.da, &out.dh0, &out.dc0},
      c.attrs<ScanOptions>());
  return out;
}

Tensor plus(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() ? a : b;
  return add(a, b);
}

Tensor at(const Tensor& g, int64_t time) { return g.defined() ? select(g, 0, time) : Tensor(); }

// The same in ops: for when the walk itself is recorded, or gradients of the gates come in.
LstmGrads composite(const GradContext& c, const Tensors& g) {
  const ScanOptions& o = c.attrs<ScanOptions>();
  const Tensor w = c.in(1), c0 = c.in(3), cells = c.out(1), gates = c.out(2);
  const Tensor before = states_before(cells, c0, o);
  const int64_t steps = cells.size(0), hidden = cells.size(2);
  Tensor dh = zeros_like(c0), dc = zeros_like(c0);
  Tensors das(static_cast<size_t>(steps));
  for (int64_t step = steps; step-- > 0;) {
    const int64_t time = scan_time(o, step, steps);
    const Tensor active = active_rows(o, time, c0);
    dh = plus(dh, at(g[0], time));
    dc = plus(dc, at(g[1], time));
    const std::vector<Tensor> s = split(select(gates, 0, time), hidden, 1);
    const Tensor &i = s[0], &f = s[1], &u = s[2], &out = s[3];
    const Tensor squashed = tanh(select(cells, 0, time));
    const Tensor total = add(dc, tanh_grad(mul(dh, out), squashed));
    const Tensor parts[] = {mul(total, u), mul(total, select(before, 0, time)), mul(total, i),
                            mul(dh, squashed)};
    const Tensor d = plus(cat(parts, 1), at(g[2], time));
    const std::vector<Tensor> p = split(d, hidden, 1);
    const Tensor through[] = {sigmoid_grad(p[0], i), sigmoid_grad(p[1], f), tanh_grad(p[2], u),
                              sigmoid_grad(p[3], out)};
    const Tensor da = cat(through, 1);
    das[static_cast<size_t>(time)] = choose_rows(active, da, zeros_like(da));
    dh = choose_rows(active, matmul(da, w), dh);
    dc = choose_rows(active, mul(total, f), dc);
  }
  return {stack(das, 0), dh, dc};
}

Tensors lstm_backward(const GradContext& c, const Tensors& g) {
  if (!g[0].defined() && !g[1].defined() && !g[2].defined()) return {{}, {}, {}, {}};
  const bool recorded = grad_enabled() || g[2].defined();
  const LstmGrads d = recorded ? composite(c, g) : fused(c, g);
  Tensor dw;
  if (c.needs(1)) dw = outer_sum(d.da, states_before(c.out(0), c.in(2), c.attrs<ScanOptions>()));
  return {d.da, dw, d.dh0, d.dc0};
}

}  // namespace

const GradRule lstm_scan_rule = {lstm_backward,
                                 kIn(1) | kIn(2) | kIn(3) | kOut(0) | kOut(1) | kOut(2)};
const GradRule lstm_scan_grad_rule = {};

}  // namespace lydia
