// The forms for few rows, where packing V would cost more than it saves: V is read in place, once.
#if defined(LYDIA_CPU_GEMM_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_GEMM_ROWS_INL_H_
#undef LYDIA_CPU_GEMM_ROWS_INL_H_
#else
#define LYDIA_CPU_GEMM_ROWS_INL_H_
#endif

#include <type_traits>

#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/gemm_pack_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// A dot tile is kDotTile rows of S or fewer with kDotTile rows of V.
constexpr int kDotTile = 4;
constexpr int64_t kDotDepth = 4096;
// axpy adds up so many k's at a time, and works on a part of C with so many elements, which stays
// in the first level cache.
constexpr int kAxpyDepth = 8;
constexpr int64_t kAxpyElements = 4096;

template <class In, class T>
struct DotIn {
  const T* s;
  int64_t s_row;
  const In* v[kDotTile];
  int64_t next_v;  // from a row of V to the row that the next tile reads in its place
  int64_t k;
};

// sums[i][j] = sum over k of S[i, k] · V[j, k].
template <class In, class T, int R>
void dot_tile(const DotIn<In, T>& in, T (*sums)[kDotTile]) {
  using D = TagOf<T>;
  const D d;
  constexpr int L = kLanes<T>, B = kBlockLanes<D>;
  hn::Vec<D> acc[R][kDotTile];
  HWY_UNROLL(4)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < kDotTile; ++j) acc[i][j] = hn::Zero(d);
  }
  for (int64_t p = 0; p < in.k; p += L) {
    const bool whole = p + L <= in.k;
    hn::Vec<D> v[kDotTile];
    HWY_UNROLL(4)
    for (int j = 0; j < kDotTile; ++j) {
      __builtin_prefetch(in.v[j] + in.next_v + p);
      v[j] = HWY_LIKELY(whole) ? load_as(d, in.v[j] + p) : load_part(d, in.v[j] + p, in.k - p);
    }
    HWY_UNROLL(4)
    for (int i = 0; i < R; ++i) {
      const T* from = in.s + i * in.s_row + p;
      const auto s = HWY_LIKELY(whole) ? hn::LoadU(d, from) : load_part(d, from, in.k - p);
      HWY_UNROLL(4)
      for (int j = 0; j < kDotTile; ++j) acc[i][j] = hn::MulAdd(s, v[j], acc[i][j]);
    }
  }
  HWY_UNROLL(4)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(4)
    for (int j = 0; j < kDotTile; j += B) {
      transpose_blocks(d, acc[i] + j);
      auto sum = acc[i][j];
      HWY_UNROLL(4)
      for (int q = 1; q < B; ++q) sum = hn::Add(sum, acc[i][j + q]);
      store_block_sum(d, sum, sums[i] + j);
    }
  }
}

template <class In, class T>
HWY_INLINE auto dot_tile_for(int64_t rows) {
  static constexpr std::array kTiles{dot_tile<In, T, 1>, dot_tile<In, T, 2>, dot_tile<In, T, 3>,
                                     dot_tile<In, T, 4>};
  return kTiles[rows - 1];
}

// All of S, k deep from depth p, with the rows v.. of V.
template <class In, class T>
HWY_INLINE void dot_columns(const GemmBlock<In, T>& block, int64_t v, int64_t p, int64_t k,
                            const T* s, int64_t s_row) {
  const int64_t columns = std::min<int64_t>(kDotTile, block.nv - v);
  const T beta = p == 0 ? block.beta : T(1);
  const bool last = p + k == block.k;
  DotIn<In, T> in{s, s_row, {}, kDotTile * block.v_row, k};
  for (int64_t j = 0; j < kDotTile; ++j) {
    in.v[j] = block.v + (v + std::min(j, columns - 1)) * block.v_row + p;
  }
  for (int64_t i = 0; i < block.ns; i += kDotTile) {
    const int64_t rows = std::min<int64_t>(kDotTile, block.ns - i);
    T sums[kDotTile][kDotTile];
    dot_tile_for<In, T>(rows)(in, sums);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t j = 0; j < columns; ++j) {
        T value = sums[r][j];
        if (last && block.bias_s) value += block.bias_s[i + r];
        if (last && block.bias_v) value += block.bias_v[v + j];
        T& c = block.c[(i + r) * block.c_s + (v + j) * block.c_v];
        c = beta != 0 ? value + beta * c : value;
      }
    }
    in.s += kDotTile * s_row;
    in.next_v = 0;  // fetched once
  }
}

template <class In, class T>
void dots(const GemmBlock<In, T>& block) {
  const bool pack_s = block.s_k != 1 || !std::is_same_v<In, T>;
  const int64_t depth = even_step(block.k, kDotDepth, 64);
  T* const packed_s =
      pack_s ? static_cast<T*>(gemm_scratch(block.ns * depth * sizeof(T))) : nullptr;
  for (int64_t p = 0; p < block.k; p += depth) {
    const int64_t k = std::min(depth, block.k - p);
    const In* from = block.s + p * block.s_k;
    if (pack_s) pack_rows(from, block.s_row, block.s_k, block.ns, k, packed_s, k);
    for (int64_t v = 0; v < block.nv; v += kDotTile) {
      if (pack_s) {
        dot_columns<In, T>(block, v, p, k, packed_s, k);
      } else if constexpr (std::is_same_v<In, T>) {
        dot_columns<In, T>(block, v, p, k, from, block.s_row);
      }
    }
  }
}

// c[s, v] += sum over `depth` k's of S[s, k] · V[v, k], for all s and `lanes` v's from v0.
template <class In, class T>
HWY_INLINE void axpy_step(const GemmBlock<In, T>& block, int64_t k, int64_t depth, int64_t v0,
                          int64_t lanes) {
  const TagOf<T> d;
  constexpr int64_t L = kLanes<T>;
  const In* from[kAxpyDepth] = {};
  T scale[kAxpyRows][kAxpyDepth] = {};
  for (int64_t q = 0; q < depth; ++q) {
    from[q] = block.v + (k + q) * block.v_k + v0;
    for (int64_t i = 0; i < block.ns; ++i) {
      scale[i][q] = block.s[i * block.s_row + (k + q) * block.s_k];
    }
  }
  T* c = block.c + v0;
  int64_t lane = 0;
  for (; depth == kAxpyDepth && lane + L <= lanes; lane += L) {
    hn::Vec<TagOf<T>> v[kAxpyDepth];
    HWY_UNROLL(8)
    for (int q = 0; q < kAxpyDepth; ++q) {
      __builtin_prefetch(from[q] + kAxpyDepth * block.v_k + lane);
      v[q] = load_as(d, from[q] + lane);
    }
    for (int64_t i = 0; i < block.ns; ++i) {
      auto sum = hn::LoadU(d, c + i * block.c_s + lane);
      HWY_UNROLL(8)
      for (int q = 0; q < kAxpyDepth; ++q) sum = hn::MulAdd(hn::Set(d, scale[i][q]), v[q], sum);
      hn::StoreU(sum, d, c + i * block.c_s + lane);
    }
  }
  for (; lane < lanes; lane += L) {
    const int64_t count = std::min(L, lanes - lane);
    for (int64_t i = 0; i < block.ns; ++i) {
      auto sum = load_part(d, c + i * block.c_s + lane, count);
      for (int64_t q = 0; q < depth; ++q) {
        sum = hn::MulAdd(hn::Set(d, scale[i][q]), load_part(d, from[q] + lane, count), sum);
      }
      store_part(sum, d, c + i * block.c_s + lane, count);
    }
  }
}

template <class In, class T>
void axpy(const GemmBlock<In, T>& block) {
  const int64_t step = std::max<int64_t>(kAxpyElements / block.ns / 64 * 64, 64);
  for (int64_t v = 0; v < block.nv; v += step) {
    const int64_t lanes = std::min(step, block.nv - v);
    for (int64_t i = 0; i < block.ns; ++i) {
      T* c = block.c + i * block.c_s + v;
      for (int64_t j = 0; j < lanes; ++j) {
        T start = block.beta != 0 ? block.beta * c[j] : T(0);
        if (block.bias_s) start += block.bias_s[i];
        if (block.bias_v) start += block.bias_v[v + j];
        c[j] = start;
      }
    }
    for (int64_t k = 0; k < block.k; k += kAxpyDepth) {
      axpy_step(block, k, std::min<int64_t>(kAxpyDepth, block.k - k), v, lanes);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_GEMM_ROWS_INL_H_
