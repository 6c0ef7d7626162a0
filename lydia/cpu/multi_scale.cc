// multi_scale: x *= factor, and whether every x was finite.
#include "lydia/ops/multi_scale.h"

#include <atomic>

#include "lydia/cpu/convert.h"
#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/multi_tensor.h"
#include "lydia/cpu/step_rows.h"

namespace lydia::cpu {
namespace {

bool scale_half(std::byte* x, DType dtype, float factor, int64_t n) {
  const ConvertFn widen = convert_fn(dtype, DType::F32), narrow = convert_fn(DType::F32, dtype);
  alignas(64) float wide[kPiece];
  bool finite = true;
  for (int64_t done = 0; done < n; done += kPiece) {
    const int64_t count = std::min(kPiece, n - done);
    widen(x + 2 * done, wide, count);
    finite &= scale_row(wide, factor, count);
    narrow(wide, x + 2 * done, count);
  }
  return finite;
}

}  // namespace

void multi_scale(const KernelCall& call) {
  const double factor = call.attrs<MultiScaleAttrs>().factor;
  const size_t n = call.outputs.size() - 1;
  std::atomic<bool> finite{true};
  for_ranges(Pieces(call.outputs.first(n)), [&](size_t t, int64_t begin, int64_t end) {
    const Tensor& x = call.out(t);
    const int64_t count = end - begin;
    bool good = true;
    if (x.element_size() == 2)
      good = scale_half(static_cast<std::byte*>(x.data_ptr()) + 2 * begin, x.dtype(),
                        static_cast<float>(factor), count);
    else
      visit_float_row(x.dtype(), [&](auto tag) {
        using W = decltype(tag);
        good = scale_row(x.data<W>() + begin, static_cast<W>(factor), count);
      });
    if (!good) finite = false;
  });
  *call.out(n).data<float>() = finite;
}

}  // namespace lydia::cpu
