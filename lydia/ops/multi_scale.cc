#include "lydia/ops/multi_scale.h"

#include "lydia/ops/multi_tensor.h"

namespace lydia {

bool multi_scale(const Tensors& tensors, double factor) {
  const OutsideAutograd outside;
  Rewritten written(tensors.size() + 1);
  for (size_t i = 0; i < tensors.size(); ++i) {
    check_rewritten("multi_scale", tensors[i], "tensors");
    written.set(i, tensors[i]);
  }
  const Tensor finite = empty({}, DType::F32);
  written.set(tensors.size(), finite);
  const MultiScaleAttrs attrs{factor};
  written.run(Op::multi_scale, tensors, attrs);
  return finite.item<float>() != 0;
}

}  // namespace lydia
