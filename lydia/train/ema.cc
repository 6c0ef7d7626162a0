#include "lydia/train/ema.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"
#include "lydia/ops/optimizer_step.h"

namespace lydia::train {

void average_into(const Tensors& averages, const Tensors& weights, double rate) {
  LYDIA_CHECK(averages.size() == weights.size(), ValueError, "average: expected ", averages.size(),
              " weights, got ", weights.size());
  const OutsideAutograd outside;
  std::vector<StepItem> items;
  for (size_t i = 0; i < averages.size(); ++i) {
    check_defined("average", weights[i], "weights");
    check_defined("average", averages[i], "averages");
    StepItem item{
        StepRule::average, averages[i], to(weights[i].detach(), averages[i].dtype()), {}, {}};
    item.numbers.rate = rate;
    items.push_back(item);
  }
  optimizer_step(items);
}

Ema::Ema(const Tensors& params, double decay) : params_(params), decay_(decay) {
  LYDIA_CHECK(decay >= 0 && decay <= 1, ValueError, "Ema: expected decay in [0, 1], got ", decay);
  const OutsideAutograd outside;
  for (const Tensor& p : params) {
    check_defined("Ema", p, "params");
    averages_.push_back(to(p.detach(), p.dtype() == DType::F64 ? DType::F64 : DType::F32, true));
  }
}

void Ema::update() { average_into(averages_, params_, 1 - decay_); }

void Ema::apply() {
  LYDIA_CHECK(kept_.empty(), Error, "Ema: expected restore() before another apply()");
  const OutsideAutograd outside;
  for (size_t i = 0; i < params_.size(); ++i) {
    kept_.push_back(clone(params_[i].detach()));
    copy_(params_[i].detach(), averages_[i]);
  }
}

void Ema::restore() {
  LYDIA_CHECK(kept_.size() == params_.size(), Error, "Ema: expected apply() before restore()");
  const OutsideAutograd outside;
  for (size_t i = 0; i < params_.size(); ++i) copy_(params_[i].detach(), kept_[i]);
  kept_.clear();
}

}  // namespace lydia::train
