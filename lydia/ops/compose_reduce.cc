// Reductions written with other reductions.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {

Tensor mean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  check_defined("mean", x, "input");
  const DType result = dtype.value_or(full_precision(x.dtype()));
  LYDIA_CHECK(is_floating(result), TypeError, "mean: expected a floating-point tensor, got ",
              x.dtype(), "; pass dtype= or convert it");
  const auto count = reduced_count(x.sizes(), wrap_dims("mean", dims, x.ndim()));
  return div(sum(x, dims, keepdim, result), static_cast<double>(count));
}

Tensor std(const Tensor& x, const Dims& dims, double correction, bool keepdim) {
  const Tensor v = var(x, dims, correction, keepdim);
  if (!v.requires_grad() || !grad_enabled()) return sqrt(v);
  // Where all values agree the slope is infinite; its gradient is 0 there, as in PyTorch.
  const Tensor flat = eq(v, 0);
  return where(flat, 0, sqrt(where(flat, 1, v)));
}

Tensor count_nonzero(const Tensor& x, const Dims& dims) {
  check_defined("count_nonzero", x, "input");
  return sum(ne(x.detach(), 0), dims);
}

Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim) {
  LYDIA_FULL_PRECISION(logsumexp, x, dims, keepdim);
  check_defined("logsumexp", x, "input");
  const Tensor input = to(x, float_type(x.dtype()));
  if (reduced_count(x.sizes(), wrap_dims("logsumexp", dims, x.ndim())) == 0)
    return log(sum(exp(input), dims, keepdim));
  const Tensor top = amax(input.detach(), dims, true);
  // An infinite maximum can't be subtracted from itself; exp and log carry it as it is.
  const Tensor finite = where(isfinite(top), top, zeros_like(top));
  const Tensor total = log(sum(exp(sub(input, finite)), dims, keepdim));
  return add(total, keepdim ? finite : reshape(finite, total.sizes()));
}

Tensor nansum(const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined("nansum", x, "input");
  return is_floating(x.dtype()) ? sum(where(isnan(x), zeros_like(x), x), dims, keepdim)
                                : sum(x, dims, keepdim);
}

Tensor nanmean(const Tensor& x, const Dims& dims, bool keepdim) {
  check_defined("nanmean", x, "input");
  const Tensor count = sum(logical_not(isnan(x)), dims, keepdim);
  return div(nansum(x, dims, keepdim), count);
}

Tensor sum_to_size(const Tensor& x, const Dims& sizes) {
  if (x.sizes() == sizes) return x;
  const int lead = x.ndim() - sizes.ndim();
  Dims dims;
  for (int i = 0; i < x.ndim(); ++i)
    if (i < lead || (sizes[i - lead] == 1 && x.sizes()[i] != 1)) dims.push_back(i);
  LYDIA_CHECK(lead >= 0 && broadcast_shapes("sum_to_size", sizes, x.sizes()) == x.sizes(),
              ValueError, "sum_to_size: shape ", x.sizes(), " can't be summed to ", sizes);
  return reshape(dims.empty() ? x : sum(x, dims, true), sizes);
}

}  // namespace lydia
