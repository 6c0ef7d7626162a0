// Scaled dot-product attention, by PyTorch's definition:
//
//   out = softmax(scale q kT + mask) v      q [.., L, E]  k [.., S, E]  v [.., S, V]  out [.., L,
//   V]
//
// The kernel walks over blocks of keys with a running maximum and sum (Milakov, Gimelshein,
// "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022): it never
// holds the L x S scores, and keeps only their logsumexp for backward. A row whose keys are all
// masked gives zeros, and zero gradients.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

struct AttentionOptions {
  double dropout_p = 0;         // of the weights, which are then held whole: L x S
  bool is_causal = false;       // query i sees keys 0..i
  std::optional<double> scale;  // 1 / sqrt(E) unless given
  bool enable_gqa = false;      // q may have a multiple of the heads (dim -3) of k and v
};

// `mask` is undefined, bool (true: takes part) or floating (added to the scores), and broadcasts
// to [.., L, S]. f16 and bf16 compute in f32.
Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const Tensor& mask = {}, const AttentionOptions& options = {});

// The op itself sees q [B, H, L, E], k [B, K, S, E], v [B, K, S, V] with H a multiple of K, and a
// mask [B, H, L, S] or none. Outputs: out and lse [B, H, L], +inf in rows without keys.
struct AttentionAttrs {
  double scale = 1;
  bool causal = false;
};
// dq, dk, dv of the same, from (grad, q, k, v, mask, out, lse).
Tensors scaled_dot_product_attention_grad(const Tensor& grad, const Tensor& q, const Tensor& k,
                                          const Tensor& v, const Tensor& mask, const Tensor& out,
                                          const Tensor& lse, const AttentionAttrs& attrs);

}  // namespace lydia
