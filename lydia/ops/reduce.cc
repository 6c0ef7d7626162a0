#include "lydia/ops/reduce.h"

#include <algorithm>

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {

Dims reduced_sizes(const Dims& sizes, const Dims& dims, bool keepdim) {
  Dims out;
  for (int i = 0; i < sizes.ndim(); ++i) {
    const bool reduced = std::find(dims.begin(), dims.end(), i) != dims.end();
    if (!reduced)
      out.push_back(sizes[i]);
    else if (keepdim)
      out.push_back(1);
  }
  return out;
}

Tensor restore_dims(const Tensor& reduced, const ReduceAttrs& attrs) {
  if (attrs.keepdim) return reduced;
  Dims sizes = reduced.sizes();
  for (int64_t d : attrs.dims) sizes.insert(static_cast<size_t>(d), 1);
  return reshape(reduced, sizes);
}

Tensor sum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  check_defined("sum", x, "input");
  ReduceAttrs attrs{wrap_dims("sum", dims, x.ndim()), keepdim};
  std::sort(attrs.dims.begin(), attrs.dims.end());
  const DType natural = is_floating(x.dtype()) ? x.dtype() : DType::I64;
  const DType result = dtype.value_or(natural);
  const Tensor input = is_floating(result) == is_floating(x.dtype()) ? x : to(x, result);
  if (x.ndim() == 0) return to(input, result, true);
  Tensor out = empty(reduced_sizes(x.sizes(), attrs.dims, keepdim), result, x.device());
  run(Op::sum, {&input}, {&out}, attrs);
  return out;
}

const GradRule sum_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  return {expand(restore_dims(g[0], c.attrs<ReduceAttrs>()), c.sizes(0))};
}};

Tensor mean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  check_defined("mean", x, "input");
  const DType result = dtype.value_or(x.dtype());
  LYDIA_CHECK(is_floating(result), TypeError, "mean: expected a floating-point tensor, got ",
              x.dtype(), "; pass dtype= or convert it");
  int64_t count = 1;
  for (int64_t d : wrap_dims("mean", dims, x.ndim())) count *= x.ndim() ? x.sizes()[d] : 1;
  return div(sum(x, dims, keepdim, result), static_cast<double>(count));
}

Tensor sum_to_size(const Tensor& x, const Dims& sizes) {
  if (x.sizes() == sizes) return x;
  const int lead = x.ndim() - sizes.ndim();
  Dims dims;
  for (int i = 0; i < x.ndim(); ++i)
    if (i < lead || (sizes[i - lead] == 1 && x.sizes()[i] != 1)) dims.push_back(i);
  LYDIA_CHECK(lead >= 0 && broadcast_shapes("sum_to_size", sizes, x.sizes()) == x.sizes(), ValueError,
              "sum_to_size: shape ", x.sizes(), " can't be summed to ", sizes);
  return reshape(dims.empty() ? x : sum(x, dims, true), sizes);
}

}  // namespace lydia
