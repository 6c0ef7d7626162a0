#include "lydia/ops/search.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {

const GradRule searchsorted_rule = {};
const GradRule bincount_rule = {};
const GradRule histc_rule = {};

Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right, bool int32) {
  check_defined("searchsorted", sorted, "sorted_sequence");
  check_defined("searchsorted", values, "values");
  check_same_device("searchsorted", sorted, values);
  bool fits = sorted.ndim() == 1;
  if (!fits && sorted.ndim() == values.ndim() && sorted.ndim() > 0) {
    fits = true;
    for (int d = 0; d + 1 < sorted.ndim(); ++d) fits &= sorted.sizes()[d] == values.sizes()[d];
  }
  LYDIA_CHECK(
      fits, ValueError,
      "searchsorted: expected a 1-d sorted sequence or one of the values' shape but for the last "
      "dimension, got ",
      sorted.sizes(), " and ", values.sizes());
  const DType common = promote_types(sorted.dtype(), values.dtype());
  const Tensor row = contiguous(to(sorted.detach(), common)),
               v = contiguous(to(values.detach(), common));
  Tensor out = empty(values.sizes(), DType::I64, values.device());
  run(Op::searchsorted, {&row, &v}, {&out}, SearchAttrs{right});
  return int32 ? to(out, DType::I32) : out;
}

Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right, bool int32) {
  check_defined("bucketize", boundaries, "boundaries");
  LYDIA_CHECK(boundaries.ndim() == 1, ValueError, "bucketize: expected 1-d boundaries, got shape ",
              boundaries.sizes());
  return searchsorted(boundaries, values, right, int32);
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t minlength) {
  check_defined("bincount", x, "input");
  LYDIA_CHECK(is_integral(x.dtype()) && x.ndim() == 1, ValueError,
              "bincount: expected a 1-d integer tensor, got shape ", x.sizes(), " of ", x.dtype());
  LYDIA_CHECK(minlength >= 0, ValueError, "bincount: expected minlength >= 0, got ", minlength);
  Tensor w;
  if (weights.defined()) {
    LYDIA_CHECK(weights.sizes() == x.sizes(), ValueError, "bincount: expected weights of shape ",
                x.sizes(), ", got ", weights.sizes());
    w = contiguous(to(weights.detach(), weights.dtype() == DType::F32 ? DType::F32 : DType::F64));
  }
  const Tensor in = contiguous(to(x, DType::I64));
  Tensor out;
  run(Op::bincount, {&in, &w}, {&out}, SearchAttrs{false, minlength});
  return out;
}

Tensor histc(const Tensor& x, int64_t bins, double low, double high) {
  check_defined("histc", x, "input");
  LYDIA_CHECK(x.is_floating_point(), TypeError, "histc: expected a floating-point tensor, got ",
              x.dtype());
  LYDIA_CHECK(bins > 0, ValueError, "histc: expected bins > 0, got ", bins);
  const Tensor in = contiguous(to(x.detach(), DType::F64));
  if (low == high && x.numel() > 0) {
    low = amin(in).item<double>();
    high = amax(in).item<double>();
  }
  if (low == high) {
    low -= 1;
    high += 1;
  }
  LYDIA_CHECK(low < high && std::isfinite(low) && std::isfinite(high), ValueError,
              "histc: expected a finite range with min <= max, got ", low, " and ", high);
  Tensor out = zeros({bins}, DType::I64, x.device());
  run(Op::histc, {&in}, {&out}, SearchAttrs{false, bins, low, high});
  return to(out, x.dtype());
}

}  // namespace lydia
