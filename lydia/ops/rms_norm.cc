#include "lydia/ops/rms_norm.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/norm_check.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

double machine_epsilon(DType t) {
  switch (t) {
    case DType::F16: return 0x1p-10;
    case DType::BF16: return 0x1p-7;
    case DType::F32: return 0x1p-23;
    default: return 0x1p-52;
  }
}

// dx = rstd (h - xhat mean(h xhat)) with h = g w
Tensors composite_grad(const GradContext& c, const Tensor& g) {
  const Tensor x = c.in(0);
  const Tensor rstd = div(1.0, sqrt(add(mean(square(x), {1}, true), c.attrs<RmsNormAttrs>().eps)));
  const Tensor xhat = mul(x, rstd);
  Tensor dx, dw;
  if (c.needs(0)) {
    const Tensor h = c.has_in(1) ? mul(g, c.in(1)) : g;
    dx = mul(rstd, sub(h, mul(xhat, mean(mul(h, xhat), {1}, true))));
  }
  if (c.needs(1)) dw = sum(mul(g, xhat), {0});
  return {dx, dw};
}

}  // namespace

// The op sees rows: x [n, width]; it also gives 1/rms per row for the gradient.
Tensor rms_norm(const Tensor& x, const Dims& shape, const Tensor& weight,
                std::optional<double> eps) {
  LYDIA_FULL_PRECISION(rms_norm, x, shape, weight, eps);
  const int64_t width = check_norm_shape("rms_norm", x, shape, {&weight});
  const Tensor rows = contiguous(reshape(x, {width ? x.numel() / width : 0, width}));
  Tensor y = empty_like(rows);
  Tensor rstd =
      empty({rows.size(0)}, x.dtype() == DType::F64 ? DType::F64 : DType::F32, x.device());
  const Tensor w = weight.defined() ? contiguous(reshape(weight, {width})) : weight;
  run(Op::rms_norm, {&rows, &w}, {&y, &rstd},
      RmsNormAttrs{width, eps.value_or(machine_epsilon(x.dtype()))});
  return reshape(y, x.sizes());
}

const GradRule rms_norm_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      if (!g[0].defined()) return {{}, {}};
      if (grad_enabled()) return composite_grad(c, g[0]);
      const Tensor x = c.in(0), w = c.in(1), rstd = c.out(1), upstream = contiguous(g[0]);
      Tensor dx = empty_like(x), dw;
      if (c.needs(1)) dw = empty(c.sizes(1), x.dtype(), x.device());
      run(Op::rms_norm_grad, {&upstream, &x, &w, &rstd}, {&dx, &dw}, c.attrs<RmsNormAttrs>());
      return {dx, dw};
    },
    kIn(0) | kIn(1) | kOut(1)};

const GradRule rms_norm_grad_rule = {};

}  // namespace lydia
