// nonzero: coordinates of the true elements of a contiguous bool tensor, row-major: int64 [count,
// ndim]. Two passes over the same pieces: count, then write each piece where the counts before it
// end.
#include <vector>

#include "lydia/cpu/kernels.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kPiece = 16384;

int64_t count_true(const bool* p, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) count += p[i];
  return count;
}

void write_places(const bool* mask, int64_t begin, int64_t end, const Dims& sizes, int64_t* to) {
  const int ndim = sizes.ndim();
  for (int64_t i = begin; i < end; ++i) {
    if (!mask[i]) continue;
    int64_t rest = i;
    for (int d = ndim - 1; d > 0; --d) {
      to[d] = rest % sizes[d];
      rest /= sizes[d];
    }
    if (ndim) to[0] = rest;
    to += ndim;
  }
}

}  // namespace

void nonzero(const KernelCall& call) {
  const Tensor& mask = call.in(0);
  const bool* p = static_cast<const bool*>(mask.data_ptr());
  const int64_t n = mask.numel(), pieces = (n + kPiece - 1) / kPiece;
  std::vector<int64_t> before(static_cast<size_t>(pieces) + 1, 0);
  const auto end_of = [&](int64_t piece) { return std::min(n, (piece + 1) * kPiece); };
  parallel_for(0, pieces, 4, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      before[static_cast<size_t>(k) + 1] = count_true(p + k * kPiece, end_of(k) - k * kPiece);
  });
  for (size_t k = 0; k < static_cast<size_t>(pieces); ++k) before[k + 1] += before[k];
  call.out() = empty({before.back(), mask.ndim()}, DType::I64, mask.device());
  int64_t* to = static_cast<int64_t*>(call.out().data_ptr());
  parallel_for(0, pieces, 4, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      write_places(p, k * kPiece, end_of(k), mask.sizes(),
                   to + before[static_cast<size_t>(k)] * mask.ndim());
  });
}

}  // namespace lydia::cpu
