// index_put: out = base (or zeros), then out[pre..., idx[i...], post...] = or += values[pre...,
// i..., post...] in the order of i. The output may be the base itself, of any strides.
#include "lydia/cpu/index_movers.h"
#include "lydia/cpu/kernels.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/index.h"

namespace lydia::cpu {

void index_put(const KernelCall& call) {
  const auto& attrs = call.attrs<IndexAttrs>();
  const Tensor& out = call.out();
  const Tensor& values = call.in(1);
  if (!call.has(0)) {
    const FillAttrs zero{0};
    fill({Op::fill, {}, call.outputs, &zero});
  } else if (call.in(0).data_ptr() != out.data_ptr()) {
    raw_copy(out, call.in(0));
  }
  const IndexWalk walk("index_put", out, values, attrs.first, call.inputs.subspan(2), attrs.named);
  walk.check_all();  // before the first write
  if (values.numel() == 0) return;
  walk.scatter(attrs.accumulate ? add_mover(out.dtype()) : copy_mover(out.element_size()));
}

}  // namespace lydia::cpu
