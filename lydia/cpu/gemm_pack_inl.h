// Packing: operands copied, transposed where needed and converted to T, in the order the register
// tiles read them.
//
//   V, nv rows:  panels of kPanel lanes (the last one narrower: whole vectors), each panel k-major,
//                panel[k][lane], padded with zeros.
//   S, ns rows:  rows[s][k] with a distance of k between rows.
#if defined(LYDIA_CPU_GEMM_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_GEMM_PACK_INL_H_
#undef LYDIA_CPU_GEMM_PACK_INL_H_
#else
#define LYDIA_CPU_GEMM_PACK_INL_H_
#endif

#include "lydia/cpu/gemm_block.h"
#include "lydia/cpu/gemm_tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

// to[j·to_row + i] = from[i·from_row + j] for i < rows, j < cols.
template <class T, class In>
HWY_INLINE void pack_transposed(const In* from, int64_t from_row, int64_t rows, int64_t cols, T* to,
                                int64_t to_row) {
  using D = TagOf<T>;
  const D d;
  constexpr int L = kLanes<T>, B = kBlockLanes<D>;
  constexpr int kTurned = HWY_TARGET <= HWY_AVX3 ? 4 : 2;  // blocks turned at a time, in registers
  int64_t i = 0;
  for (; i + L <= rows; i += L) {
    int64_t j = 0;
    // Rows a multiple of 4 KiB apart share a few places of the first level cache: a line is read
    // whole before the next one comes.
    for (; j + kTurned * B <= cols; j += kTurned * B) {
      hn::Vec<D> columns[kTurned][B];
      HWY_UNROLL(4)
      for (int q = 0; q < B; ++q) {
        HWY_UNROLL(4)
        for (int b = 0; b < kTurned; ++b) {
          columns[b][q] = load_blocks(d, from + (i + q) * from_row + j + b * B, B * from_row);
        }
      }
      HWY_UNROLL(4)
      for (int b = 0; b < kTurned; ++b) {
        transpose_blocks(d, columns[b]);
        HWY_UNROLL(4)
        for (int q = 0; q < B; ++q) {
          hn::StoreU(columns[b][q], d, to + (j + b * B + q) * to_row + i);
        }
      }
    }
    for (; j + B <= cols; j += B) {
      hn::Vec<D> columns[B];
      HWY_UNROLL(4)
      for (int q = 0; q < B; ++q) {
        columns[q] = load_blocks(d, from + (i + q) * from_row + j, B * from_row);
      }
      transpose_blocks(d, columns);
      HWY_UNROLL(4)
      for (int q = 0; q < B; ++q) hn::StoreU(columns[q], d, to + (j + q) * to_row + i);
    }
    for (; j < cols; ++j) {
      for (int q = 0; q < L; ++q) to[j * to_row + i + q] = from[(i + q) * from_row + j];
    }
  }
  for (; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) to[j * to_row + i] = from[i * from_row + j];
  }
}

// to[i·to_row + j] = from[i·from_row + j] for i < rows, j < cols.
template <class T, class In>
HWY_INLINE void pack_straight(const In* from, int64_t from_row, int64_t rows, int64_t cols, T* to,
                              int64_t to_row) {
  const TagOf<T> d;
  constexpr int L = kLanes<T>;
  for (int64_t i = 0; i < rows; ++i) {
    int64_t j = 0;
    for (; j + L <= cols; j += L) {
      hn::StoreU(load_as(d, from + i * from_row + j), d, to + i * to_row + j);
    }
    for (; j < cols; ++j) to[i * to_row + j] = from[i * from_row + j];
  }
}

// to[i·to_row + j] = from[i·from_row + j·from_col], any strides.
template <class T, class In>
HWY_INLINE void pack_rows(const In* from, int64_t from_row, int64_t from_col, int64_t rows,
                          int64_t cols, T* to, int64_t to_row) {
  if (from_col == 1) {
    pack_straight(from, from_row, rows, cols, to, to_row);
  } else if (from_row == 1) {
    pack_transposed(from, from_col, cols, rows, to, to_row);
  } else {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < cols; ++j) to[i * to_row + j] = from[i * from_row + j * from_col];
    }
  }
}

// The width, padding included, of the panel that starts `rest` lanes before the end.
template <class T>
HWY_INLINE int64_t panel_width(int64_t rest) {
  return rest >= kPanel<T> ? kPanel<T> : round_up(rest, kLanes<T>);
}

// A few k's at a time through all panels: where V is k-major, that reads its rows in long pieces.
template <class T, class In>
void pack_panels(const In* v, int64_t v_row, int64_t v_k, int64_t nv, int64_t k, T* to) {
  constexpr int64_t kStep = 16;
  for (int64_t p = 0; p < k; p += kStep) {
    const int64_t depth = std::min(kStep, k - p);
    for (int64_t lane = 0; lane < nv; lane += kPanel<T>) {
      const int64_t width = panel_width<T>(nv - lane), real = std::min(nv - lane, width);
      T* panel = to + lane * k + p * width;
      pack_rows(v + lane * v_row + p * v_k, v_k, v_row, depth, real, panel, width);
      for (int64_t q = 0; real < width && q < depth; ++q) {
        std::fill(panel + q * width + real, panel + (q + 1) * width, T(0));
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_GEMM_PACK_INL_H_
