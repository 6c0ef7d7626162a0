#include "lydia/ops/linear.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

void check_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_defined("linear", x, "input");
  check_defined("linear", weight, "weight");
  check_same_device("linear", x, weight);
  LYDIA_CHECK(x.dtype() == weight.dtype(), TypeError, "linear: expected one dtype, got input ",
              x.dtype(), " and weight ", weight.dtype());
  LYDIA_CHECK(x.ndim() > 0 && weight.ndim() == 2 && x.size(-1) == weight.size(1), ValueError,
              "linear: expected input [..., in] and weight [out, in], got ", x.sizes(), " and ",
              weight.sizes());
  if (!bias.defined()) return;
  check_same_device("linear", x, bias);
  LYDIA_CHECK(bias.dtype() == x.dtype(), TypeError, "linear: expected bias of dtype ", x.dtype(),
              ", got ", bias.dtype());
  LYDIA_CHECK(bias.sizes() == Dims{weight.size(0)}, ValueError, "linear: expected bias of shape [",
              weight.size(0), "], got ", bias.sizes());
}

}  // namespace

// The op itself sees x [rows, in], weight [out, in], bias [out].
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  LYDIA_LOW_PRECISION(linear, x, weight, bias);
  if (weight.defined() && weight.ndim() == 1) {
    const Tensor one = bias.defined() && bias.ndim() == 0 ? unsqueeze(bias, 0) : bias;
    return squeeze(linear(x, unsqueeze(weight, 0), one), {-1});
  }
  check_linear(x, weight, bias);
  if (!x.is_floating_point()) {
    const Tensor y = matmul(x, transpose(weight, 0, 1));
    return bias.defined() ? add(y, bias) : y;
  }
  Dims sizes = x.sizes();
  sizes.back() = weight.size(0);
  Dims leading = x.sizes();
  leading.resize(leading.size() - 1);
  const Tensor rows = x.ndim() == 2 ? x : reshape(x, {numel_of(leading), x.size(-1)});
  const Tensor b = bias.defined() ? contiguous(bias) : bias;
  Tensor y = empty({rows.size(0), weight.size(0)}, x.dtype(), x.device());
  run(Op::linear, {&rows, &weight, &b}, {&y});
  return x.ndim() == 2 ? y : reshape(y, sizes);
}

// The engine sums the gradient of bias over the rows.
const GradRule linear_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                return {
                                    c.needs(0) ? matmul(g[0], c.in(1)) : Tensor(),
                                    c.needs(1) ? matmul(transpose(g[0], 0, 1), c.in(0)) : Tensor(),
                                    c.needs(2) ? g[0] : Tensor()};
                              },
                              kIn(0) | kIn(1)};

}  // namespace lydia
