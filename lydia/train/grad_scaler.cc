#include "lydia/train/grad_scaler.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_scale.h"
#include "lydia/ops/pointwise.h"

namespace lydia::train {

void LossScale::check() const {
  LYDIA_CHECK(scale > 0 && growth_factor > 1 && backoff_factor > 0 && backoff_factor < 1 &&
                  growth_interval > 0,
              ValueError,
              "GradScaler: expected scale > 0, growth_factor > 1, backoff_factor in (0, 1) and "
              "growth_interval > 0, got ",
              scale, ", ", growth_factor, ", ", backoff_factor, " and ", growth_interval);
}

void LossScale::update(bool finite) {
  if (!finite) {
    scale *= backoff_factor;
    good_steps = 0;
  } else if (++good_steps == growth_interval) {
    if (std::isfinite(static_cast<float>(scale * growth_factor))) scale *= growth_factor;
    good_steps = 0;
  }
}

bool unscale_gradients(const Tensors& parameters, double scale) {
  Tensors grads;
  for (const Tensor& p : parameters)
    if (const Tensor g = p.grad(); g.defined()) {
      LYDIA_CHECK(g.dtype() != DType::F16, ValueError,
                  "GradScaler: expected gradients of f32 parameters, got float16; keep the "
                  "parameters in float32 and use autocast");
      grads.push_back(g.detach());
    }
  return multi_scale(grads, 1 / scale);
}

GradScaler::GradScaler(const LossScale& start, bool enabled) : state(start), enabled_(enabled) {
  state.check();
}

// The product is f32 for an f16 loss, which could not hold it.
Tensor GradScaler::scale(const Tensor& loss) const {
  if (!enabled_) return loss;
  const Tensor wide = loss.dtype() == DType::F64 ? loss : to(loss, DType::F32);
  return mul(wide, state.scale);
}

void GradScaler::unscale(Optimizer& optimizer) {
  if (!enabled_) return;
  Seen& seen = seen_[&optimizer];
  LYDIA_CHECK(seen.stage == Stage::scaled, Error,
              "GradScaler: unscale() was called on this optimiser since the last update()");
  Tensors params;
  for (const ParamGroup& g : optimizer.groups())
    params.insert(params.end(), g.params.begin(), g.params.end());
  seen = {Stage::unscaled, unscale_gradients(params, state.scale)};
}

bool GradScaler::step(Optimizer& optimizer) {
  if (enabled_) {
    Seen& seen = seen_[&optimizer];
    LYDIA_CHECK(seen.stage != Stage::stepped, Error,
                "GradScaler: step() was called on this optimiser since the last update()");
    if (seen.stage == Stage::scaled) unscale(optimizer);
    seen.stage = Stage::stepped;
    if (!seen.finite) return false;
  }
  optimizer.step();
  return true;
}

void GradScaler::update() {
  if (!enabled_) return;
  LYDIA_CHECK(!seen_.empty(), Error, "GradScaler: expected a step() before update()");
  bool finite = true;
  for (const auto& [optimizer, seen] : seen_) finite &= seen.finite;
  state.update(finite);
  seen_.clear();
}

}  // namespace lydia::train
