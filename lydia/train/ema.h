// Weights that follow other weights: average += rate (weight - average), in one pass over all.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia::train {

// For rate 1 - decay an exponential moving average; for rate 1 / (n + 1) after n updates the mean.
// Shapes and dtypes pair by pair; outside autograd.
void average_into(const Tensors& averages, const Tensors& weights, double rate);

// The exponential moving average of parameters, in f32 for half ones.
//
//   Ema ema(params, 0.999);
//   opt.step(); ema.update();
//   ema.apply(); evaluate(); ema.restore();  // or keep()
class Ema {
 public:
  Ema(const Tensors& params, double decay = 0.999);
  // After each step of the optimiser.
  void update();
  // Gives the parameters the values of the averages, and their own back.
  void apply();
  void restore();
  // Instead of restore(): the parameters stay what the averages are.
  void keep() { kept_.clear(); }
  // The live averages, in the order of the parameters: for checkpoints.
  const Tensors& averages() const { return averages_; }

 private:
  Tensors params_, averages_, kept_;
  double decay_;
};

}  // namespace lydia::train
