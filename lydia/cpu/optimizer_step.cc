// optimizer_step: every parameter, gradient and state element is read once and written once.
#include "lydia/cpu/convert.h"
#include "lydia/cpu/float_rows.h"
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/multi_tensor.h"
#include "lydia/cpu/step_rows.h"

namespace lydia::cpu {
namespace {

template <class W>
StepRow<W> numbers(const StepNumbers& n) {
  const auto as = [](double x) { return static_cast<W>(x); };
  return {nullptr,      nullptr,     {},           as(n.sign),  as(n.l2),   as(n.keep), as(n.rate),
          as(n.decay1), as(n.gain1), as(n.decay2), as(n.gain2), as(n.root), as(n.eps)};
}

template <class W>
W* at(const Tensor& t, int64_t i) {
  return t.defined() ? t.data<W>() + i : nullptr;
}

// Half parameters and gradients go through float, a piece at a time.
void step_half(StepRule rule, StepRow<float> row, std::byte* p, const std::byte* g, DType dtype,
               int64_t n) {
  const ConvertFn widen = convert_fn(dtype, DType::F32), narrow = convert_fn(DType::F32, dtype);
  alignas(64) float wide_p[kPiece], wide_g[kPiece];
  for (int64_t done = 0; done < n; done += kPiece) {
    const int64_t count = std::min(kPiece, n - done);
    widen(p + 2 * done, wide_p, count);
    widen(g + 2 * done, wide_g, count);
    row.p = wide_p, row.g = wide_g;
    step_row(rule, row, count);
    narrow(wide_p, p + 2 * done, count);
    for (float*& s : row.s)
      if (s) s += count;
  }
}

}  // namespace

void optimizer_step(const KernelCall& call) {
  const auto& each = call.attrs<StepAttrs>().each;
  const size_t n = each.size();
  const auto step = [&](auto tag, size_t t, int64_t begin, int64_t end) {
    using W = decltype(tag);
    StepRow<W> row = numbers<W>(each[t].numbers);
    for (size_t s = 0; s < kStepSlots; ++s) row.s[s] = at<W>(call.out(n * (s + 1) + t), begin);
    const Tensor &p = call.out(t), &g = call.in(t);
    if constexpr (std::is_same_v<W, float>) {
      if (p.dtype() != DType::F32)
        return step_half(each[t].rule, row, static_cast<std::byte*>(p.data_ptr()) + 2 * begin,
                         static_cast<const std::byte*>(g.data_ptr()) + 2 * begin, p.dtype(),
                         end - begin);
    }
    row.p = at<W>(p, begin), row.g = at<W>(g, begin);
    step_row(each[t].rule, row, end - begin);
  };
  for_ranges(Pieces(call.outputs.first(n)), [&](size_t t, int64_t begin, int64_t end) {
    visit_float_row(call.out(t).dtype(), [&](auto tag) { step(tag, t, begin, end); });
  });
}

}  // namespace lydia::cpu
