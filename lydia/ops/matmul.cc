#include "lydia/ops/matmul.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Tensor transposed(const Tensor& x) { return transpose(x, -2, -1); }

}  // namespace

// The op itself sees at least two dimensions on both sides: [..., m, k] @ [..., k, n].
Tensor matmul(const Tensor& a, const Tensor& b) {
  LYDIA_LOW_PRECISION(matmul, a, b);
  check_defined("matmul", a, "input");
  check_defined("matmul", b, "other");
  check_same_device("matmul", a, b);
  LYDIA_CHECK(a.dtype() == b.dtype(), TypeError, "matmul: expected operands of one dtype, got ",
              a.dtype(), " and ", b.dtype());
  LYDIA_CHECK(a.ndim() > 0 && b.ndim() > 0, ValueError,
              "matmul: expected operands with at least one dimension, got shapes ", a.sizes(),
              " and ", b.sizes());
  if (a.ndim() == 1) {
    const Tensor row = matmul(unsqueeze(a, 0), b.ndim() == 1 ? unsqueeze(b, 1) : b);
    return b.ndim() == 1 ? reshape(row, {}) : squeeze(row, {-2});
  }
  if (b.ndim() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), {-1});
  const int64_t m = a.size(-2), k = a.size(-1), n = b.size(-1);
  LYDIA_CHECK(b.size(-2) == k, ValueError, "matmul: expected inner sizes to agree, got ", a.sizes(),
              " and ", b.sizes(), " (", k, " and ", b.size(-2), ")");
  Dims batch_a = a.sizes(), batch_b = b.sizes();
  batch_a.resize(batch_a.size() - 2);
  batch_b.resize(batch_b.size() - 2);
  Dims sizes = broadcast_shapes("matmul", batch_a, batch_b);
  sizes.push_back(m);
  sizes.push_back(n);
  Tensor out = empty(sizes, a.dtype(), a.device());
  run(Op::matmul, {&a, &b}, {&out});
  return out;
}

const GradRule matmul_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                return {c.needs(0) ? matmul(g[0], transposed(c.in(1))) : Tensor(),
                                        c.needs(1) ? matmul(transposed(c.in(0)), g[0]) : Tensor()};
                              },
                              kIn(0) | kIn(1),
                              {kIn(1), kIn(0)}};

}  // namespace lydia
