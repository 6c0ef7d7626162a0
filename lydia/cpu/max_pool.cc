// max_pool and the two maps of its gradient, plane by plane.
#include <limits>
#include <type_traits>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/plain.h"
#include "lydia/ops/pool.h"

namespace lydia::cpu {
namespace {

// What values are compared and added in.
template <class T>
using Wide = std::conditional_t<is_floating(dtype_of<T>()) && !std::is_same_v<T, double>, float, T>;

template <class F>
void visit_floating(DType dtype, F&& f) {
  visit_dtype(dtype, [&](auto tag) {
    if constexpr (is_floating(dtype_of<decltype(tag)>())) f(tag);
  });
}

template <class T>
void pool_plane(const MaxPoolAttrs& attrs, const T* x, T* values, int64_t* indices) {
  const auto& [a, b, c] = attrs.axes;
  for (const PoolWindow& wa : a.windows)
    for (const PoolWindow& wb : b.windows)
      for (const PoolWindow& wc : c.windows) {
        using L = std::numeric_limits<Wide<T>>;
        Wide<T> best = L::has_infinity ? -L::infinity() : L::lowest();
        int64_t at = (wa.begin * b.in + wb.begin) * c.in + wc.begin;
        for (int64_t i = wa.begin; i < wa.end; i += a.step)
          for (int64_t j = wb.begin; j < wb.end; j += b.step)
            for (int64_t k = wc.begin; k < wc.end; k += c.step) {
              const int64_t here = (i * b.in + j) * c.in + k;
              const auto v = static_cast<Wide<T>>(x[here]);
              if (v > best || v != v) best = v, at = here;
            }
        *values++ = static_cast<T>(best);
        *indices++ = at;
      }
}

// The number of elements in one plane.
int64_t plane_size(const Tensor& t, int spatial) {
  int64_t size = 1;
  for (int d = 1; d <= spatial; ++d) size *= t.size(-d);
  return size;
}

template <class F>
void for_each_plane(int64_t planes, int64_t work, F&& f) {
  parallel_for(0, planes, std::max<int64_t>(1, kGrain / 8 / std::max<int64_t>(1, work)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t p = begin; p < end; ++p) f(p);
               });
}

}  // namespace

void max_pool(const KernelCall& call) {
  const auto& attrs = call.attrs<MaxPoolAttrs>();
  const Tensor x = plain(call.in(0));
  if (call.out().numel() == 0) return;
  const int64_t in = plane_size(x, attrs.spatial), out = plane_size(call.out(), attrs.spatial);
  auto* indices = static_cast<int64_t*>(call.out(1).data_ptr());
  visit_dtype(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = static_cast<const T*>(x.data_ptr());
    T* values = static_cast<T*>(call.out().data_ptr());
    for_each_plane(call.out().numel() / out, in + out, [&](int64_t p) {
      pool_plane(attrs, from + p * in, values + p * out, indices + p * out);
    });
  });
}

void max_pool_pick(const KernelCall& call) {
  const int spatial = call.attrs<PlaneAttrs>().spatial;
  const Tensor x = plain(call.in(0)), places = plain(call.in(1));
  if (call.out().numel() == 0) return;
  const int64_t in = plane_size(x, spatial), out = plane_size(places, spatial);
  const auto* at = static_cast<const int64_t*>(places.data_ptr());
  visit_floating(x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = static_cast<const T*>(x.data_ptr());
    T* to = static_cast<T*>(call.out().data_ptr());
    for_each_plane(places.numel() / out, out, [&](int64_t p) {
      for (int64_t i = 0; i < out; ++i) to[p * out + i] = from[p * in + at[p * out + i]];
    });
  });
}

void max_pool_grad(const KernelCall& call) {
  const int spatial = call.attrs<PlaneAttrs>().spatial;
  const Tensor g = plain(call.in(0)), places = plain(call.in(1));
  if (call.out().numel() == 0) return;
  const int64_t in = plane_size(call.out(), spatial), out = plane_size(places, spatial);
  const auto* at = static_cast<const int64_t*>(places.data_ptr());
  visit_floating(g.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* from = static_cast<const T*>(g.data_ptr());
    T* to = static_cast<T*>(call.out().data_ptr());
    for_each_plane(call.out().numel() / in, in + out, [&](int64_t p) {
      std::fill_n(to + p * in, in, T{});
      for (int64_t i = 0; i < out; ++i) {
        T& sum = to[p * in + at[p * out + i]];
        sum = static_cast<T>(static_cast<Wide<T>>(sum) + static_cast<Wide<T>>(from[p * out + i]));
      }
    });
  });
}

}  // namespace lydia::cpu
