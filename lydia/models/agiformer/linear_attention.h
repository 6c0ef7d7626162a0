// Linear attention (Katharopoulos et al., "Transformers are RNNs", 2020), in chunks.
//
//   out_i = sum_j w_ij v_j / (sum_j u_ij + eps),  j <= i where causal,
//   w_ij = e^(-decay (i - j)) rotated(q)_i . rotated(k)_j,  u_ij the same without rotation,
//
// with positive features q and k. The rotated product keeps relative positions, the plain one a
// denominator above 0 (as RoFormer does, Su et al. 2021). Costs O(S) memory: chunks of 64 tokens
// meet through the sums over all tokens before them.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia::models {

// What all earlier tokens add up to; undefined before the first.
struct LinearState {
  Tensor sum;   // [B, H, D, V]
  Tensor norm;  // [B, H, D, 1]
};

struct LinearInputs {
  Tensor q, k;                  // features, [B, H, S, D]
  Tensor rotated_q, rotated_k;  // the same after rotary(); or q and k themselves
  Tensor v;                     // [B, H, S, V]
  Tensor decay;                 // [H], or undefined for none
};

inline constexpr double kLinearEps = 1e-6;

struct LinearFraction {
  Tensor numerator, denominator;  // [B, H, S, V], [B, H, S, 1]
  Tensor value() const;
  LinearFraction operator+(const LinearFraction& other) const;
};

// `state` is read and brought forward (causal only).
LinearFraction linear_attention(const LinearInputs& in, bool causal, LinearState* state = nullptr,
                                int64_t chunk = 64);
// The weights w and u in full, for tests: the same result from S x S matrices.
Tensor linear_attention_quadratic(const LinearInputs& in, bool causal);

}  // namespace lydia::models
