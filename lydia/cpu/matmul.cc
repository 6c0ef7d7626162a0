// matmul: out[..., i, j] = sum over p of a[..., i, p] b[..., p, j].
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/ops/view.h"

namespace lydia::cpu {
namespace {

template <class T>
void matmul_typed(const Tensor& a, const Tensor& b, const Tensor& out) {
  using A = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;
  const int64_t m = out.size(-2), n = out.size(-1), k = a.size(-1);
  Dims batch = out.sizes();
  batch.resize(batch.size() - 2);
  const int64_t batches = numel_of(batch);
  Dims a_sizes = batch, b_sizes = batch;
  a_sizes.push_back(m), a_sizes.push_back(k), b_sizes.push_back(k), b_sizes.push_back(n);
  const Tensor x = expand(a.detach(), a_sizes), y = expand(b.detach(), b_sizes);
  T* to = static_cast<T*>(out.data_ptr());
  for (int64_t i = 0; i < batches; ++i) {
    int64_t xo = 0, yo = 0, rest = i;
    for (int d = batch.ndim() - 1; d >= 0; --d) {
      xo += rest % batch[d] * x.strides()[d];
      yo += rest % batch[d] * y.strides()[d];
      rest /= batch[d];
    }
    const T* xp = static_cast<const T*>(x.data_ptr()) + xo;
    const T* yp = static_cast<const T*>(y.data_ptr()) + yo;
    const int64_t xs0 = x.stride(-2), xs1 = x.stride(-1), ys0 = y.stride(-2), ys1 = y.stride(-1);
    for (int64_t r = 0; r < m; ++r)
      for (int64_t c = 0; c < n; ++c) {
        A sum{};
        for (int64_t p = 0; p < k; ++p)
          sum = static_cast<A>(sum + static_cast<A>(xp[r * xs0 + p * xs1]) *
                                         static_cast<A>(yp[p * ys0 + c * ys1]));
        to[(i * m + r) * n + c] = static_cast<T>(sum);
      }
  }
}

}  // namespace

void matmul(const KernelCall& call) {
  visit_dtype(call.out().dtype(), [&](auto tag) {
    matmul_typed<decltype(tag)>(call.in(0), call.in(1), call.out());
  });
}

}  // namespace lydia::cpu
