// matmul: out[..., i, j] = sum over p of a[..., i, p] b[..., p, j]. Integers wrap.
#include "lydia/cpu/matmul.h"

#include "lydia/cpu/kernels.h"

namespace lydia::cpu {
namespace {

// The leading dimensions of a, b and out as few as their strides allow; strides in elements, 0
// where an operand is broadcast. Never empty: a single product is one batch of one.
struct Batch {
  Dims sizes, a, b, out;

  void add(int64_t size, int64_t a_stride, int64_t b_stride, int64_t out_stride) {
    if (size == 1 && !sizes.empty()) return;
    // One step of the dimension before is `size` steps of this one.
    if (!sizes.empty() &&
        (sizes.back() == 1 || (a.back() == a_stride * size && b.back() == b_stride * size))) {
      sizes.back() *= size;
      a.back() = a_stride, b.back() = b_stride, out.back() = out_stride;
    } else {
      sizes.push_back(size);
      a.push_back(a_stride), b.push_back(b_stride), out.push_back(out_stride);
    }
  }
};

int64_t batch_stride(const Tensor& x, int dim_from_end) {
  const int dim = x.ndim() - dim_from_end;
  return dim < 0 || x.sizes()[dim] == 1 ? 0 : x.strides()[dim];
}

Batch batch_of(const Tensor& a, const Tensor& b, const Tensor& out) {
  Batch batch;
  batch.add(1, 0, 0, 0);
  for (int from_end = out.ndim(); from_end > 2; --from_end) {
    batch.add(out.sizes()[out.ndim() - from_end], batch_stride(a, from_end),
              batch_stride(b, from_end), out.strides()[out.ndim() - from_end]);
  }
  return batch;
}

template <class T>
void integer_product(const Gemm<T, T>& g, T* out) {
  const int64_t rows = g.batch * g.m, row_cost = std::max<int64_t>(1, g.n * g.k);
  parallel_for(0, rows, std::max<int64_t>(1, kGrain / row_cost), [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const T* a = g.a.data + row / g.m * g.a.batch + row % g.m * g.a.row;
      const T* b = g.b.data + row / g.m * g.b.batch;
      T* to = out + row * g.n;
      std::fill_n(to, g.n, T{});
      for (int64_t p = 0; p < g.k; ++p) {
        const uint64_t scale = static_cast<uint64_t>(a[p * g.a.col]);
        for (int64_t j = 0; j < g.n; ++j) {
          const uint64_t term = scale * static_cast<uint64_t>(b[p * g.b.row + j * g.b.col]);
          to[j] = static_cast<T>(static_cast<uint64_t>(to[j]) + term);
        }
      }
    }
  });
}

template <class T>
void typed_matmul(const Tensor& a, const Tensor& b, const Tensor& out) {
  if (out.numel() == 0) return;
  const Batch batch = batch_of(a, b, out);
  const size_t inner = batch.sizes.size() - 1;
  Gemm<T, SumOf<T>> g{out.size(-2),
                      out.size(-1),
                      a.size(-1),
                      {nullptr, a.stride(-2), a.stride(-1), batch.a[inner]},
                      {nullptr, b.stride(-2), b.stride(-1), batch.b[inner]},
                      {}};
  g.batch = batch.sizes[inner];
  const int64_t calls = numel_of(batch.sizes) / g.batch;
  for (int64_t call = 0; call < calls; ++call) {
    g.a.data = static_cast<const T*>(a.data_ptr());
    g.b.data = static_cast<const T*>(b.data_ptr());
    T* to = static_cast<T*>(out.data_ptr());
    int64_t rest = call;
    for (size_t d = inner; d-- > 0; rest /= batch.sizes[d]) {
      const int64_t index = rest % batch.sizes[d];
      g.a.data += index * batch.a[d];
      g.b.data += index * batch.b[d];
      to += index * batch.out[d];
    }
    if constexpr (is_floating(dtype_of<T>())) {
      float_product<T>(g, to);
    } else {
      integer_product<T>(g, to);
    }
  }
}

}  // namespace

void matmul(const KernelCall& call) {
  visit_dtype(call.out().dtype(),
              [&](auto tag) { typed_matmul<decltype(tag)>(call.in(0), call.in(1), call.out()); });
}

}  // namespace lydia::cpu
