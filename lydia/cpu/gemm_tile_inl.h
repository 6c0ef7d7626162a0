// The register tile: R rows of S times NV vectors of V, summed over k in R·NV vector registers.
// S is read in place (row by row, k contiguous); V comes packed (gemm_pack_inl.h).
#if defined(LYDIA_CPU_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_GEMM_TILE_INL_H_
#undef LYDIA_CPU_GEMM_TILE_INL_H_
#else
#define LYDIA_CPU_GEMM_TILE_INL_H_
#endif

#include <array>
#include <utility>

#include "lydia/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// 8 x 3 sums suit 32 registers, 4 x 3 suit 16; both keep two multiply-add units busy.
constexpr int kTileRows = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 8 : 4;
constexpr int kTileVectors = 3;

template <class T>
using TagOf = hn::ScalableTag<T>;
template <class T>
constexpr int kLanes = kLanesOf<TagOf<T>>;
template <class T>
constexpr int kPanel = kTileVectors* kLanes<T>;

template <class T>
struct TileIn {
  const T* s;
  int64_t s_row;
  const T* v;
  int64_t k;
  const T* next_s;  // what the tile after this one will read
};

// Where a tile goes. `lanes` of its NV vectors are real, the rest padding.
template <class T>
struct TileOut {
  T* c;
  int64_t c_s, c_v;  // one of them is 1
  T beta;
  const T* bias_s;
  const T* bias_v;
  int64_t lanes;
};

// How a scalar of S meets a vector of V. Other kinds of product bring their own.
struct MultiplyAdd {
  template <class D>
  HWY_INLINE hn::Vec<D> operator()(D, hn::Vec<D> s, hn::Vec<D> v, hn::Vec<D> sum) const {
    return hn::MulAdd(s, v, sum);
  }
};

template <class T, int R, int NV>
using Sums = hn::Vec<TagOf<T>>[R][NV];

// Four bytes of an int8 row pass as one int32, which then need not be aligned as one.
template <class T>
HWY_INLINE T load_scalar(const T* at) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const char*>(at), sizeof value);
  return value;
}

template <class Mac, class T, int R, int NV>
HWY_INLINE void multiply(const TileIn<T>& in, Sums<T, R, NV>& sums) {
  const TagOf<T> d;
  HWY_UNROLL(8)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(3)
    for (int j = 0; j < NV; ++j) sums[i][j] = hn::Zero(d);
  }
  const T* HWY_RESTRICT v = in.v;
  for (int64_t p = 0; p < in.k; ++p, v += NV * kLanes<T>) {
    // Fetches each line of the next rows about once, into the second level cache: the first may
    // have no room for rows that lie a multiple of its size apart.
    __builtin_prefetch(in.next_s + (p % kTileRows) * in.s_row + p, 0, 2);
    hn::Vec<TagOf<T>> lanes[NV];
    HWY_UNROLL(3)
    for (int j = 0; j < NV; ++j) lanes[j] = hn::LoadU(d, v + j * kLanes<T>);
    HWY_UNROLL(8)
    for (int i = 0; i < R; ++i) {
      const auto scalar = hn::Set(d, load_scalar(in.s + i * in.s_row + p));
      HWY_UNROLL(3)
      for (int j = 0; j < NV; ++j) sums[i][j] = Mac()(d, scalar, lanes[j], sums[i][j]);
    }
  }
}

template <class T, int R, int NV>
HWY_INLINE void add_bias(const TileOut<T>& out, Sums<T, R, NV>& sums) {
  const TagOf<T> d;
  if (out.bias_s) {
    HWY_UNROLL(8)
    for (int i = 0; i < R; ++i) {
      const auto bias = hn::Set(d, out.bias_s[i]);
      HWY_UNROLL(3)
      for (int j = 0; j < NV; ++j) sums[i][j] = hn::Add(sums[i][j], bias);
    }
  }
  if (out.bias_v) {
    HWY_UNROLL(3)
    for (int j = 0; j < NV; ++j) {
      const int64_t rest = std::min<int64_t>(out.lanes - j * kLanes<T>, kLanes<T>);
      const auto bias = load_part(d, out.bias_v + j * kLanes<T>, rest);
      HWY_UNROLL(8)
      for (int i = 0; i < R; ++i) sums[i][j] = hn::Add(sums[i][j], bias);
    }
  }
}

// sum + a·b; Highway has it for floats alone.
template <class D, class V>
HWY_INLINE V multiply_add(D, V a, V b, V sum) {
  if constexpr (hwy::IsFloat<hn::TFromD<D>>()) {
    return hn::MulAdd(a, b, sum);
  } else {
    return hn::Add(hn::Mul(a, b), sum);
  }
}

// c[0..count) = value + beta·c[0..count), a vector at most.
template <class D>
HWY_INLINE void store_row(D d, hn::Vec<D> value, hn::TFromD<D>* c, hn::TFromD<D> beta,
                          int64_t count) {
  if (HWY_LIKELY(count >= kLanesOf<D>)) {
    if (beta != 0) value = multiply_add(d, hn::Set(d, beta), hn::LoadU(d, c), value);
    hn::StoreU(value, d, c);
  } else if (count > 0) {
    if (beta != 0) value = multiply_add(d, hn::Set(d, beta), load_part(d, c, count), value);
    store_part(value, d, c, count);
  }
}

// c_v == 1: neighbouring lanes are neighbours in C.
template <class T, int R, int NV>
HWY_INLINE void store_straight(const TileOut<T>& out, const Sums<T, R, NV>& sums) {
  HWY_UNROLL(8)
  for (int i = 0; i < R; ++i) {
    HWY_UNROLL(3)
    for (int j = 0; j < NV; ++j) {
      const int64_t lane = j * kLanes<T>;
      store_row(TagOf<T>(), sums[i][j], out.c + i * out.c_s + lane, out.beta, out.lanes - lane);
    }
  }
}

// c_s == 1: neighbouring rows are neighbours in C. The tile is turned in blocks of 128 bits into
// `turned`, which holds one row per lane, and goes from there to C. The last row may be read a
// vector past its end; what lies there is not stored.
template <class T, int R, int NV>
HWY_INLINE void store_turned(const TileOut<T>& out, const Sums<T, R, NV>& sums) {
  using D = TagOf<T>;
  const D d;
  constexpr int B = kBlockLanes<D>, L = kLanes<T>, Rows = (R + B - 1) / B * B;
  alignas(64) T turned[NV * L * Rows + L];
  HWY_UNROLL(3)
  for (int j = 0; j < NV; ++j) {
    HWY_UNROLL(8)
    for (int i = 0; i < R; i += B) {
      hn::Vec<D> block[B];
      HWY_UNROLL(4)
      for (int q = 0; q < B; ++q) block[q] = sums[std::min(i + q, R - 1)][j];
      transpose_blocks(d, block);
      HWY_UNROLL(4)
      for (int q = 0; q < B; ++q) {
        store_blocks(d, block[q], turned + (j * L + q) * Rows + i, B * Rows);
      }
    }
  }
  const hn::CappedTag<T, Rows> row_tag;
  for (int64_t lane = 0; lane < out.lanes; ++lane) {
    for (int i = 0; i < R; i += kLanesOf<decltype(row_tag)>) {
      const auto value = hn::LoadU(row_tag, turned + lane * Rows + i);
      store_row(row_tag, value, out.c + lane * out.c_v + i, out.beta, R - i);
    }
  }
}

template <class Mac, class T, int R, int NV>
void run_tile(const TileIn<T>& in, const TileOut<T>& out) {
  Sums<T, R, NV> sums;
  multiply<Mac, T, R, NV>(in, sums);
  add_bias<T, R, NV>(out, sums);
  if (out.c_v == 1) {
    store_straight<T, R, NV>(out, sums);
  } else {
    store_turned<T, R, NV>(out, sums);
  }
}

template <class Mac, class T, size_t... I>
constexpr auto all_tiles(std::index_sequence<I...>) {
  return std::array{run_tile<Mac, T, I % kTileRows + 1, I / kTileRows + 1>...};
}

// The kernel for 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
template <class Mac, class T>
HWY_INLINE auto tile_for(int64_t rows, int64_t vectors) {
  static constexpr auto kTiles =
      all_tiles<Mac, T>(std::make_index_sequence<kTileRows * kTileVectors>());
  return kTiles[(vectors - 1) * kTileRows + rows - 1];
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_GEMM_TILE_INL_H_
