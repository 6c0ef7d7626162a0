// argmax, argmin, max, min along one dimension: the first extreme element wins, NaN above all.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/row_reduce.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/reduce.h"

namespace lydia::cpu {
namespace {

template <class T>
using Ordered =
    std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

template <class T, bool kMax>
int64_t find_extreme(const T* x, int64_t stride, int64_t n) {
  int64_t best = 0;
  if (stride == 1) {
    reduce_fn(kMax ? ReduceOp::argmax : ReduceOp::argmin, dtype_of<T>())(x, n, &best);
    return best;
  }
  Ordered<T> top = static_cast<Ordered<T>>(x[0]);
  for (int64_t i = 1; i < n && top == top; ++i) {
    const Ordered<T> v = static_cast<Ordered<T>>(x[i * stride]);
    if (kMax ? !(v <= top) : !(v >= top)) {
      top = v;
      best = i;
    }
  }
  return best;
}

// `values` may be nullptr.
template <class T, bool kMax>
void extremes(const Tensor& in, int64_t dim, int64_t* indices, T* values) {
  Dims sizes = in.sizes(), strides = in.strides();
  const int64_t n = sizes[dim], stride = strides[dim];
  sizes.erase(static_cast<size_t>(dim));
  strides.erase(static_cast<size_t>(dim));
  const Tensor kept = Tensor::over(in.storage(), in.dtype(), sizes, strides, in.storage_offset());
  const Tensor* operand[] = {&kept};
  const StridedSpace space(operand);
  parallel_for(0, space.numel, std::max<int64_t>(1, kGrain / std::max<int64_t>(n, 1)),
               [&](int64_t begin, int64_t end) {
                 StridedCursor at(space, begin);
                 for (int64_t i = begin; i < end; ++i) {
                   const T* x = reinterpret_cast<const T*>(at.pointer(0));
                   indices[i] = find_extreme<T, kMax>(x, stride, n);
                   if (values) values[i] = x[indices[i] * stride];
                   if (i + 1 < end) at.advance(1);
                 }
               });
}

template <bool kMax>
void arg_kernel(const KernelCall& call, bool with_values) {
  if (call.out().numel() == 0) return;
  const int64_t dim = call.attrs<ReduceAttrs>().dims[0];
  visit_dtype(call.in(0).dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* values = with_values ? static_cast<T*>(call.out(0).data_ptr()) : nullptr;
    extremes<T, kMax>(call.in(0), dim, call.out(with_values ? 1 : 0).template data<int64_t>(),
                      values);
  });
}

}  // namespace

void argmax(const KernelCall& call) { arg_kernel<true>(call, false); }
void argmin(const KernelCall& call) { arg_kernel<false>(call, false); }
void max(const KernelCall& call) { arg_kernel<true>(call, true); }
void min(const KernelCall& call) { arg_kernel<false>(call, true); }

}  // namespace lydia::cpu
