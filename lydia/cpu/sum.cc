// sum over dims: out[kept...] = sum of in over the reduced dimensions.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::cpu {
namespace {

template <class T>
using Accumulator = std::conditional_t<
    std::is_same_v<T, double>, double,
    std::conditional_t<is_floating(dtype_of<T>()), float, int64_t>>;

// Pairwise over a strided run, so that the error grows with log n.
template <class A, class T>
A sum_run(const std::byte* in, int64_t stride, int64_t n) {
  if (n <= 128) {
    A sum{};
    for (int64_t i = 0; i < n; ++i)
      sum += static_cast<A>(*reinterpret_cast<const T*>(in + i * stride));
    return sum;
  }
  const int64_t half = n / 2;
  return sum_run<A, T>(in, stride, half) + sum_run<A, T>(in + half * stride, stride, n - half);
}

template <class T>
void sum_typed(const Tensor& in, const Tensor& out, const ReduceAttrs& attrs) {
  using A = Accumulator<T>;
  Dims order, kept_sizes, reduced_sizes;
  for (int d = 0; d < in.ndim(); ++d)
    if (std::find(attrs.dims.begin(), attrs.dims.end(), d) == attrs.dims.end()) order.push_back(d);
  const size_t kept = order.size();
  for (int64_t d : attrs.dims) order.push_back(d);
  Dims sizes, strides;
  for (int64_t d : order) {
    sizes.push_back(in.sizes()[d]);
    strides.push_back(in.strides()[d]);
  }
  const auto part = [&](size_t begin, size_t end) {
    const std::span<const int64_t> s(sizes), st(strides);
    return Tensor::over(in.storage(), in.dtype(), Dims(s.subspan(begin, end - begin)),
                        Dims(st.subspan(begin, end - begin)), in.storage_offset());
  };
  if (in.numel() == 0) {
    visit_dtype(out.dtype(), [&](auto tag) {
      std::fill_n(static_cast<decltype(tag)*>(out.data_ptr()), out.numel(), decltype(tag){});
    });
    return;
  }
  const Tensor outer = part(0, kept), inner = part(kept, order.size());
  const Tensor* outer_operand[] = {&outer};
  const Tensor* inner_operand[] = {&inner};
  const StridedSpace outer_space(outer_operand), inner_space(inner_operand);
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, inner_space.numel));
  parallel_for(0, outer_space.numel, grain, [&](int64_t begin, int64_t end) {
    StridedCursor at(outer_space, begin);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t shift = at.pointer(0) - outer_space.data[0];
      A total{};
      StridedCursor run(inner_space, 0);
      for (int64_t left = inner_space.numel; left > 0;) {
        const int64_t n = run.run_left();
        total += sum_run<A, T>(run.pointer(0) + shift, inner_space.inner_stride(0), n);
        left -= n;
        if (left) run.advance(n);
      }
      visit_dtype(out.dtype(), [&](auto tag) {
        using R = decltype(tag);
        static_cast<R*>(out.data_ptr())[i] = static_cast<R>(total);
      });
      if (i + 1 < end) at.advance(1);
    }
  });
}

}  // namespace

void sum(const KernelCall& call) {
  visit_dtype(call.in(0).dtype(), [&](auto tag) {
    sum_typed<decltype(tag)>(call.in(0), call.out(), call.attrs<ReduceAttrs>());
  });
}

}  // namespace lydia::cpu
