// searchsorted: binary search of each value in its row. bincount, histc: counts, in one pass on one
// thread, so that sums of weights run in a fixed order.
#include "lydia/ops/search.h"

#include <algorithm>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/copy.h"

namespace lydia::cpu {
namespace {

// a < b with NaN above everything.
template <class T>
bool before(T a, T b) {
  return a < b || (b != b && a == a);
}

}  // namespace

void searchsorted(const KernelCall& call) {
  const Tensor &sorted = call.in(0), &values = call.in(1);
  const bool right = call.attrs<SearchAttrs>().right, one_row = sorted.ndim() == 1;
  const int64_t n = sorted.sizes().back(), width = one_row ? 1 : values.sizes().back();
  int64_t* to = static_cast<int64_t*>(call.out().data_ptr());
  visit_dtype(values.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* rows = static_cast<const T*>(sorted.data_ptr());
    const T* v = static_cast<const T*>(values.data_ptr());
    parallel_for(0, values.numel(), kGrain / 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* row = rows + (one_row ? 0 : i / width * n);
        const T* found = right ? std::upper_bound(row, row + n, v[i], before<T>)
                               : std::lower_bound(row, row + n, v[i], before<T>);
        to[i] = found - row;
      }
    });
  });
}

void bincount(const KernelCall& call) {
  const Tensor& x = call.in(0);
  const auto* v = static_cast<const int64_t*>(x.data_ptr());
  const int64_t n = x.numel();
  int64_t length = call.attrs<SearchAttrs>().bins;
  for (int64_t i = 0; i < n; ++i) {
    LYDIA_CHECK(v[i] >= 0 && v[i] < INT64_MAX, ValueError, "bincount: expected values >= 0, got ",
                v[i]);
    length = std::max(length, v[i] + 1);
  }
  const bool weighted = call.has(1);
  Tensor& out = call.out() =
      zeros({length}, weighted ? call.in(1).dtype() : DType::I64, x.device());
  visit_dtype(out.dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* to = static_cast<T*>(out.data_ptr());
    const T* w = weighted ? static_cast<const T*>(call.in(1).data_ptr()) : nullptr;
    for (int64_t i = 0; i < n; ++i) to[v[i]] = static_cast<T>(to[v[i]] + (w ? w[i] : T{1}));
  });
}

void histc(const KernelCall& call) {
  const auto& a = call.attrs<SearchAttrs>();
  const Tensor& x = call.in(0);
  const auto* v = static_cast<const double*>(x.data_ptr());
  auto* to = static_cast<int64_t*>(call.out().data_ptr());
  for (int64_t i = 0; i < x.numel(); ++i) {
    if (!(v[i] >= a.low && v[i] <= a.high)) continue;
    const double place = (v[i] - a.low) / (a.high - a.low) * static_cast<double>(a.bins);
    ++to[std::min(static_cast<int64_t>(place), a.bins - 1)];
  }
}

}  // namespace lydia::cpu
