// Matrix product on raw memory: C[m,n] = op(A)[m,k] · op(B)[k,n] + beta·C + bias[n].
#pragma once

#include <cstdint>

#include "lydia/core/dtype.h"

namespace lydia::cpu {

// Element (i, j) of batch item b lies at data[b*batch + i*row + j*col]. A transposed operand is the
// same memory with row and col exchanged; batch = 0 uses one matrix for the whole batch.
template <class T>
struct StridedMatrix {
  T* data;
  int64_t row, col;
  int64_t batch = 0;
};

// A and B may have any strides; C is row-major (c.col == 1) and overlaps neither. Sizes may be 0:
// k = 0 leaves beta·C + bias. beta = 0 does not read C. Products are summed in T.
template <class In, class T>
struct Gemm {
  int64_t m, n, k;
  StridedMatrix<const In> a, b;
  StridedMatrix<T> c;
  T beta = 0;
  const T* bias = nullptr;
  int64_t batch = 1;
};

// Uses get_num_threads() threads where it pays. An element of C has the same bits whatever their
// number: k is never divided among threads in a way that depends on it.
void gemm(const Gemm<float, float>& problem);
void gemm(const Gemm<double, double>& problem);
void gemm(const Gemm<Half, float>& problem);
void gemm(const Gemm<BFloat16, float>& problem);

}  // namespace lydia::cpu
