// qr, svd and eigh: checks, shapes and gradients.
#include "lydia/ops/copy.h"
#include "lydia/ops/linalg.h"
#include "lydia/ops/linalg_check.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace linalg {

std::pair<Tensor, Tensor> qr(const Tensor& a, QrMode mode) {
  check_matrix("qr", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = mode == QrMode::Complete ? m : std::min(m, n);
  Tensor q = empty(with_matrix(batch_of(a), m, k), a.dtype(), a.device());
  Tensor r = empty(with_matrix(batch_of(a), k, n), a.dtype(), a.device());
  run(Op::linalg_qr, {&a}, {&q, &r}, LinalgAttrs{mode == QrMode::Complete});
  return {mode == QrMode::R ? Tensor() : q, r};
}

std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full_matrices) {
  check_matrix("svd", a);
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  Dims values = batch_of(a);
  values.push_back(k);
  Tensor u = empty(with_matrix(batch_of(a), m, full_matrices ? m : k), a.dtype(), a.device());
  Tensor s = empty(values, a.dtype(), a.device());
  Tensor vh = empty(with_matrix(batch_of(a), full_matrices ? n : k, n), a.dtype(), a.device());
  run(Op::linalg_svd, {&a}, {&u, &s, &vh}, LinalgAttrs{full_matrices});
  return {u, s, vh};
}

Tensor svdvals(const Tensor& a) { return std::get<1>(svd(a, false)); }

std::pair<Tensor, Tensor> eigh(const Tensor& a, bool upper) {
  check_square("eigh", a);
  Dims values = batch_of(a);
  values.push_back(a.size(-1));
  Tensor w = empty(values, a.dtype(), a.device()), v = empty_like(a);
  run(Op::linalg_eigh, {&a}, {&w, &v}, LinalgAttrs{upper});
  return {w, v};
}

Tensor eigvalsh(const Tensor& a, bool upper) { return eigh(a, upper).first; }

namespace {

Tensor row(const Tensor& s) { return unsqueeze(s, -2); }     // [..., 1, k]
Tensor column(const Tensor& s) { return unsqueeze(s, -1); }  // [..., k, 1]

// 1 / (x_j - x_i) off the diagonal, 0 on it.
Tensor inverse_gaps(const Tensor& x) {
  const Tensor one = identity(x.size(-1), x);
  return mul(div(1.0, add(sub(row(x), column(x)), one)), sub(1.0, one));
}

// The lower triangle mirrored to the upper one.
Tensor mirror_lower(const Tensor& x) {
  Tensor mask = zeros_like_shape(x, {x.size(-1), x.size(-1)});
  for (int64_t i = 0; i < x.size(-1); ++i) fill_(narrow(select(mask, 0, i), 0, 0, i), 1);
  const Tensor lower = mul(x, mask);
  return add(add(lower, mt(lower)), mul(x, identity(x.size(-1), x)));
}

// m >= n: dA = (dQ + Q mirror(R dR^T - dQ^T Q)) R^-T
Tensor tall_qr_grad(const Tensor& q, const Tensor& r, const Tensor& gq, const Tensor& gr) {
  const Tensor inner = sub(matmul(r, mt(gr)), matmul(mt(gq), q));
  const Tensor right = add(gq, matmul(q, mirror_lower(inner)));
  return mt(solve(r, mt(right)));
}

}  // namespace
}  // namespace linalg

using linalg::mt;

// A wide matrix [X | Y] has X = Q R1 and R2 = Q^T Y, which bring the tall rule to bear on X.
const GradRule linalg_qr_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor a = c.in(0), q = c.out(0), r = c.out(1);
      const int64_t m = a.size(-2), n = a.size(-1);
      LYDIA_CHECK(
          !c.attrs<LinalgAttrs>().flag || m <= n, NotImplementedError,
          "qr: the gradient of mode 'complete' needs at least as many columns as rows, got shape ",
          a.sizes());
      Tensor gq = g[0].defined() ? g[0] : zeros_like(q);
      const Tensor gr = g[1].defined() ? g[1] : zeros_like(r);
      if (m >= n) return {linalg::tall_qr_grad(q, r, gq, gr)};
      const Tensor y = narrow(a, -1, m, n - m), gr2 = narrow(gr, -1, m, n - m);
      gq = add(gq, matmul(y, mt(gr2)));
      const Tensor gx = linalg::tall_qr_grad(q, narrow(r, -1, 0, m), gq, narrow(gr, -1, 0, m));
      const Tensor gy = matmul(q, gr2);
      Tensor out = zeros_like_shape(a, a.sizes());
      out = as_strided_scatter(out, gx, a.sizes(), gx.sizes(), narrow(out, -1, 0, m).strides(), 0,
                               false);
      return {as_strided_scatter(out, gy, a.sizes(), gy.sizes(),
                                 narrow(out, -1, m, n - m).strides(), m, false)};
    },
    kIn(0) | kOut(0) | kOut(1)};

// dA = U (E (U^T dU - dU^T U) S + S E (V^T dV - dV^T V) + dS) V^T, E = 1/(s_j^2 - s_i^2), plus what
// leaves the spans of U and V.
const GradRule linalg_svd_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor a = c.in(0), s = c.out(1);
      const int64_t k = s.size(-1);
      const Tensor u = narrow(c.out(0), -1, 0, k), vh = narrow(c.out(2), -2, 0, k);
      const bool is_square = a.size(-1) == a.size(-2);
      LYDIA_CHECK(!c.attrs<LinalgAttrs>().flag || is_square || (!g[0].defined() && !g[2].defined()),
                  NotImplementedError,
                  "svd: the gradient of u and vh needs full_matrices=False for shape ", a.sizes());
      Tensor inner;
      const auto add_to = [](Tensor& sum, const Tensor& x) {
        sum = sum.defined() ? add(sum, x) : x;
      };
      if (g[1].defined()) add_to(inner, mul(linalg::identity(k, a), linalg::row(g[1])));
      Tensor outside;
      const Tensor gaps =
          g[0].defined() || g[2].defined() ? linalg::inverse_gaps(square(s)) : Tensor();
      if (g[0].defined()) {
        const Tensor ug = matmul(mt(u), g[0]);
        add_to(inner, mul(mul(sub(ug, mt(ug)), gaps), linalg::row(s)));
        const Tensor part = div(sub(g[0], matmul(u, ug)), linalg::row(s));
        if (a.size(-2) > k) add_to(outside, matmul(part, vh));
      }
      if (g[2].defined()) {
        const Tensor vg = matmul(vh, mt(g[2]));
        add_to(inner, mul(linalg::column(s), mul(sub(vg, mt(vg)), gaps)));
        const Tensor part = sub(mt(g[2]), matmul(mt(vh), vg));
        if (a.size(-1) > k) add_to(outside, matmul(u, mt(div(part, linalg::row(s)))));
      }
      if (!inner.defined()) return {Tensor()};
      Tensor out = matmul(u, matmul(inner, vh));
      if (outside.defined()) out = add(out, outside);
      return {out};
    },
    kIn(0) | kOut(0) | kOut(1) | kOut(2)};

// dA = V (diag(dw) + (V^T dV) / (w_j - w_i)) V^T, made symmetric: only one triangle was read, and
// the gradient is that of the symmetric matrix.
const GradRule linalg_eigh_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor w = c.out(0), v = c.out(1);
      Tensor inner;
      if (g[0].defined()) inner = mul(linalg::identity(w.size(-1), w), linalg::row(g[0]));
      if (g[1].defined()) {
        const Tensor turned = mul(matmul(mt(v), g[1]), linalg::inverse_gaps(w));
        inner = inner.defined() ? add(inner, turned) : turned;
      }
      if (!inner.defined()) return {Tensor()};
      const Tensor out = matmul(v, matmul(inner, mt(v)));
      return {mul(add(out, mt(out)), 0.5)};
    },
    kOut(0) | kOut(1)};

}  // namespace lydia
