// Causal self-attention with rotary positions: softmax through the fused kernel, over all earlier
// tokens or over a window of them, or linear. Queries may be a part of the tokens (an expert's);
// keys and values are those of all.
#pragma once

#include "lydia/models/agiformer/dispatch.h"
#include "lydia/models/agiformer/linear_attention.h"

namespace lydia::models {

// What is added to the scores beyond q . k, without a score matrix: a term of the key alone, and
// for each query one key that counts more.
struct KeyTerms {
  Tensor bias;  // [B, heads, tokens] or [1, heads, tokens]: of the new tokens as keys
  // [B, tokens]: for each new token the place (counted from the first token of the sequence) of the
  // key whose score grows by softplus(boost[head]); -1 for none.
  Tensor boosted, boost;
  Tensor decay;  // [heads]: scores fall by decay * (i - j)
};

class Attention : public nn::Module {
 public:
  // `window`: how many tokens a query sees, itself among them; 0: all.
  Attention(const AgiformerConfig& config, int64_t window);
  using nn::Module::forward;
  // x [batch, tokens, d] -> [rows, d], the rows of `routed`.
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed,
                 const KeyTerms& terms = {});
  // Of all tokens: [batch, tokens, d].
  Tensor forward(const Tensor& x, const Flow& flow);

  nn::Linear &qkv, &out;

 private:
  struct Projected {
    Tensor q;  // rotated, [B, tokens, heads, D]: of all tokens; or of the routed rows, [rows, ...]
    Tensor k, v;            // [B, keys kept, heads, D]
    Tensor bias;            // [B or 1, keys kept, heads] or undefined
    int64_t first_key = 0;  // place of the first key kept
  };
  Projected project(const Tensor& x, const Flow& flow, const Routed& routed, const KeyTerms& terms);
  Tensor softmax_attention(const Projected& p, const Flow& flow, const Routed& routed,
                           const KeyTerms& terms);
  Tensor block_attention(const Projected& p, const Flow& flow, const Routed::Block* block,
                         const Tensor& q, int64_t begin, int64_t end, const KeyTerms& terms);
  Tensor linear(const Tensor& x, const Flow& flow, const Routed& routed, const KeyTerms& terms);
  LinearFraction boosted_part(const LinearInputs& in, const Tensor& rows, const Flow& flow,
                              const KeyTerms& terms);
  Tensor queries(const Tensor& x);
  Tensor keys_and_values(const Tensor& x);

  static constexpr int64_t kLinearBoostReach = 512;  // places between a query and its boosted key

  const int64_t heads_, width_, window_;
  const bool linear_;
};

}  // namespace lydia::models
