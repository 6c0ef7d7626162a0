// as_strided_scatter: out = base (or zeros), then the window of out = src, or += src.
// The window may overlap itself when accumulating, so that part runs on one thread.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/view.h"

namespace lydia::cpu {
namespace {

template <class T>
void add_window(const Tensor& window, const Tensor& src) {
  const Tensor* operands[] = {&window, &src};
  const StridedSpace space(operands);
  StridedCursor at(space, 0);
  for (int64_t left = space.numel; left > 0;) {
    const int64_t n = std::min(left, at.run_left());
    std::byte* to = at.pointer(0);
    const std::byte* from = at.pointer(1);
    for (int64_t i = 0; i < n; ++i) {
      T& sum = *reinterpret_cast<T*>(to + i * space.inner_stride(0));
      sum = static_cast<T>(sum + *reinterpret_cast<const T*>(from + i * space.inner_stride(1)));
    }
    left -= n;
    if (left) at.advance(n);
  }
}

}  // namespace

void as_strided_scatter(const KernelCall& call) {
  const auto& a = call.attrs<AsStridedScatterAttrs>();
  Tensor& out = call.out();
  if (call.has(0)) {
    raw_copy(out, call.in(0));
  } else {
    const FillAttrs zero{0};
    Tensor* outs[] = {&out};
    fill({Op::fill, {}, outs, &zero});
  }
  const Tensor window =
      Tensor::over(out.storage(), out.dtype(), a.view_sizes, a.view_strides, a.offset);
  const Tensor& src = call.in(1);
  if (src.numel() == 0) return;
  if (!a.accumulate) return raw_copy(window, src);
  visit_dtype(out.dtype(), [&](auto tag) { add_window<decltype(tag)>(window, src); });
}

}  // namespace lydia::cpu
