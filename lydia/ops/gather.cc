#include "lydia/ops/gather.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/scatter_check.h"
#include "lydia/ops/view.h"

namespace lydia {

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  const ScatterAttrs attrs{check_scatter("gather", x, dim, index)};
  Tensor out = empty(index.sizes(), x.dtype(), x.device());
  const Tensor places = to(index, DType::I64);
  run(Op::gather, {&x, &places}, {&out}, attrs);
  return out;
}

const GradRule gather_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor zero = zeros_like_shape(g[0], c.sizes(0));
      return {scatter_add(zero, c.attrs<ScatterAttrs>().dim, c.in(1), g[0]), {}};
    },
    kIn(1)};

Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim) {
  check_defined("take_along_dim", x, "input");
  check_defined("take_along_dim", index, "indices");
  if (!dim) return gather(reshape(x, {-1}), 0, reshape(index, {-1}));
  LYDIA_CHECK(x.ndim() == index.ndim(), ValueError,
              "take_along_dim: expected indices of as many dimensions as the input, got shapes ",
              x.sizes(), " and ", index.sizes());
  const int d = wrap_dim("take_along_dim", *dim, x.ndim());
  Dims x_sizes = x.sizes(), index_sizes = index.sizes();
  if (x.ndim() > 0) x_sizes[d] = index_sizes[d] = 1;
  Dims common = broadcast_shapes("take_along_dim", x_sizes, index_sizes), wide = common;
  if (x.ndim() > 0) common[d] = x.sizes()[d], wide[d] = index.sizes()[d];
  return gather(expand(x, common), d, expand(index, wide));
}

}  // namespace lydia
