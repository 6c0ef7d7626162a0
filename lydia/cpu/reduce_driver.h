// The walk every reduction shares: which elements meet in one result, in which order, on which
// thread. A reduction supplies the arithmetic as a Reducer for one input dtype.
//
// The order of additions depends on shapes and strides only, never on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lydia/core/tensor.h"

namespace lydia::cpu {

struct ReduceParams {
  double value = 0;   // ReduceAttrs::value
  int64_t count = 0;  // elements per result
};

// Works on accumulators of `size` bytes (trivially copyable, at most kMaxAccumulator).
struct Reducer {
  size_t size;
  void (*init)(void* acc, int64_t n, const ReduceParams& p);  // n accumulators
  // acc <- acc with n elements, `stride` bytes apart.
  void (*row)(void* acc, const std::byte* x, int64_t stride, int64_t n, const ReduceParams& p);
  // acc[j] <- acc[j] with x[j] for n neighbouring elements of each of `rows` rows, `stride` bytes
  // apart.
  void (*columns)(void* acc, const std::byte* x, int64_t stride, int64_t rows, int64_t n,
                  const ReduceParams& p);
  // acc[j] <- acc[j] with what other[j] has gathered from later elements, for n accumulators.
  void (*join)(void* acc, const void* other, int64_t n, const ReduceParams& p);
  // Writes n results, contiguous, in the output's dtype.
  void (*finish)(const void* acc, std::byte* out, int64_t n, const ReduceParams& p);
};
inline constexpr size_t kMaxAccumulator = 32;

// out (contiguous, kept dimensions in order) <- `in` reduced over `dims` (wrapped, sorted).
void reduce(const Tensor& in, const Tensor& out, const Dims& dims, const Reducer& reducer,
            ReduceParams params);

}  // namespace lydia::cpu
