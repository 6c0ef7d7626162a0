#include "lydia/ops/triangle.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/nonzero.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Tensor cut(Op op, const Tensor& x, int64_t diagonal) {
  check_defined(op_name(op), x, "input");
  LYDIA_CHECK(x.ndim() >= 2, ValueError, op_name(op),
              ": expected at least two dimensions, got shape ", x.sizes());
  const Tensor in = contiguous(x);
  Tensor out = empty(x.sizes(), x.dtype(), x.device());
  run(op, {&in}, {&out}, TriangleAttrs{diagonal});
  return out;
}

Tensor indices(const char* op, int64_t rows, int64_t cols,
               Tensor (*triangle)(const Tensor&, int64_t), int64_t offset) {
  LYDIA_CHECK(rows >= 0 && cols >= 0, ValueError, op, ": expected sizes >= 0, got ", rows, " and ",
              cols);
  return contiguous(t(nonzero(triangle(ones({rows, cols}, DType::Bool), offset))));
}

}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) { return cut(Op::tril, x, diagonal); }
Tensor triu(const Tensor& x, int64_t diagonal) { return cut(Op::triu, x, diagonal); }
const Tensor& tril_(const Tensor& self, int64_t diagonal) {
  return write_inplace("tril", self, tril(self, diagonal));
}
const Tensor& triu_(const Tensor& self, int64_t diagonal) {
  return write_inplace("triu", self, triu(self, diagonal));
}

const GradRule tril_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  return {tril(g[0], c.attrs<TriangleAttrs>().diagonal)};
}};
const GradRule triu_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  return {triu(g[0], c.attrs<TriangleAttrs>().diagonal)};
}};

Tensor tril_indices(int64_t rows, int64_t cols, int64_t offset) {
  return indices("tril_indices", rows, cols, &tril, offset);
}
Tensor triu_indices(int64_t rows, int64_t cols, int64_t offset) {
  return indices("triu_indices", rows, cols, &triu, offset);
}

Tensor diag(const Tensor& x, int64_t diagonal) {
  check_defined("diag", x, "input");
  LYDIA_CHECK(x.ndim() == 1 || x.ndim() == 2, ValueError,
              "diag: expected one or two dimensions, got shape ", x.sizes());
  return x.ndim() == 1 ? diag_embed(x, diagonal) : clone(lydia::diagonal(x, diagonal));
}

Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  check_defined("diag_embed", x, "input");
  LYDIA_CHECK(x.ndim() >= 1, ValueError,
              "diag_embed: expected at least one dimension, got a 0-d tensor");
  const int ndim = x.ndim() + 1;
  const int d1 = wrap_dim("diag_embed", dim1, ndim), d2 = wrap_dim("diag_embed", dim2, ndim);
  LYDIA_CHECK(d1 != d2, ValueError, "diag_embed: expected two different dims, got ", dim1, " and ",
              dim2);
  LYDIA_CHECK(offset > -(int64_t{1} << 31) && offset < (int64_t{1} << 31), ValueError,
              "diag_embed: offset ", offset, " is out of range");
  const int64_t n = x.size(-1) + std::abs(offset);
  Dims sizes = x.sizes();
  sizes.resize(sizes.size() - 1);
  sizes.insert(static_cast<size_t>(std::min(d1, d2)), n);
  sizes.insert(static_cast<size_t>(std::max(d1, d2)), n);
  const Tensor out = zeros(sizes, x.dtype(), x.device());
  copy_(lydia::diagonal(out, offset, d1, d2), x);
  return out;
}

Tensor trace(const Tensor& x) {
  check_defined("trace", x, "input");
  LYDIA_CHECK(x.ndim() == 2, ValueError, "trace: expected two dimensions, got shape ", x.sizes());
  return sum(lydia::diagonal(x));
}

}  // namespace lydia
