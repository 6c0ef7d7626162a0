// rms_norm and its fused gradient over contiguous rows [n, width].
#include "lydia/ops/rms_norm.h"

#include <algorithm>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/norm_rows.h"
#include "lydia/cpu/row_reduce.h"

namespace lydia::cpu {
namespace {

template <class W>
void forward(const KernelCall& call, const RmsNormAttrs& a) {
  const int64_t n = call.in(0).size(0), width = a.width;
  W* rstds = call.out(1).data<W>();
  parallel_for(0, n, std::max<int64_t>(1, kGrain / 2 / width), [&](int64_t begin, int64_t end) {
    RowReader<W> x(call.in(0), width), w(call.in(1), width);
    RowWriter<W> y(call.out(), width);
    const W* weight = w.row(0);
    for (int64_t i = begin; i < end; ++i) {
      rms_norm_row(x.row(i), weight, static_cast<W>(a.eps), y.row(i), &rstds[i], width);
      y.store(i);
    }
  });
}

template <class W>
void backward(const KernelCall& call, const RmsNormAttrs& a) {
  const int64_t n = call.in(1).size(0), width = a.width;
  const W* rstds = call.in(3).data<W>();
  ParameterSums<W> sums(n, width, call.out(1).defined(), false);
  sums.for_blocks([&](int64_t begin, int64_t end, W* dw, W*) {
    RowReader<W> g(call.in(0), width), x(call.in(1), width), w(call.in(2), width);
    RowWriter<W> dx(call.out(0), width);
    const W* weight = w.row(0);
    for (int64_t i = begin; i < end; ++i) {
      rms_norm_grad_row(g.row(i), x.row(i), weight, rstds[i], dx.row(i), dw, width);
      dx.store(i);
    }
  });
  sums.write(call.out(1), {});
}

}  // namespace

void rms_norm(const KernelCall& call) {
  const auto& a = call.attrs<RmsNormAttrs>();
  if (call.out().numel() == 0) return;
  visit_float_row(call.in(0).dtype(), [&](auto tag) { forward<decltype(tag)>(call, a); });
}

void rms_norm_grad(const KernelCall& call) {
  const auto& a = call.attrs<RmsNormAttrs>();
  visit_float_row(call.in(1).dtype(), [&](auto tag) { backward<decltype(tag)>(call, a); });
}

}  // namespace lydia::cpu
