#include "lydia/cpu/gemm_packed.h"

#include <algorithm>

#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/gemm_plan.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

// B's columns lie along the vector registers, A's rows are broadcast.
template <class T>
GemmBlock<T, T> block_of(int64_t k, int64_t lanes) {
  return {0, lanes, k, nullptr, k, 1, nullptr, 0, 0, nullptr, 0, 1, T(0), nullptr, nullptr};
}

}  // namespace

template <class T>
PackedProduct<T>::PackedProduct(int64_t k, int64_t n, const StridedMatrix<const T>& b)
    : k_(k), n_(n) {
  choose_isa();
  const int64_t threads = parallel_parts(std::numeric_limits<int64_t>::max(), 1);
  const int64_t step = even_step(n, (n + threads - 1) / threads, kLaneStep<T>);
  int64_t elements = 0;
  for (int64_t lane = 0; lane < n; lane += step) {
    const int64_t lanes = std::min(step, n - lane);
    pieces_.push_back({lane, lanes, elements});
    elements += round_up(gemm_packed_elements(block_of<T>(k, lanes)), kLaneStep<T>);
  }
  packed_ = empty({elements}, dtype_of<T>());
  parallel_for(0, std::ssize(pieces_), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Piece& piece = pieces_[static_cast<size_t>(i)];
      GemmBlock<T, T> block = block_of<T>(k, piece.lanes);
      block.v = b.data + piece.lane * b.col;
      block.v_row = b.col;
      block.v_k = b.row;
      gemm_pack(block, packed_.data<T>() + piece.offset);
    }
  });
}

template <class T>
void PackedProduct<T>::operator()(int64_t m, const T* a, T* c, T beta, const T* bias) const {
  if (m == 0) return;
  const auto pieces = std::ssize(pieces_);
  GemmBlock<T, T> whole = block_of<T>(k_, n_);
  whole.ns = m;
  const bool small = tiles_cycles(whole) < kSerialCycles;
  parallel_for(0, pieces, small ? pieces : 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Piece& piece = pieces_[static_cast<size_t>(i)];
      GemmBlock<T, T> block = block_of<T>(k_, piece.lanes);
      block.ns = m;
      block.s = a;
      block.c = c + piece.lane;
      block.c_s = n_;
      block.beta = beta;
      block.bias_v = bias ? bias + piece.lane : nullptr;
      gemm_tiles_packed(block, packed_.data<T>() + piece.offset);
    }
  });
}

template class PackedProduct<float>;
template class PackedProduct<double>;

}  // namespace lydia::cpu
