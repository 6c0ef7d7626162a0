// arange: out[i] = start + i * step; symmetric: the second half is end - (n - 1 - i) * step.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/creation.h"

namespace lydia::cpu {

void arange(const KernelCall& call) {
  const auto& a = call.attrs<RangeAttrs>();
  Tensor& out = call.out();
  const int64_t n = out.numel();
  const bool ints = !a.start.is_float() && !a.step.is_float();
  visit_dtype(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* to = static_cast<T*>(out.data_ptr());
    const auto start_int = a.start.to<uint64_t>(), step_int = a.step.to<uint64_t>();
    const double start = a.start.to<double>(), step = a.step.to<double>(),
                 stop = a.end.to<double>();
    parallel_for(0, n, kGrain, [&](int64_t begin, int64_t end) {
      if (ints && !a.symmetric) {
        for (int64_t i = begin; i < end; ++i)
          to[i] =
              Scalar(static_cast<int64_t>(start_int + static_cast<uint64_t>(i) * step_int)).to<T>();
        return;
      }
      for (int64_t i = begin; i < end; ++i) {
        const bool first_half = !a.symmetric || i < n / 2;
        const double up = start + static_cast<double>(i) * step;
        const double down = stop - static_cast<double>(n - 1 - i) * step;
        to[i] = Scalar(first_half ? up : down).to<T>();
      }
    });
  });
}

}  // namespace lydia::cpu
