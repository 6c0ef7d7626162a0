// gather: out[.., j, ..] = x[.., index[.., j, ..], ..] along one dimension.
#include "lydia/ops/gather.h"

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/line_walk.h"

namespace lydia::cpu {
namespace {

template <class T>
void gather_typed(const LineWalk& w) {
  const auto take = [](const T& from, T& to) { to = from; };
  if (w.lines.numel == 1)
    return parallel_for(0, w.count, kGrain / 4, [&](int64_t begin, int64_t end) {
      walk_lines<T>(w, 0, 1, begin, end, take);
    });
  parallel_for(0, w.lines.numel, line_grain(w),
               [&](int64_t begin, int64_t end) { walk_lines<T>(w, begin, end, 0, w.count, take); });
}

}  // namespace

void gather(const KernelCall& call) {
  const Tensor& x = call.in(0);
  if (call.out().numel() == 0) return;
  const LineWalk w("gather", x, call.in(1), call.out(), call.attrs<ScatterAttrs>().dim);
  switch (x.element_size()) {
    case 1: return gather_typed<uint8_t>(w);
    case 2: return gather_typed<uint16_t>(w);
    case 4: return gather_typed<uint32_t>(w);
    default: return gather_typed<uint64_t>(w);
  }
}

}  // namespace lydia::cpu
