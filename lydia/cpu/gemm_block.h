// What the planner (gemm.cc) hands to the kernels: one block of C, computed by one thread.
//
// The two operands are called by the part they play, not by their side of the product:
//   V  its rows (the "lanes") lie along the vector registers,
//   S  its rows are broadcast one scalar at a time.
// out(s, v) = sum_k S[s, k] · V[v, k]. With V = Bᵀ, S = A this is C; with V = A, S = Bᵀ it is Cᵀ,
// so c_s and c_v say how far apart neighbours lie in C, and one of them is 1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "lydia/core/dtype.h"

namespace lydia::cpu {

template <class In, class T>
struct GemmBlock {
  int64_t ns, nv, k;
  const In* s;
  int64_t s_row, s_k;
  const In* v;
  int64_t v_row, v_k;
  T* c;
  int64_t c_s, c_v;
  T beta;
  const T* bias_s;  // bias[s] or bias[v]; null for none
  const T* bias_v;
};

// The three forms, for the element types of gemm.h:
//   gemm_tiles  packs V into panels and runs register tiles over them: for large products;
//   gemm_dots   vectors along k, nothing packed, for few rows in S; needs v_k == 1;
//   gemm_axpy   adds up the rows of a k-major V, read in place, for few rows in S; needs
//               ns <= kAxpyRows and v_row == c_v == 1.
#define LYDIA_GEMM_FORMS(In, T)                   \
  void gemm_tiles(const GemmBlock<In, T>& block); \
  void gemm_dots(const GemmBlock<In, T>& block);  \
  void gemm_axpy(const GemmBlock<In, T>& block);
LYDIA_GEMM_FORMS(float, float)
LYDIA_GEMM_FORMS(double, double)
LYDIA_GEMM_FORMS(Half, float)
LYDIA_GEMM_FORMS(BFloat16, float)
#undef LYDIA_GEMM_FORMS

// gemm_tiles in two parts, for many products with one V (gemm_packed.h): how many elements V takes
// when it is packed, packing it, and the product with rows of S, whose k must be contiguous.
#define LYDIA_GEMM_PACKED(T)                                  \
  int64_t gemm_packed_elements(const GemmBlock<T, T>& block); \
  void gemm_pack(const GemmBlock<T, T>& block, T* to);        \
  void gemm_tiles_packed(const GemmBlock<T, T>& block, const T* packed);
LYDIA_GEMM_PACKED(float)
LYDIA_GEMM_PACKED(double)
#undef LYDIA_GEMM_PACKED

inline constexpr int kAxpyRows = 16;

// Aligned memory for packed operands, kept by each thread; valid until the thread asks
// again. Throws OutOfMemoryError.
void* gemm_scratch(size_t bytes);

constexpr int64_t round_up(int64_t size, int64_t unit) { return (size + unit - 1) / unit * unit; }

// Cuts `size` into equal steps of at most `most`, rounded up to `unit`.
constexpr int64_t even_step(int64_t size, int64_t most, int64_t unit) {
  const int64_t count = std::max<int64_t>((size + most - 1) / most, 1);
  return std::max(round_up((size + count - 1) / count, unit), unit);
}

}  // namespace lydia::cpu
