// index: out[pre..., i..., post...] = x[pre..., idx_0[i...], ..., idx_m[i...], post...].
#include "lydia/ops/index.h"

#include "lydia/cpu/index_movers.h"
#include "lydia/cpu/kernels.h"

namespace lydia::cpu {

void index(const KernelCall& call) {
  const auto& attrs = call.attrs<IndexAttrs>();
  const Tensor& x = call.in(0);
  const IndexWalk walk("index", x, call.out(), attrs.first, call.inputs.subspan(1), attrs.named);
  if (call.out().numel() == 0) return walk.check_all();
  walk.gather(copy_mover(x.element_size()));
}

}  // namespace lydia::cpu
