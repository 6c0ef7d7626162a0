// The contractions of einsum.h with names of their own.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/einsum.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

namespace lydia {

Tensor tensordot(const Tensor& a, const Tensor& b, const Dims& dims_a, const Dims& dims_b) {
  LYDIA_WIDEST(tensordot, a, b, dims_a, dims_b);
  check_defined("tensordot", a, "a");
  check_defined("tensordot", b, "b");
  LYDIA_CHECK(dims_a.size() == dims_b.size(), ValueError,
              "tensordot: expected as many dims of a as of b, got ", dims_a, " and ", dims_b);
  const Dims da = dims_a.empty() ? Dims() : wrap_dims("tensordot", dims_a, a.ndim());
  const Dims db = dims_b.empty() ? Dims() : wrap_dims("tensordot", dims_b, b.ndim());
  Dims order_a, order_b = db, sizes;
  int64_t m = 1, n = 1, k = 1;
  for (size_t i = 0; i < da.size(); ++i) {
    const int64_t s = a.sizes()[static_cast<size_t>(da[i])];
    LYDIA_CHECK(s == b.sizes()[static_cast<size_t>(db[i])], ValueError,
                "tensordot: expected equal sizes in dims ", da[i], " and ", db[i], ", got shapes ",
                a.sizes(), " and ", b.sizes());
    k *= s;
  }
  for (int64_t d = 0; d < a.ndim(); ++d) {
    if (std::find(da.begin(), da.end(), d) != da.end()) continue;
    order_a.push_back(d);
    sizes.push_back(a.sizes()[static_cast<size_t>(d)]);
    m *= sizes.back();
  }
  for (int64_t d : da) order_a.push_back(d);
  for (int64_t d = 0; d < b.ndim(); ++d) {
    if (std::find(db.begin(), db.end(), d) != db.end()) continue;
    order_b.push_back(d);
    sizes.push_back(b.sizes()[static_cast<size_t>(d)]);
    n *= sizes.back();
  }
  return reshape(matmul(reshape(permute(a, order_a), {m, k}), reshape(permute(b, order_b), {k, n})),
                 sizes);
}

Tensor outer(const Tensor& a, const Tensor& b) {
  check_defined("outer", a, "input");
  check_defined("outer", b, "vec2");
  LYDIA_CHECK(a.ndim() == 1 && b.ndim() == 1, ValueError,
              "outer: expected 1-d tensors, got shapes ", a.sizes(), " and ", b.sizes());
  return mul(unsqueeze(a, 1), b);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  LYDIA_WIDEST(dot, a, b);
  check_defined("dot", a, "input");
  check_defined("dot", b, "other");
  LYDIA_CHECK(a.ndim() == 1 && a.sizes() == b.sizes(), ValueError,
              "dot: expected two 1-d tensors of one size, got shapes ", a.sizes(), " and ",
              b.sizes());
  return matmul(a, b);
}

Tensor inner(const Tensor& a, const Tensor& b) {
  check_defined("inner", a, "input");
  check_defined("inner", b, "other");
  if (a.ndim() == 0 || b.ndim() == 0) return mul(a, b);
  return tensordot(a, b, {-1}, {-1});
}

Tensor kron(const Tensor& a, const Tensor& b) {
  check_defined("kron", a, "input");
  check_defined("kron", b, "other");
  const int ndim = std::max(a.ndim(), b.ndim());
  Dims wide_a, wide_b, sizes;
  for (int i = 0; i < ndim; ++i) {
    const int at_a = i - (ndim - a.ndim()), at_b = i - (ndim - b.ndim());
    const int64_t m = at_a < 0 ? 1 : a.sizes()[static_cast<size_t>(at_a)];
    const int64_t n = at_b < 0 ? 1 : b.sizes()[static_cast<size_t>(at_b)];
    wide_a.push_back(m), wide_a.push_back(1);
    wide_b.push_back(1), wide_b.push_back(n);
    sizes.push_back(m * n);
  }
  return reshape(mul(reshape(a, wide_a), reshape(b, wide_b)), sizes);
}

Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim) {
  check_defined("cross", a, "input");
  check_defined("cross", b, "other");
  const auto both = broadcast_tensors({a, b});
  const Dims& sizes = both[0].sizes();
  int64_t d = 0;
  if (dim) {
    d = wrap_dim("cross", *dim, sizes.ndim());
  } else {
    while (d < sizes.ndim() && sizes[static_cast<size_t>(d)] != 3) ++d;
  }
  LYDIA_CHECK(d < sizes.ndim() && sizes[static_cast<size_t>(d)] == 3, ValueError,
              "cross: expected a dimension of size 3, got shapes ", a.sizes(), " and ", b.sizes());
  const auto turned = [d](const Tensor& x, int64_t by) { return roll(x, {by}, {d}); };
  return sub(mul(turned(both[0], -1), turned(both[1], -2)),
             mul(turned(both[0], -2), turned(both[1], -1)));
}

}  // namespace lydia
