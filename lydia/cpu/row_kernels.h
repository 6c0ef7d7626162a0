// The kernels behind row_reduce.h's softmax and normalisation, as compiled for one instruction set.
#pragma once

#include <cstdint>

namespace lydia::cpu {

template <class T>
struct SoftmaxKernels {
  void (*softmax)(const T* x, T* y, int64_t n);
  void (*log_softmax)(const T* x, T* y, int64_t n);
  void (*shifted_exp)(const T* x, T shift, T scale, T* y, int64_t n);
  void (*softmax_grad)(const T* g, const T* y, T* out, int64_t n);
  void (*log_softmax_grad)(const T* g, const T* y, T* out, int64_t n);
};

template <class T>
struct NormKernels {
  void (*moments)(const T* x, int64_t n, T* mean, T* squares);
  void (*layer_norm)(const T* x, const T* w, const T* b, T eps, T* y, T* mean, T* rstd, int64_t n);
  void (*layer_norm_grad)(const T* g, const T* x, const T* w, T mean, T rstd, T* dx, T* dw, T* db,
                          int64_t n);
  void (*rms_norm)(const T* x, const T* w, T eps, T* y, T* rstd, int64_t n);
  void (*rms_norm_grad)(const T* g, const T* x, const T* w, T rstd, T* dx, T* dw, int64_t n);
};

}  // namespace lydia::cpu
