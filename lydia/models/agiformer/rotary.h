// Rotary position embedding (Su et al., "RoFormer", 2021): pairs (x[i], x[i + D/2]) turn by the
// angle position * theta^(-2i/D), so that q . k depends on the distance of their positions only.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia::models {

// x [batch, length, ..., D], D even, at positions start, start + 1, ...
Tensor rotary(const Tensor& x, int64_t start);
// x [rows, ..., D], row i at places[i] (int64).
Tensor rotary_at(const Tensor& x, const Tensor& places);

// x [batch, length, 3, heads, D] of queries, keys and values: the first two rotated, each
// [batch, length, heads, D].
struct RotatedQkv {
  Tensor q, k, v;
};
RotatedQkv rotary_qkv(const Tensor& x, int64_t start);

inline constexpr double kRotaryBase = 10000;

}  // namespace lydia::models
