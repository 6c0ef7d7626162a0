// embedding and its gradient. The gradient is cut among threads by columns: each of them walks over
// all indices in order, so that sums do not depend on their number.
#include "lydia/ops/embedding.h"

#include <cstring>
#include <type_traits>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/plain.h"

namespace lydia::cpu {
namespace {

void check_indices(const int64_t* index, int64_t count, int64_t rows) {
  for (int64_t i = 0; i < count; ++i)
    LYDIA_CHECK(index[i] >= 0 && index[i] < rows, IndexError, "embedding: expected indices in [0, ",
                rows, "), got ", index[i]);
}

template <class T>
void add_rows(const T* g, const int64_t* index, int64_t count, int64_t width,
              const EmbeddingAttrs& a, T* out) {
  using W = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;
  parallel_for(0, width, std::max<int64_t>(16, kGrain / (count + a.rows)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = 0; r < a.rows; ++r)
                   std::fill(out + r * width + begin, out + r * width + end, T{});
                 for (int64_t i = 0; i < count; ++i) {
                   if (index[i] == a.padding) continue;
                   T* to = out + index[i] * width;
                   const T* from = g + i * width;
                   for (int64_t j = begin; j < end; ++j)
                     to[j] = static_cast<T>(static_cast<W>(to[j]) + static_cast<W>(from[j]));
                 }
               });
}

}  // namespace

void embedding(const KernelCall& call) {
  const auto& a = call.attrs<EmbeddingAttrs>();
  const Tensor weight = plain(call.in(0)), indices = plain(call.in(1));
  const auto* index = static_cast<const int64_t*>(indices.data_ptr());
  check_indices(index, indices.numel(), a.rows);
  const int64_t bytes = weight.sizes()[1] * static_cast<int64_t>(weight.element_size());
  if (bytes == 0) return;
  const auto* from = static_cast<const std::byte*>(weight.data_ptr());
  auto* to = static_cast<std::byte*>(call.out().data_ptr());
  parallel_for(
      0, indices.numel(), std::max<int64_t>(1, kGrain / bytes), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const bool zeros = a.skip_padding && index[i] == a.padding;
          if (zeros)
            std::memset(to + i * bytes, 0, static_cast<size_t>(bytes));
          else
            std::memcpy(to + i * bytes, from + index[i] * bytes, static_cast<size_t>(bytes));
        }
      });
}

void embedding_grad(const KernelCall& call) {
  const auto& a = call.attrs<EmbeddingAttrs>();
  const Tensor g = plain(call.in(0)), indices = plain(call.in(1));
  const auto* index = static_cast<const int64_t*>(indices.data_ptr());
  check_indices(index, indices.numel(), a.rows);
  visit_dtype(g.dtype(), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (is_floating(dtype_of<T>()))
      add_rows(static_cast<const T*>(g.data_ptr()), index, indices.numel(), g.size(-1), a,
               static_cast<T*>(call.out().data_ptr()));
  });
}

}  // namespace lydia::cpu
