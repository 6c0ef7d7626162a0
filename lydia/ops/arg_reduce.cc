// The index of an extreme value: argmax, argmin, and max/min that give value and index.
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

void check_dim_not_empty(const char* op, const Tensor& x, int dim) {
  LYDIA_CHECK(x.ndim() == 0 || x.sizes()[dim] > 0, ValueError, op,
              ": expected at least one element along dim ", dim, ", got shape ", x.sizes());
}

Tensor arg_reduce(Op op, const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  const char* name = op_name(op);
  check_defined(name, x, "input");
  if (!dim) {
    LYDIA_CHECK(x.numel() > 0, ValueError, name, ": expected at least one element, got shape ",
                x.sizes());
    const Tensor flat = arg_reduce(op, reshape(x.detach(), {x.numel()}), 0, false);
    return keepdim ? reshape(flat, Dims(static_cast<size_t>(x.ndim()), 1)) : flat;
  }
  const int d = wrap_dim(name, *dim, x.ndim());
  if (x.ndim() == 0) return full({}, 0, DType::I64);
  check_dim_not_empty(name, x, d);
  const ReduceAttrs attrs{{d}, keepdim};
  Tensor out = empty(reduced_sizes(x.sizes(), attrs.dims, keepdim), DType::I64, x.device());
  run(op, {&x}, {&out}, attrs);
  return out;
}

std::pair<Tensor, Tensor> extreme(Op op, const Tensor& x, int64_t dim, bool keepdim) {
  const char* name = op_name(op);
  check_defined(name, x, "input");
  const int d = wrap_dim(name, dim, x.ndim());
  if (x.ndim() == 0) return {clone(x), full({}, 0, DType::I64)};
  check_dim_not_empty(name, x, d);
  const ReduceAttrs attrs{{d}, keepdim};
  const Dims sizes = reduced_sizes(x.sizes(), attrs.dims, keepdim);
  Tensor values = empty(sizes, x.dtype(), x.device()),
         indices = empty(sizes, DType::I64, x.device());
  run(op, {&x}, {&values, &indices}, attrs);
  return {values, indices};
}

// The gradient lands on the chosen element: 1 where the position equals the index.
Tensors to_chosen(const GradContext& c, const Tensors& g) {
  const auto& a = c.attrs<ReduceAttrs>();
  const Dims& sizes = c.sizes(0);
  Dims line(sizes.size(), 1);
  line[a.dims[0]] = sizes[a.dims[0]];
  const Tensor position = empty({sizes[a.dims[0]]}, DType::I64);
  for (int64_t i = 0; i < position.numel(); ++i) position.data<int64_t>()[i] = i;
  const Tensor mask = eq(reshape(position, line), restore_dims(c.out(1), a));
  return {mul(restore_dims(g[0], a), mask)};
}

}  // namespace

Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return arg_reduce(Op::argmax, x, dim, keepdim);
}
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return arg_reduce(Op::argmin, x, dim, keepdim);
}
const GradRule argmax_rule = {};
const GradRule argmin_rule = {};

std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme(Op::max, x, dim, keepdim);
}
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme(Op::min, x, dim, keepdim);
}
const GradRule max_rule = {to_chosen, kOut(1)};
const GradRule min_rule = {to_chosen, kOut(1)};

}  // namespace lydia
