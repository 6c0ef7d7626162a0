// tril, triu: row by row, copy the kept part and clear the rest. Contiguous [.., rows, cols].
#include "lydia/ops/triangle.h"

#include <algorithm>
#include <cstring>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

// kept(row) gives the columns [first, last) that stay.
template <class F>
void keep(const KernelCall& call, F kept) {
  const Tensor &x = call.in(0), &out = call.out();
  const int64_t rows = x.size(-2), cols = x.size(-1);
  if (out.numel() == 0) return;
  const auto size = static_cast<int64_t>(x.element_size());
  const auto* from = static_cast<const std::byte*>(x.data_ptr());
  auto* to = static_cast<std::byte*>(out.data_ptr());
  const auto bytes = [size](int64_t n) { return static_cast<size_t>(n * size); };
  parallel_for(
      0, x.numel() / cols, std::max<int64_t>(1, kGrain / cols), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const auto [first, last] = kept(r % rows, cols);
          const int64_t at = r * cols * size;
          std::memset(to + at, 0, bytes(first));
          std::memcpy(to + at + first * size, from + at + first * size, bytes(last - first));
          std::memset(to + at + last * size, 0, bytes(cols - last));
        }
      });
}

// row + diagonal + shift, held to [0, cols].
int64_t edge(int64_t row, int64_t diagonal, int64_t shift, int64_t cols) {
  const int64_t near = std::clamp<int64_t>(diagonal, -(int64_t{1} << 60), int64_t{1} << 60);
  return std::clamp<int64_t>(row + near + shift, 0, cols);
}

}  // namespace

void tril(const KernelCall& call) {
  const int64_t diagonal = call.attrs<TriangleAttrs>().diagonal;
  keep(call, [=](int64_t row, int64_t cols) {
    return std::pair<int64_t, int64_t>(0, edge(row, diagonal, 1, cols));
  });
}

void triu(const KernelCall& call) {
  const int64_t diagonal = call.attrs<TriangleAttrs>().diagonal;
  keep(call, [=](int64_t row, int64_t cols) {
    return std::pair<int64_t, int64_t>(edge(row, diagonal, 0, cols), cols);
  });
}

}  // namespace lydia::cpu
