// The product of 8-bit integers on raw memory: C[m,n] = A[m,k] · B[k,n], u8 · s8 -> s32.
#pragma once

#include <cstdint>

#include "lydia/cpu/gemm.h"

namespace lydia::cpu {

// Strides as in gemm.h, C row-major. Sums are exact up to k = 65,793 and wrap beyond. Quickest
// where k is contiguous in both operands (B stored as rows of n) and a multiple of 4.
struct GemmInt8 {
  int64_t m, n, k;
  StridedMatrix<const uint8_t> a;
  StridedMatrix<const int8_t> b;
  StridedMatrix<int32_t> c;
};

void gemm(const GemmInt8& problem);

}  // namespace lydia::cpu
