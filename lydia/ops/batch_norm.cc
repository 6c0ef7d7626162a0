#include "lydia/ops/batch_norm.h"

#include <cmath>

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

struct Normalized {
  Tensor y, mean, var;
};

// x [N, C, S] by its own statistics.
Normalized normalize(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const DType wide = x.dtype();
  Normalized out{empty(x.sizes(), wide, x.device()), empty({x.sizes()[1]}, wide, x.device()),
                 empty({x.sizes()[1]}, wide, x.device())};
  run(Op::batch_norm, {&x, &weight, &bias}, {&out.y, &out.mean, &out.var}, BatchNormAttrs{eps});
  return out;
}

DType wide_type(const Tensor& x) { return x.dtype() == DType::F64 ? DType::F64 : DType::F32; }
Tensor widened(const Tensor& x, DType wide) { return x.defined() ? to(x, wide) : x; }

void check_input(const char* op, const Tensor& x, double eps) {
  check_defined(op, x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError, op, ": expected a floating-point tensor, got ",
              x.dtype());
  LYDIA_CHECK(x.ndim() >= 2, ValueError, op, ": expected an input [N, C, ..], got shape ",
              x.sizes());
  LYDIA_CHECK(eps >= 0, ValueError, op, ": expected eps of at least 0, got ", eps);
}

void check_parameter(const char* op, const char* name, const Tensor& x, const Tensor& p) {
  if (!p.defined()) return;
  check_same_device(op, x, p);
  LYDIA_CHECK(is_floating(p.dtype()), TypeError, op, ": expected a floating-point ", name, ", got ",
              p.dtype());
  LYDIA_CHECK(p.ndim() == 1 && p.sizes()[0] == x.sizes()[1], ValueError, op, ": expected ", name,
              " of shape [", x.sizes()[1], "], got ", p.sizes());
}

int64_t values_per_channel(const Tensor& x) {
  int64_t count = x.sizes()[0];
  for (int d = 2; d < x.ndim(); ++d) count *= x.sizes()[d];
  return count;
}

// p [C] as [C, 1, ..], to broadcast over x [N, C, ..].
Tensor per_channel(const Tensor& p, const Tensor& x) {
  Dims sizes(static_cast<size_t>(x.ndim() - 1), 1);
  sizes[0] = p.sizes()[0];
  return reshape(p, sizes);
}

// x weight + bias, for y [N, C, ..].
Tensor affine(Tensor y, const Tensor& weight, const Tensor& bias) {
  if (weight.defined()) y = y * per_channel(weight, y);
  if (bias.defined()) y = y + per_channel(bias, y);
  return y;
}

// running <- (1 - momentum) running + momentum now, outside the graph.
void move_towards(const Tensor& running, const Tensor& now, double momentum) {
  if (!running.defined()) return;
  copy_(running, running.detach() * (1 - momentum) + to(now.detach(), running.dtype()) * momentum);
}

Tensor by_running_stats(const Tensor& x, const Tensor& mean, const Tensor& var,
                        const Tensor& weight, const Tensor& bias, double eps) {
  const DType wide = wide_type(x);
  Tensor scale = 1.0 / sqrt(to(var, wide) + eps);
  if (weight.defined()) scale = scale * to(weight, wide);
  Tensor shift = -(to(mean, wide) * scale);
  if (bias.defined()) shift = shift + to(bias, wide);
  return to(affine(to(x, wide), scale, shift), x.dtype());
}

double unbiased(int64_t count) {
  return static_cast<double>(count) / static_cast<double>(std::max<int64_t>(count - 1, 1));
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight, const Tensor& bias, bool training, const NormOptions& o) {
  check_input("batch_norm", x, o.eps);
  check_parameter("batch_norm", "weight", x, weight);
  check_parameter("batch_norm", "bias", x, bias);
  check_parameter("batch_norm", "running_mean", x, running_mean);
  check_parameter("batch_norm", "running_var", x, running_var);
  if (!training) {
    LYDIA_CHECK(running_mean.defined() && running_var.defined(), ValueError,
                "batch_norm: expected running_mean and running_var unless training, got none");
    return by_running_stats(x, running_mean, running_var, weight, bias, o.eps);
  }
  const int64_t count = values_per_channel(x);
  LYDIA_CHECK(count > 1, ValueError,
              "batch_norm: expected more than 1 value per channel when training, got shape ",
              x.sizes());
  const DType wide = wide_type(x);
  const Tensor flat = reshape(to(x, wide), {x.sizes()[0], x.sizes()[1], count / x.sizes()[0]});
  const Normalized out = normalize(flat, widened(weight, wide), widened(bias, wide), o.eps);
  move_towards(running_mean, out.mean, o.momentum);
  move_towards(running_var, out.var.detach() * unbiased(count), o.momentum);
  return to(reshape(out.y, x.sizes()), x.dtype());
}

Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias,
                  double eps) {
  LYDIA_FULL_PRECISION(group_norm, x, groups, weight, bias, eps);
  check_input("group_norm", x, eps);
  check_parameter("group_norm", "weight", x, weight);
  check_parameter("group_norm", "bias", x, bias);
  LYDIA_CHECK(groups >= 1 && x.sizes()[1] % groups == 0, ValueError,
              "group_norm: expected num_groups to divide the channels, got ", groups, " for shape ",
              x.sizes());
  const DType wide = wide_type(x);
  if (x.numel() == 0) return affine(x, weight, bias);
  const int64_t planes = x.sizes()[0] * groups;
  const Tensor flat = reshape(to(x, wide), {1, planes, x.numel() / planes});
  const Tensor y = reshape(normalize(flat, {}, {}, eps).y, x.sizes());
  return to(affine(y, widened(weight, wide), widened(bias, wide)), x.dtype());
}

Tensor instance_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                     const Tensor& weight, const Tensor& bias, bool use_input_stats,
                     const NormOptions& o) {
  check_input("instance_norm", x, o.eps);
  check_parameter("instance_norm", "weight", x, weight);
  check_parameter("instance_norm", "bias", x, bias);
  check_parameter("instance_norm", "running_mean", x, running_mean);
  check_parameter("instance_norm", "running_var", x, running_var);
  if (!use_input_stats) {
    LYDIA_CHECK(running_mean.defined() && running_var.defined(), ValueError,
                "instance_norm: expected running_mean and running_var without use_input_stats");
    return by_running_stats(x, running_mean, running_var, weight, bias, o.eps);
  }
  const int64_t n = x.sizes()[0], c = x.sizes()[1];
  const int64_t planes = n * c, area = planes > 0 ? x.numel() / planes : 0;
  LYDIA_CHECK(area > 1 || planes == 0, ValueError,
              "instance_norm: expected more than 1 spatial element, got shape ", x.sizes());
  const DType wide = wide_type(x);
  if (x.numel() == 0) return affine(x, weight, bias);
  const Normalized out = normalize(reshape(to(x, wide), {1, planes, area}), {}, {}, o.eps);
  move_towards(running_mean, mean(reshape(out.mean.detach(), {n, c}), {0}), o.momentum);
  move_towards(running_var, mean(reshape(out.var.detach(), {n, c}), {0}) * unbiased(area),
               o.momentum);
  const Tensor y = reshape(out.y, x.sizes());
  return to(affine(y, widened(weight, wide), widened(bias, wide)), x.dtype());
}

// With xn = (x - mean) r, r = 1 / sqrt(var + eps), h = g weight, and means over a channel:
// dx = r (h - mean h - xn mean(h xn)), dweight = sum g xn, dbias = sum g. The composite form finds
// the statistics again, so that they can be differentiated.
const GradRule batch_norm_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const Tensor x = c.in(0), weight = c.has_in(1) ? c.in(1) : Tensor();
      if (!grad_enabled()) {
        const Tensor mean = c.out(1), var = c.out(2);
        Tensor dx = empty(x.sizes(), x.dtype(), x.device()),
               dw = empty(mean.sizes(), x.dtype(), x.device()),
               db = empty(mean.sizes(), x.dtype(), x.device());
        run(Op::batch_norm_grad, {&g[0], &x, &weight, &mean, &var}, {&dx, &dw, &db},
            c.attrs<BatchNormAttrs>());
        return {dx, c.needs(1) ? dw : Tensor(), c.needs(2) ? db : Tensor()};
      }
      const Tensor centred = x - mean(x, {0, 2}, true);
      const Tensor r =
          1.0 / sqrt(mean(square(centred), {0, 2}, true) + c.attrs<BatchNormAttrs>().eps);
      const Tensor xn = centred * r;
      const Tensor h = weight.defined() ? g[0] * unsqueeze(weight, -1) : g[0];
      return {r * (h - mean(h, {0, 2}, true) - xn * mean(h * xn, {0, 2}, true)),
              c.needs(1) ? sum(g[0] * xn, {0, 2}) : Tensor(),
              c.needs(2) ? sum(g[0], {0, 2}) : Tensor()};
    },
    kIn(0) | kIn(1) | kOut(1) | kOut(2)};

// Second derivatives take the composite above instead.
const GradRule batch_norm_grad_rule = {};

}  // namespace lydia
