// Normalisations as layers.
#include "lydia/nn/norm.h"

#include "lydia/autograd/grad_mode.h"
#include "lydia/nn/init.h"
#include "lydia/nn/text.h"
#include "lydia/ops/batch_norm.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/layer_norm.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/rms_norm.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

void fill_affine(const Tensor& weight, const Tensor& bias) {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

std::string tuple(const Dims& shape) {
  std::string out = lydia::to_string(shape);
  return "(" + out.substr(1, out.size() - 2) + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

RunningNorm::RunningNorm(int64_t features, const RunningNormOptions& o, int least, int most)
    : num_features(features),
      options(o),
      running_mean(buffer("running_mean", o.track_running_stats ? zeros({features}) : Tensor())),
      running_var(buffer("running_var", o.track_running_stats ? ones({features}) : Tensor())),
      num_batches_tracked(
          buffer("num_batches_tracked", o.track_running_stats ? zeros({}, DType::I64) : Tensor())),
      least_(least),
      most_(most) {
  reset_parameters();
}

void RunningNorm::reset_running_stats() {
  if (!options.track_running_stats) return;
  running_mean.zero_();
  running_var.fill_(1);
  num_batches_tracked.zero_();
}

void RunningNorm::reset_parameters() {
  reset_running_stats();
  fill_affine(weight, bias);
}

void RunningNorm::check_input(const Tensor& x) const {
  LYDIA_CHECK(x.ndim() >= least_ && x.ndim() <= most_, ValueError, type_name(), ": expected ",
              least_, " to ", most_, " dimensions, got shape ", x.sizes());
}

std::string RunningNorm::extra_repr() const {
  return text(num_features, ", eps=", options.eps,
              ", momentum=", options.momentum ? text(*options.momentum) : "None",
              ", affine=", python_bool(options.affine),
              ", track_running_stats=", python_bool(options.track_running_stats));
}

Tensor BatchNorm::forward(const Tensor& x) {
  check_input(x);
  double momentum = options.momentum.value_or(0);
  if (training() && options.track_running_stats) {
    const NoGradGuard guard;
    add_(num_batches_tracked, 1);
    if (!options.momentum) momentum = 1 / num_batches_tracked.item<double>();
  }
  const bool own = training() || !running_mean.defined();
  return batch_norm(x, running_mean, running_var, weight, bias, own, {momentum, options.eps});
}

Tensor InstanceNorm::forward(const Tensor& x) {
  check_input(x);
  const bool alone = x.ndim() == least_;
  const Tensor y = instance_norm(alone ? unsqueeze(x, 0) : x, running_mean, running_var, weight,
                                 bias, training() || !options.track_running_stats,
                                 {options.momentum.value_or(0), options.eps});
  return alone ? squeeze(y, {0}) : y;
}

GroupNorm::GroupNorm(int64_t groups, int64_t channels, double e, bool affine)
    : num_groups(groups),
      num_channels(channels),
      eps(e),
      weight(parameter("weight", {channels}, affine)),
      bias(parameter("bias", {channels}, affine)) {
  LYDIA_CHECK(groups > 0 && channels % groups == 0, ValueError,
              "GroupNorm: expected groups that divide ", channels, ", got ", groups);
  fill_affine(weight, bias);
}

Tensor GroupNorm::forward(const Tensor& x) { return group_norm(x, num_groups, weight, bias, eps); }

std::string GroupNorm::extra_repr() const {
  return text(num_groups, ", ", num_channels, ", eps=", eps,
              ", affine=", python_bool(weight.defined()));
}

LayerNorm::LayerNorm(const Dims& sizes, double e, bool affine, bool with_bias)
    : shape(sizes),
      eps(e),
      weight(parameter("weight", sizes, affine)),
      bias(parameter("bias", sizes, affine && with_bias)) {
  fill_affine(weight, bias);
}

Tensor LayerNorm::forward(const Tensor& x) { return layer_norm(x, shape, weight, bias, eps); }

std::string LayerNorm::extra_repr() const {
  return text(tuple(shape), ", eps=", eps, ", elementwise_affine=", python_bool(weight.defined()));
}

RMSNorm::RMSNorm(const Dims& sizes, std::optional<double> e, bool affine)
    : shape(sizes), eps(e), weight(parameter("weight", sizes, affine)) {
  fill_affine(weight, {});
}

Tensor RMSNorm::forward(const Tensor& x) { return rms_norm(x, shape, weight, eps); }

std::string RMSNorm::extra_repr() const {
  return text(tuple(shape), ", eps=", eps ? text(*eps) : "None",
              ", elementwise_affine=", python_bool(weight.defined()));
}

}  // namespace lydia::nn
