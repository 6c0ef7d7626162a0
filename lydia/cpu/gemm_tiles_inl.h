// The loops around the register tile: V is packed a block at a time (kDepth deep, as many lanes as
// the second level cache holds), and all of S passes by it.
#if defined(LYDIA_CPU_GEMM_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_GEMM_TILES_INL_H_
#undef LYDIA_CPU_GEMM_TILES_INL_H_
#else
#define LYDIA_CPU_GEMM_TILES_INL_H_
#endif

#include <type_traits>

#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/gemm_pack_inl.h"
#include "lydia/cpu/gemm_tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// kTileRows rows of S this deep take half of a first level cache of 48 KiB.
template <class T>
constexpr int64_t kDepth = 3072 / sizeof(T);
template <class T>
constexpr int64_t kPackedElements = (512 << 10) / sizeof(T);
// Rows of S packed at a time, where S must be packed.
constexpr int64_t kPackedRows = 64;

// All tiles of a packed V (nv lanes, k deep) with ns rows of S.
template <class Mac, class T>
HWY_INLINE void run_tiles(const T* s, int64_t s_row, int64_t ns, const T* packed, int64_t nv,
                          int64_t k, const TileOut<T>& whole) {
  for (int64_t i = 0; i < ns; i += kTileRows) {
    const int64_t rows = std::min<int64_t>(ns - i, kTileRows);
    TileIn<T> in{s + i * s_row, s_row, packed, k, s + i * s_row};
    for (int64_t lane = 0; lane < nv; lane += kPanel<T>) {
      const int64_t width = panel_width<T>(nv - lane);
      if (lane + width >= nv) in.next_s += kTileRows * s_row;
      const TileOut<T> out{whole.c + i * whole.c_s + lane * whole.c_v,
                           whole.c_s,
                           whole.c_v,
                           whole.beta,
                           whole.bias_s ? whole.bias_s + i : nullptr,
                           whole.bias_v ? whole.bias_v + lane : nullptr,
                           std::min(nv - lane, width)};
      tile_for<Mac, T>(rows, width / kLanes<T>)(in, out);
      in.v += width * k;
    }
  }
}

// One packed block of V, lanes v.. and depth p.., with all of S.
template <class Mac, class In, class T>
void pass_rows(const GemmBlock<In, T>& block, int64_t v, int64_t nv, int64_t p, int64_t k,
               const T* packed_v, T* packed_s) {
  const int64_t rows = packed_s ? kPackedRows : std::max<int64_t>(block.ns, 1);
  const bool last = p + k == block.k;
  for (int64_t s = 0; s < block.ns; s += rows) {
    const int64_t ns = std::min(rows, block.ns - s);
    const In* from = block.s + s * block.s_row + p * block.s_k;
    const TileOut<T> out{block.c + s * block.c_s + v * block.c_v,
                         block.c_s,
                         block.c_v,
                         p == 0 ? block.beta : T(1),
                         last && block.bias_s ? block.bias_s + s : nullptr,
                         last && block.bias_v ? block.bias_v + v : nullptr,
                         nv};
    if (packed_s) {
      pack_rows(from, block.s_row, block.s_k, ns, k, packed_s, k);
      run_tiles<Mac, T>(packed_s, k, ns, packed_v, nv, k, out);
    } else if constexpr (std::is_same_v<In, T>) {
      run_tiles<Mac, T>(from, block.s_row, ns, packed_v, nv, k, out);
    }
  }
}

// The blocks V is packed in: so deep, so many lanes.
struct TileCuts {
  int64_t depth, lanes;
};

template <class In, class T>
TileCuts cut_tiles(const GemmBlock<In, T>& block) {
  const int64_t depth = even_step(block.k, kDepth<T>, 1);
  const int64_t most_lanes = std::max<int64_t>(kPackedElements<T> / depth, kPanel<T>);
  return {depth, even_step(block.nv, most_lanes / kPanel<T> * kPanel<T>, kPanel<T>)};
}

// f(first lane, lanes, first k, k's) for each of the blocks.
template <class In, class T, class F>
HWY_INLINE void for_cuts(const GemmBlock<In, T>& block, const TileCuts& cuts, F f) {
  for (int64_t v = 0; v < block.nv; v += cuts.lanes) {
    const int64_t nv = std::min(cuts.lanes, block.nv - v);
    for (int64_t p = 0; p < block.k; p += cuts.depth) {
      f(v, nv, p, std::min(cuts.depth, block.k - p));
    }
  }
}

template <class Mac = MultiplyAdd, class In, class T>
void tiles(const GemmBlock<In, T>& block) {
  const bool pack_s = block.s_k != 1 || !std::is_same_v<In, T>;
  const TileCuts cuts = cut_tiles(block);
  const int64_t elements = (cuts.lanes + (pack_s ? kPackedRows : 0)) * cuts.depth;
  T* const packed_v = static_cast<T*>(gemm_scratch(elements * sizeof(T)));
  T* const packed_s = pack_s ? packed_v + cuts.lanes * cuts.depth : nullptr;
  for_cuts(block, cuts, [&](int64_t v, int64_t nv, int64_t p, int64_t k) {
    pack_panels(block.v + v * block.v_row + p * block.v_k, block.v_row, block.v_k, nv, k, packed_v);
    pass_rows<Mac>(block, v, nv, p, k, packed_v, packed_s);
  });
}

// The same in two parts, for many products with one V: its blocks lie one after another, each in
// the room of a whole one.
template <class T>
int64_t packed_elements(const GemmBlock<T, T>& block) {
  const TileCuts cuts = cut_tiles(block);
  return round_up(block.nv, cuts.lanes) * round_up(block.k, cuts.depth);
}

template <class T>
void pack_all(const GemmBlock<T, T>& block, T* to) {
  const TileCuts cuts = cut_tiles(block);
  for_cuts(block, cuts, [&](int64_t v, int64_t nv, int64_t p, int64_t k) {
    pack_panels(block.v + v * block.v_row + p * block.v_k, block.v_row, block.v_k, nv, k, to);
    to += cuts.lanes * cuts.depth;
  });
}

template <class T>
void tiles_packed(const GemmBlock<T, T>& block, const T* packed) {
  const TileCuts cuts = cut_tiles(block);
  for_cuts(block, cuts, [&](int64_t v, int64_t nv, int64_t p, int64_t k) {
    pass_rows<MultiplyAdd, T, T>(block, v, nv, p, k, packed, nullptr);
    packed += cuts.lanes * cuts.depth;
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_GEMM_TILES_INL_H_
