// fill: every element of out becomes one value.
#include <algorithm>
#include <cstring>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/copy.h"

namespace lydia::cpu {

void fill(const KernelCall& call) {
  const Tensor& out = call.out();
  if (out.numel() == 0) return;
  const Scalar value = call.attrs<FillAttrs>().value;
  visit_dtype(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T x = value.to<T>();
    const Tensor* operands[] = {&out};
    const StridedSpace space(operands);
    parallel_for(0, space.numel, kGrain, [&](int64_t begin, int64_t end) {
      StridedCursor at(space, begin);
      for (int64_t left = end - begin; left > 0;) {
        const int64_t n = std::min(left, at.run_left());
        const int64_t stride = space.inner_stride(0) / static_cast<int64_t>(sizeof(T));
        T* to = reinterpret_cast<T*>(at.pointer(0));
        if (stride == 1)
          std::fill_n(to, n, x);
        else
          for (int64_t i = 0; i < n; ++i) to[i * stride] = x;
        left -= n;
        if (left) at.advance(n);
      }
    });
  });
}

}  // namespace lydia::cpu
