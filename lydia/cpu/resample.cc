// resample: rows of the result are weighted sums of rows of x along one dimension.
#include "lydia/ops/resample.h"

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/plain.h"

namespace lydia::cpu {
namespace {

// to[j] = sum over the taps of output i of weight * x[index * inner + j].
template <class T>
void weighted_row(const SampleMap& map, const T* weights, int64_t i, const T* x, int64_t inner,
                  T* to) {
  const int64_t begin = map.begin[static_cast<size_t>(i)],
                end = map.begin[static_cast<size_t>(i) + 1];
  const int64_t* index = map.index.data();
  if (inner == 1) {
    T sum{};
    for (int64_t t = begin; t < end; ++t) sum += weights[t] * x[index[t]];
    *to = sum;
    return;
  }
  if (begin == end) std::fill_n(to, inner, T{});
  for (int64_t t = begin; t < end; ++t) {
    const T w = weights[t];
    const T* from = x + index[t] * inner;
    if (t == begin)
      for (int64_t j = 0; j < inner; ++j) to[j] = w * from[j];
    else
      for (int64_t j = 0; j < inner; ++j) to[j] += w * from[j];
  }
}

template <class T>
void resample_typed(const Tensor& x, const Tensor& out, const ResampleAttrs& attrs) {
  const SampleMap& map = *attrs.map;
  const std::vector<T> weights(map.weight.begin(), map.weight.end());
  int64_t inner = 1;
  for (int d = static_cast<int>(attrs.dim) + 1; d < x.ndim(); ++d) inner *= x.sizes()[d];
  const T* from = static_cast<const T*>(x.data_ptr());
  T* to = static_cast<T*>(out.data_ptr());
  const int64_t rows = out.numel() / inner;
  const int64_t taps = static_cast<int64_t>(map.index.size()) / map.out() + 1;
  parallel_for(0, rows, std::max<int64_t>(1, kGrain / (taps * inner)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r)
                   weighted_row(map, weights.data(), r % map.out(),
                                from + r / map.out() * map.in * inner, inner, to + r * inner);
               });
}

}  // namespace

void resample(const KernelCall& call) {
  if (call.out().numel() == 0) return;
  const Tensor x = plain(call.in(0));
  if (x.dtype() == DType::F64)
    resample_typed<double>(x, call.out(), call.attrs<ResampleAttrs>());
  else
    resample_typed<float>(x, call.out(), call.attrs<ResampleAttrs>());
}

}  // namespace lydia::cpu
