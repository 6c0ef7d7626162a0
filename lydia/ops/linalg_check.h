// Checks and small helpers that the linear algebra ops share.
#pragma once

#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia::linalg {

inline void check_matrix(const char* op, const Tensor& a) {
  check_defined(op, a, "A");
  LYDIA_CHECK(a.dtype() == DType::F32 || a.dtype() == DType::F64, TypeError, op,
              ": expected float32 or float64, got ", a.dtype());
  LYDIA_CHECK(a.ndim() >= 2, ValueError, op, ": expected at least two dimensions, got shape ",
              a.sizes());
}

inline void check_square(const char* op, const Tensor& a) {
  check_matrix(op, a);
  LYDIA_CHECK(a.size(-1) == a.size(-2), ValueError, op, ": expected square matrices, got shape ",
              a.sizes());
}

// Matrix transpose.
inline Tensor mt(const Tensor& a) { return transpose(a, -2, -1); }

inline Dims batch_of(const Tensor& a) {
  Dims sizes = a.sizes();
  sizes.resize(sizes.size() - 2);
  return sizes;
}

inline Dims with_matrix(Dims batch, int64_t rows, int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

// The n x n identity with the dtype and device of `like`.
Tensor identity(int64_t n, const Tensor& like);

}  // namespace lydia::linalg
