// gru_scan: checks and gradient.
//
// With dh the gradient of the state after a step and h' the state before it:
//   da_n = dh (1 - z) (1 - n^2),  da_z = dh (h' - n) z (1 - z),  da_r = da_n u_n r (1 - r)
//   du = (da_r, da_z, da_n r);  before the step: dh' = dh z + du w_hh
#include "lydia/ops/activation.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/rnn_check.h"
#include "lydia/ops/view.h"

namespace lydia {

GruStates gru_scan(const Tensor& x, const Tensor& w_hh, const Tensor& b_hh, const Tensor& h0,
                   const ScanOptions& options) {
  check_scan("gru_scan", x, w_hh, h0, 3, options);
  if (b_hh.defined())
    LYDIA_CHECK(b_hh.sizes() == Dims{w_hh.size(0)} && b_hh.dtype() == x.dtype(), ValueError,
                "gru_scan: expected b_hh of shape [", w_hh.size(0), "] and dtype ", x.dtype(),
                ", got ", b_hh.sizes(), " of ", b_hh.dtype());
  if (item_size(x.dtype()) == 2) {
    const auto wide = [](const Tensor& t) { return t.defined() ? to(t, DType::F32) : t; };
    const GruStates s = gru_scan(wide(x), wide(w_hh), wide(b_hh), wide(h0), options);
    return {to(s.h, x.dtype()), to(s.gates, x.dtype())};
  }
  const int64_t steps = x.size(0), batch = x.size(1), hidden = w_hh.size(1);
  const Tensor xc = contiguous(x), wc = contiguous(w_hh), hc = contiguous(h0);
  const Tensor bc = b_hh.defined() ? contiguous(b_hh) : b_hh;
  GruStates out{empty({steps, batch, hidden}, x.dtype(), x.device()),
                empty({steps, batch, 4 * hidden}, x.dtype(), x.device())};
  run(Op::gru_scan, {&xc, &wc, &bc, &hc}, {&out.h, &out.gates}, options);
  return out;
}

namespace {

// Gradients of (a_r, a_z, a_n, u_n) [T, B, 4H], and of the first state.
struct GruGrads {
  Tensor d, dh0;
};

GruGrads fused(const GradContext& c, const Tensors& g) {
  const Tensor w = c.in(1), h0 = c.in(3), states = c.out(0), gates = c.out(1);
  const Tensor dh = contiguous(g[0]);
  GruGrads out{empty_like(gates), empty_like(h0)};
  run(Op::gru_scan_grad, {&dh, &w, &h0, &states, &gates}, {&out.d, &out.dh0},
      c.attrs<ScanOptions>());
  return out;
}

Tensor plus(const Tensor& a, const Tensor& b) { return b.defined() ? add(a, b) : a; }

// The same in ops: for when the walk itself is recorded, or gradients of the gates come in.
GruGrads composite(const GradContext& c, const Tensors& g) {
  const ScanOptions& o = c.attrs<ScanOptions>();
  const Tensor w = c.in(1), h0 = c.in(3), states = c.out(0), gates = c.out(1);
  const Tensor before = states_before(states, h0, o);
  const int64_t steps = states.size(0), hidden = states.size(2);
  Tensor dh = zeros_like(h0);
  Tensors all(static_cast<size_t>(steps));
  for (int64_t step = steps; step-- > 0;) {
    const int64_t time = scan_time(o, step, steps);
    const Tensor active = active_rows(o, time, h0);
    if (g[0].defined()) dh = add(dh, select(g[0], 0, time));
    const std::vector<Tensor> s = split(select(gates, 0, time), hidden, 1);
    const Tensor &r = s[0], &z = s[1], &n = s[2], &u = s[3];
    const std::vector<Tensor> more =
        g[1].defined() ? split(select(g[1], 0, time), hidden, 1) : std::vector<Tensor>(4);
    const Tensor dn = tanh_grad(plus(mul(dh, sub(1, z)), more[2]), n);
    const Tensor dz = sigmoid_grad(plus(mul(dh, sub(select(before, 0, time), n)), more[1]), z);
    const Tensor dr = sigmoid_grad(plus(mul(dn, u), more[0]), r);
    const Tensor du = plus(mul(dn, r), more[3]);
    const Tensor hidden_parts[] = {dr, dz, du}, parts[] = {dr, dz, dn, du};
    const Tensor d = cat(parts, 1);
    all[static_cast<size_t>(time)] = choose_rows(active, d, zeros_like(d));
    dh = choose_rows(active, add(mul(dh, z), matmul(cat(hidden_parts, 1), w)), dh);
  }
  return {stack(all, 0), dh};
}

Tensors gru_backward(const GradContext& c, const Tensors& g) {
  if (!g[0].defined() && !g[1].defined()) return {{}, {}, {}, {}};
  const bool recorded = grad_enabled() || g[1].defined();
  const GruGrads d = recorded ? composite(c, g) : fused(c, g);
  const int64_t hidden = c.out(0).size(2);
  Tensor dx, dw, db;
  if (c.needs(0)) dx = narrow(d.d, 2, 0, 3 * hidden);
  if (c.needs(1) || c.needs(2)) {
    const Tensor parts[] = {narrow(d.d, 2, 0, 2 * hidden), narrow(d.d, 2, 3 * hidden, hidden)};
    const Tensor du = cat(parts, 2);
    if (c.needs(1)) dw = outer_sum(du, states_before(c.out(0), c.in(3), c.attrs<ScanOptions>()));
    if (c.needs(2)) db = sum(du, {0, 1});
  }
  return {dx, dw, db, d.dh0};
}

}  // namespace

const GradRule gru_scan_rule = {gru_backward, kIn(1) | kIn(3) | kOut(0) | kOut(1)};
const GradRule gru_scan_grad_rule = {};

}  // namespace lydia
