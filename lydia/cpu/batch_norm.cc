// batch_norm and its gradient over x [N, C, S]: one thread does a whole channel.
#include "lydia/ops/batch_norm.h"

#include <cmath>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/norm_rows.h"
#include "lydia/cpu/plain.h"

namespace lydia::cpu {
namespace {

template <class T>
const T* values(const Tensor& t) {
  return static_cast<const T*>(t.data_ptr());
}

// f(channel) for every channel.
template <class F>
void for_each_channel(const Tensor& x, F&& f) {
  const int64_t channels = x.sizes()[1];
  const int64_t work = std::max<int64_t>(1, x.sizes()[0] * x.sizes()[2]);
  parallel_for(0, channels, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) f(c);
  });
}

// Sum of term(offset) over all elements of channel c.
template <class T, class Term>
double channel_total(const Tensor& x, int64_t c, Term term) {
  const int64_t n = x.sizes()[0], channels = x.sizes()[1], area = x.sizes()[2];
  double total = 0;
  for (int64_t b = 0; b < n; ++b) {
    const int64_t start = (b * channels + c) * area;
    total += static_cast<double>(row_total<T>(area, [&](int64_t i) { return term(start + i); }));
  }
  return total;
}

template <class T, class F>
void for_each_element(const Tensor& x, int64_t c, F&& f) {
  const int64_t n = x.sizes()[0], channels = x.sizes()[1], area = x.sizes()[2];
  for (int64_t b = 0; b < n; ++b) {
    const int64_t start = (b * channels + c) * area;
    for (int64_t i = start; i < start + area; ++i) f(i);
  }
}

template <class T>
void forward(const KernelCall& call) {
  const Tensor x = plain(call.in(0));
  const Tensor weight = plain(call.in(1)), bias = plain(call.in(2));
  const T* from = values<T>(x);
  T* to = static_cast<T*>(call.out(0).data_ptr());
  T* means = static_cast<T*>(call.out(1).data_ptr());
  T* vars = static_cast<T*>(call.out(2).data_ptr());
  const double count = static_cast<double>(x.sizes()[0] * x.sizes()[2]);
  for_each_channel(x, [&](int64_t c) {
    const T mean =
        static_cast<T>(channel_total<T>(x, c, [&](int64_t i) { return from[i]; }) / count);
    const double var = channel_total<T>(x, c,
                                        [&](int64_t i) {
                                          const T d = from[i] - mean;
                                          return d * d;
                                        }) /
                       count;
    means[c] = mean;
    vars[c] = static_cast<T>(var);
    const T w = weight.defined() ? values<T>(weight)[c] : T{1},
            b = bias.defined() ? values<T>(bias)[c] : T{};
    const T scale = static_cast<T>(1 / std::sqrt(var + call.attrs<BatchNormAttrs>().eps)) * w;
    for_each_element<T>(x, c, [&](int64_t i) { to[i] = (from[i] - mean) * scale + b; });
  });
}

template <class T>
void backward(const KernelCall& call) {
  const Tensor g = plain(call.in(0)), x = plain(call.in(1));
  const Tensor weight = plain(call.in(2));
  const T *up = values<T>(g), *from = values<T>(x);
  T* to = static_cast<T*>(call.out(0).data_ptr());
  T* dw = static_cast<T*>(call.out(1).data_ptr());
  T* db = static_cast<T*>(call.out(2).data_ptr());
  const double count = static_cast<double>(x.sizes()[0] * x.sizes()[2]);
  for_each_channel(x, [&](int64_t c) {
    const T mean = values<T>(call.in(3))[c];
    const double r = 1 / std::sqrt(static_cast<double>(values<T>(call.in(4))[c]) +
                                   call.attrs<BatchNormAttrs>().eps);
    const double sum_g = channel_total<T>(x, c, [&](int64_t i) { return up[i]; });
    const double sum_gx =
        channel_total<T>(x, c, [&](int64_t i) { return up[i] * (from[i] - mean); });
    dw[c] = static_cast<T>(sum_gx * r);
    db[c] = static_cast<T>(sum_g);
    const T scale =
        static_cast<T>(r * (weight.defined() ? static_cast<double>(values<T>(weight)[c]) : 1));
    const T shift = static_cast<T>(sum_g / count), slope = static_cast<T>(sum_gx * r * r / count);
    for_each_element<T>(
        x, c, [&](int64_t i) { to[i] = scale * (up[i] - shift - (from[i] - mean) * slope); });
  });
}

}  // namespace

void batch_norm(const KernelCall& call) {
  if (call.in(0).dtype() == DType::F64)
    forward<double>(call);
  else
    forward<float>(call);
}

void batch_norm_grad(const KernelCall& call) {
  if (call.in(1).dtype() == DType::F64)
    backward<double>(call);
  else
    backward<float>(call);
}

}  // namespace lydia::cpu
