// Convolution as a sum over the kernel's taps: each tap (o, c, k) joins rows of x and rows of y
// with one weight. The three maps differ only in what they do with a pair of rows:
//
//   forward      y[j] += w x[j step]      grad_input   x[j step] += w y[j]
//   grad_weight  w += sum of x[j step] y[j]
//
// Every element of the result is summed by one thread, in one order.
#include <algorithm>

#include "lydia/cpu/conv.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

struct Range {
  int64_t begin, end;
};

// The outputs i for which tap k of dimension d reads inside the input.
Range valid_outputs(const ConvShape& s, int d, int64_t k) {
  const int64_t shift = k * s.dilation[d] - s.padding[d];  // input = i * stride + shift
  const int64_t stride = s.stride[d];
  const int64_t begin = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  const int64_t end = s.in[d] - shift <= 0 ? 0 : (s.in[d] - shift - 1) / stride + 1;
  return {begin, std::min(end, s.out[d])};
}

int64_t volume(const int64_t (&sizes)[3]) { return sizes[0] * sizes[1] * sizes[2]; }

// Calls f(w element, x row, y row, length) for every tap between one plane of x and one of y.
template <class T, class F>
void for_each_tap(const ConvShape& s, T* w, T* x, T* y, F&& f) {
  for (int64_t a = 0; a < s.kernel[0]; ++a)
    for (int64_t b = 0; b < s.kernel[1]; ++b)
      for (int64_t c = 0; c < s.kernel[2]; ++c, ++w) {
        const Range r0 = valid_outputs(s, 0, a), r1 = valid_outputs(s, 1, b),
                    r2 = valid_outputs(s, 2, c);
        if (r2.begin >= r2.end) continue;
        for (int64_t i = r0.begin; i < r0.end; ++i)
          for (int64_t j = r1.begin; j < r1.end; ++j) {
            const int64_t xi = i * s.stride[0] - s.padding[0] + a * s.dilation[0];
            const int64_t xj = j * s.stride[1] - s.padding[1] + b * s.dilation[1];
            const int64_t xk = r2.begin * s.stride[2] - s.padding[2] + c * s.dilation[2];
            f(*w, x + (xi * s.in[1] + xj) * s.in[2] + xk,
              y + (i * s.out[1] + j) * s.out[2] + r2.begin, r2.end - r2.begin);
          }
      }
}

template <class T>
struct Direct {
  const ConvShape& s;
  T *x, *w, *y;
  const T* bias;
  int64_t step = s.stride[2];

  T* x_plane(int64_t n, int64_t g, int64_t c) const {
    return x + ((n * s.groups + g) * s.in_channels + c) * volume(s.in);
  }
  T* y_plane(int64_t n, int64_t g, int64_t o) const {
    return y + ((n * s.groups + g) * s.out_channels + o) * volume(s.out);
  }
  T* w_taps(int64_t g, int64_t o, int64_t c) const {
    return w + ((g * s.out_channels + o) * s.in_channels + c) * volume(s.kernel);
  }

  void forward(int64_t n, int64_t g, int64_t o) const {
    T* to = y_plane(n, g, o);
    std::fill_n(to, volume(s.out), bias ? bias[g * s.out_channels + o] : T{});
    for (int64_t c = 0; c < s.in_channels; ++c)
      for_each_tap(s, w_taps(g, o, c), x_plane(n, g, c), to, [&](T v, T* xs, T* ys, int64_t count) {
        for (int64_t i = 0; i < count; ++i) ys[i] = static_cast<T>(ys[i] + v * xs[i * step]);
      });
  }

  void grad_input(int64_t n, int64_t g, int64_t c) const {
    T* to = x_plane(n, g, c);
    std::fill_n(to, volume(s.in), T{});
    for (int64_t o = 0; o < s.out_channels; ++o)
      for_each_tap(s, w_taps(g, o, c), to, y_plane(n, g, o), [&](T v, T* xs, T* ys, int64_t count) {
        for (int64_t i = 0; i < count; ++i) xs[i * step] = static_cast<T>(xs[i * step] + v * ys[i]);
      });
  }

  void grad_weight(int64_t g, int64_t o, int64_t c) const {
    T* to = w_taps(g, o, c);
    std::fill_n(to, volume(s.kernel), T{});
    for (int64_t n = 0; n < s.batch; ++n)
      for_each_tap(s, to, x_plane(n, g, c), y_plane(n, g, o),
                   [&](T& v, T* xs, T* ys, int64_t count) {
                     T sum{};
                     for (int64_t i = 0; i < count; ++i)
                       sum = static_cast<T>(sum + xs[i * step] * ys[i]);
                     v = static_cast<T>(v + sum);
                   });
  }
};

// f(i, j, k) over [0, a) x [0, b) x [0, c), cut among the threads.
template <class F>
void parallel_for_each(int64_t a, int64_t b, int64_t c, F&& f) {
  parallel_for(0, a * b * c, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i / c / b, i / c % b, i % c);
  });
}

template <class T>
void conv_typed(ConvMap map, const ConvShape& s, const ConvTensors& t) {
  const auto address = [](const Tensor& v) {
    return v.defined() ? static_cast<T*>(v.data_ptr()) : nullptr;
  };
  const Direct<T> direct{s, address(t.x), address(t.w), address(t.y), address(t.bias)};
  const auto each = [&](int64_t i, int64_t j, int64_t k) {
    if (map == ConvMap::Forward) direct.forward(i, j, k);
    if (map == ConvMap::GradInput) direct.grad_input(i, j, k);
    if (map == ConvMap::GradWeight) direct.grad_weight(i, j, k);
  };
  if (map == ConvMap::Forward) parallel_for_each(s.batch, s.groups, s.out_channels, each);
  if (map == ConvMap::GradInput) parallel_for_each(s.batch, s.groups, s.in_channels, each);
  if (map == ConvMap::GradWeight) parallel_for_each(s.groups, s.out_channels, s.in_channels, each);
}

}  // namespace

void conv_direct(ConvMap map, const ConvShape& shape, const ConvTensors& t) {
  visit_dtype(t.x.dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) conv_typed<T>(map, shape, t);
  });
}

}  // namespace lydia::cpu
