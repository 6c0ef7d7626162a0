// One matrix packed once for many products with it, such as the weight of a recurrence, which every
// time step meets again.
#pragma once

#include <cstdint>
#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/cpu/gemm.h"

namespace lydia::cpu {

// T: float or double.
template <class T>
class PackedProduct {
 public:
  // B [k, n] with any strides; it is copied.
  PackedProduct(int64_t k, int64_t n, const StridedMatrix<const T>& b);

  // C [m, n] = A [m, k] B + beta C + bias[n], A and C contiguous and apart. An element of C has the
  // same bits whatever m and the number of threads. beta = 0 does not read C.
  void operator()(int64_t m, const T* a, T* c, T beta, const T* bias = nullptr) const;

 private:
  struct Piece {
    int64_t lane, lanes, offset;  // columns of B, and where they lie packed
  };

  int64_t k_, n_;
  std::vector<Piece> pieces_;  // one for each thread
  Tensor packed_;
};

}  // namespace lydia::cpu
