// Reductions of contiguous rows, and the row kernels made of them: softmax and normalisation. They
// know nothing of tensors or threads. A result depends on the row alone: sums are pairwise over
// fixed blocks, so that a caller who cuts its rows without regard to threads gets the same bits
// from any number.
#pragma once

#include <cstdint>

#include "lydia/core/dtype.h"

namespace lydia::cpu {

enum class ReduceOp : uint8_t {
  sum,
  sum_squares,
  sum_abs,
  prod,
  max,        // NaN if there is one
  min,        // NaN if there is one
  argmax,     // the first index; NaN counts as the largest
  argmin,     // the first index; NaN counts as the smallest
  logsumexp,  // floats only; log of the sum of e^x, without overflow
};
inline constexpr int kReduceOpCount = 9;

// The dtype of a reduction's result. Sums and products: f32 for f16, bf16 and f32, f64 for f64, i64
// (wrapping) for signed integers and bool, u64 for unsigned ones. max and min: f32 for f16 and
// bf16, else the dtype itself. argmax and argmin: i64. logsumexp: as sums.
DType reduce_result(ReduceOp op, DType t);

// *out = the reduction of n elements. Of none: 0, 1 for prod, the least and greatest value for max
// and min, -inf for logsumexp, index 0.
using ReduceFn = void (*)(const void* x, int64_t n, void* out);
// Never nullptr, but for logsumexp of integers.
ReduceFn reduce_fn(ReduceOp op, DType t);

// acc[j] = acc[j] op x[r * stride + j] for each of `rows` rows r and n columns j; acc is of the
// result dtype and holds what came before. stride counts elements. Rows are taken eight at a time.
using AccumulateFn = void (*)(const void* x, int64_t stride, int64_t rows, void* acc, int64_t n);
// For sum, sum_squares, sum_abs, prod, max and min of any dtype; nullptr for the others.
AccumulateFn accumulate_fn(ReduceOp op, DType t);

// The mean of n > 0 elements and the sum of their squared distances from it.
void moments_row(const float* x, int64_t n, float* mean, float* squares);
void moments_row(const double* x, int64_t n, double* mean, double* squares);

// y = e^x / sum e^x, and its logarithm. y may be x.
void softmax_row(const float* x, float* y, int64_t n);
void softmax_row(const double* x, double* y, int64_t n);
void log_softmax_row(const float* x, float* y, int64_t n);
void log_softmax_row(const double* x, double* y, int64_t n);

// y = scale e^(x - shift): softmax with a kept logarithm of the sum. y may be x.
void shifted_exp_row(const float* x, float shift, float scale, float* y, int64_t n);
void shifted_exp_row(const double* x, double shift, double scale, double* y, int64_t n);

// The gradients, from the upstream gradient g and the result y: y (g - sum g y), and
// g - e^y sum g. out may be g or y.
void softmax_grad_row(const float* g, const float* y, float* out, int64_t n);
void softmax_grad_row(const double* g, const double* y, double* out, int64_t n);
void log_softmax_grad_row(const float* g, const float* y, float* out, int64_t n);
void log_softmax_grad_row(const double* g, const double* y, double* out, int64_t n);

// y = (x - mean) rstd w + b with rstd = 1 / sqrt(variance + eps). w and b may be nullptr, and so
// may mean and rstd, which take what the gradient needs. y may be x.
void layer_norm_row(const float* x, const float* w, const float* b, float eps, float* y,
                    float* mean, float* rstd, int64_t n);
void layer_norm_row(const double* x, const double* w, const double* b, double eps, double* y,
                    double* mean, double* rstd, int64_t n);

// With z = (x - mean) rstd and h = g w:  dx = rstd (h - avg(h) - z avg(h z)),  dw += g z,  db += g.
// w, dx, dw and db may be nullptr. dx may be g.
void layer_norm_grad_row(const float* g, const float* x, const float* w, float mean, float rstd,
                         float* dx, float* dw, float* db, int64_t n);
void layer_norm_grad_row(const double* g, const double* x, const double* w, double mean,
                         double rstd, double* dx, double* dw, double* db, int64_t n);

// y = x rstd w with rstd = 1 / sqrt(avg(x^2) + eps). w and rstd may be nullptr. y may be x.
void rms_norm_row(const float* x, const float* w, float eps, float* y, float* rstd, int64_t n);
void rms_norm_row(const double* x, const double* w, double eps, double* y, double* rstd, int64_t n);

// With z = x rstd and h = g w:  dx = rstd (h - z avg(h z)),  dw += g z. w, dx and dw may be
// nullptr. dx may be g.
void rms_norm_grad_row(const float* g, const float* x, const float* w, float rstd, float* dx,
                       float* dw, int64_t n);
void rms_norm_grad_row(const double* g, const double* x, const double* w, double rstd, double* dx,
                       double* dw, int64_t n);

}  // namespace lydia::cpu
