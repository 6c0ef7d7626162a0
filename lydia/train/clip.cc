#include "lydia/train/clip.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_norm.h"
#include "lydia/ops/multi_scale.h"
#include "lydia/ops/multi_tensor.h"
#include "lydia/ops/pointwise.h"

namespace lydia::train {
namespace {

Tensors gradients(const Tensors& parameters) {
  Tensors out;
  for (const Tensor& p : parameters) {
    check_defined("clip_grad", p, "parameters");
    if (const Tensor g = p.grad(); g.defined()) out.push_back(g.detach());
  }
  return out;
}

}  // namespace

Tensor get_total_norm(const Tensors& tensors, double norm_type, bool error_if_nonfinite) {
  const double norm = multi_norm(tensors, norm_type);
  LYDIA_CHECK(!error_if_nonfinite || std::isfinite(norm), Error,
              "clip_grad_norm: the norm of order ", norm_type, " is ", norm,
              ", so the gradients can't be clipped by it");
  DType dtype = DType::F32;
  for (const Tensor& t : tensors)
    if (t.dtype() == DType::F64) dtype = DType::F64;
  const OutsideAutograd outside;
  return scalar_tensor(norm, dtype);
}

void clip_grads_with_norm(const Tensors& parameters, double max_norm, const Tensor& total_norm) {
  const double factor = max_norm / (total_norm.item<double>() + 1e-6);
  if (factor >= 1) return;
  multi_scale(gradients(parameters), factor);
}

Tensor clip_grad_norm(const Tensors& parameters, double max_norm, double norm_type,
                      bool error_if_nonfinite) {
  const Tensor norm = get_total_norm(gradients(parameters), norm_type, error_if_nonfinite);
  clip_grads_with_norm(parameters, max_norm, norm);
  return norm;
}

void clip_grad_value(const Tensors& parameters, double clip_value) {
  LYDIA_CHECK(clip_value >= 0, ValueError, "clip_grad_value: expected 0 or more, got ", clip_value);
  const OutsideAutograd outside;
  for (const Tensor& g : gradients(parameters)) clamp_(g, -clip_value, clip_value);
}

}  // namespace lydia::train
