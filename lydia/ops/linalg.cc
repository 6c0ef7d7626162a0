// inv, solve, det, slogdet, cholesky and pinv: checks, shapes and gradients.
#include "lydia/ops/linalg.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/linalg_check.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace linalg {

Tensor inv(const Tensor& a) {
  check_square("inv", a);
  Tensor out = empty_like(a);
  run(Op::linalg_inv, {&a}, {&out}, LinalgAttrs{});
  return out;
}

Tensor solve(const Tensor& a, const Tensor& b) {
  check_square("solve", a);
  check_defined("solve", b, "B");
  LYDIA_CHECK(a.dtype() == b.dtype(), TypeError, "solve: expected A and B of one dtype, got ",
              a.dtype(), " and ", b.dtype());
  LYDIA_CHECK(b.ndim() > 0, ValueError, "solve: expected B with at least one dimension");
  Dims rows = a.sizes();
  rows.resize(rows.size() - 1);
  // As in NumPy and PyTorch: B is a batch of vectors when it has A's shape without the last size.
  if (b.ndim() == 1 || b.sizes() == rows) return squeeze(solve(a, unsqueeze(b, -1)), {-1});
  LYDIA_CHECK(b.size(-2) == a.size(-1), ValueError, "solve: expected B with ", a.size(-1),
              " rows, got shapes ", a.sizes(), " and ", b.sizes());
  Dims batch_a = a.sizes(), batch_b = b.sizes();
  batch_a.resize(batch_a.size() - 2);
  batch_b.resize(batch_b.size() - 2);
  Dims a_sizes = broadcast_shapes("solve", batch_a, batch_b), b_sizes = a_sizes;
  a_sizes.push_back(a.size(-1));
  a_sizes.push_back(a.size(-1));
  b_sizes.push_back(b.size(-2));
  b_sizes.push_back(b.size(-1));
  const Tensor x = expand(a, a_sizes), y = expand(b, b_sizes);
  Tensor out = empty(b_sizes, b.dtype(), b.device());
  run(Op::linalg_solve, {&x, &y}, {&out}, LinalgAttrs{});
  return out;
}

// sign exp(log|det|) would lose the gradient where det is 0; an op of its own keeps it.
Tensor det(const Tensor& a) {
  check_square("det", a);
  Tensor out = empty(batch_of(a), a.dtype(), a.device());
  run(Op::linalg_det, {&a}, {&out}, LinalgAttrs{});
  return out;
}

std::pair<Tensor, Tensor> slogdet(const Tensor& a) {
  check_square("slogdet", a);
  Tensor sign = empty(batch_of(a), a.dtype(), a.device()), log = empty_like(sign);
  run(Op::linalg_slogdet, {&a}, {&sign, &log}, LinalgAttrs{});
  return {sign, log};
}

Tensor cholesky(const Tensor& a, bool upper) {
  check_square("cholesky", a);
  Tensor out = empty_like(a);
  run(Op::linalg_cholesky, {&a}, {&out}, LinalgAttrs{});
  return upper ? contiguous(mt(out)) : out;
}

Tensor pinv(const Tensor& a, double atol, std::optional<double> rtol) {
  check_matrix("pinv", a);
  const double eps = a.dtype() == DType::F64 ? 0x1p-52 : 0x1p-23;
  const double widest = static_cast<double>(std::max(a.size(-1), a.size(-2)));
  Tensor out = empty(with_matrix(batch_of(a), a.size(-1), a.size(-2)), a.dtype(), a.device());
  run(Op::linalg_pinv, {&a}, {&out},
      LinalgAttrs{false, atol, rtol.value_or(atol > 0 ? 0 : widest * eps)});
  return out;
}

Tensor identity(int64_t n, const Tensor& like) {
  Tensor out = zeros_like_shape(like, {n, n});
  fill_(diagonal(out), 1);
  return out;
}

namespace {

// The lower triangle with halved diagonal.
Tensor half_lower(const Tensor& x) {
  Tensor mask = zeros_like_shape(x, {x.size(-1), x.size(-1)});
  for (int64_t i = 0; i < x.size(-1); ++i) fill_(narrow(select(mask, 0, i), 0, 0, i), 1);
  fill_(diagonal(mask), 0.5);
  return mul(x, mask);
}

// Minors from the singular values, for matrices without an inverse: U diag(prod of the others) V^T.
Tensor cofactors(const Tensor& a) {
  const auto [u, s, vh] = svd(a, false);
  const int64_t n = s.size(-1);
  Tensor others = ones_like(s);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      if (i != j) mul_(select(others, -1, i), select(s, -1, j));
  const Tensor sign = mul(det(u), det(vh));
  return mul(unsqueeze(unsqueeze(sign, -1), -1), matmul(mul(u, unsqueeze(others, -2)), vh));
}

}  // namespace
}  // namespace linalg

using linalg::mt;

const GradRule linalg_inv_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                    const Tensor yt = mt(c.out());
                                    return {neg(matmul(yt, matmul(g[0], yt)))};
                                  },
                                  kOut(0)};

const GradRule linalg_solve_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor gb = linalg::solve(mt(c.in(0)), g[0]);
      return {c.needs(0) ? neg(matmul(gb, mt(c.out()))) : Tensor(), gb};
    },
    kIn(0) | kOut(0)};

const GradRule linalg_det_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor a = c.in(0), d = c.out();
      const Tensor scale = unsqueeze(unsqueeze(g[0], -1), -1);
      if (!all(ne(d.detach(), 0)).item<bool>()) {
        LYDIA_CHECK(!grad_enabled(), NotImplementedError,
                    "det: second derivatives of a singular matrix are not offered");
        return {mul(scale, linalg::cofactors(a))};
      }
      return {mul(mul(scale, unsqueeze(unsqueeze(d, -1), -1)), mt(linalg::inv(a)))};
    },
    kIn(0) | kOut(0)};

const GradRule linalg_slogdet_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      if (!g[1].defined()) return {Tensor()};
      return {mul(unsqueeze(unsqueeze(g[1], -1), -1), mt(linalg::inv(c.in(0))))};
    },
    kIn(0)};

// dA = L^-T (half lower part of L^T dL) L^-1, made symmetric.
const GradRule linalg_cholesky_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                         const Tensor l = c.out(), lt = mt(l);
                                         const Tensor inner = linalg::half_lower(matmul(lt, g[0]));
                                         const Tensor half =
                                             mt(linalg::solve(lt, mt(linalg::solve(lt, inner))));
                                         return {mul(add(half, mt(half)), 0.5)};
                                       },
                                       kOut(0)};

const GradRule linalg_pinv_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor a = c.in(0), p = c.out(), pt = mt(p), gt = mt(g[0]);
      const Tensor rows = sub(linalg::identity(a.size(-2), a), matmul(a, p));
      const Tensor columns = sub(linalg::identity(a.size(-1), a), matmul(p, a));
      const Tensor main = neg(matmul(pt, matmul(g[0], pt)));
      const Tensor left = matmul(matmul(rows, gt), matmul(p, pt));
      const Tensor right = matmul(matmul(pt, p), matmul(gt, columns));
      return {add(add(main, left), right)};
    },
    kIn(0) | kOut(0)};

}  // namespace lydia
