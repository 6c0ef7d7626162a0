// Loss scaling for f16: the loss is multiplied by a large number so that small gradients survive,
// and the gradients are divided by it before the step. A step whose gradients are not finite is
// skipped and the number cut; after `growth_interval` good steps it grows again.
//
//   backward(scaler.scale(loss));
//   scaler.unscale(opt);  clip_grad_norm(...);   // only to look at the gradients
//   scaler.step(opt);  scaler.update();  opt.zero_grad();
#pragma once

#include <map>

#include "lydia/train/optimizer.h"

namespace lydia::train {

struct LossScale {
  double scale = 65536, growth_factor = 2, backoff_factor = 0.5;
  int64_t growth_interval = 2000;
  int64_t good_steps = 0;  // since the scale last changed

  // ValueError where a number is out of range.
  void check() const;
  void update(bool finite);
};

// Divides the gradients of the parameters by `scale`; false where one was not finite. ValueError
// for f16 gradients, which have lost what scaling is to keep.
bool unscale_gradients(const Tensors& parameters, double scale);

class GradScaler {
 public:
  explicit GradScaler(const LossScale& start = {}, bool enabled = true);

  Tensor scale(const Tensor& loss) const;
  // Once per optimiser between two updates.
  void unscale(Optimizer& optimizer);
  // Steps unless a gradient was not finite; true where it stepped.
  bool step(Optimizer& optimizer);
  void update();

  LossScale state;  // for checkpoints too

 private:
  enum class Stage { scaled, unscaled, stepped };
  struct Seen {
    Stage stage = Stage::scaled;
    bool finite = true;
  };
  bool enabled_;
  std::map<const Optimizer*, Seen> seen_;  // since the last update
};

}  // namespace lydia::train
