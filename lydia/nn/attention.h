// MultiheadAttention, by torch.nn's names and defaults (Vaswani et al. 2017).
#pragma once

#include "lydia/nn/linear.h"

namespace lydia::nn {

struct MultiheadOptions {
  double dropout = 0;
  bool bias = true;
  int64_t kdim = 0, vdim = 0;  // 0: embed_dim
  bool batch_first = false;
};

// In masks true means "not seen"; floating masks are added to the scores.
struct AttentionMasks {
  Tensor attn_mask;         // [L, S] or [N * heads, L, S]
  Tensor key_padding_mask;  // [N, S]
  bool is_causal = false;   // query i sees keys 0..i; attn_mask may then be left out
};

// query [L, N, E], key and value [S, N, *] (batch_first: N first). One weight in_proj_weight [3E,
// E] for all three where their sizes are equal, else q_proj_weight, k_proj_weight, v_proj_weight.
class MultiheadAttention : public Module {
 public:
  MultiheadAttention(int64_t embed_dim, int64_t num_heads, const MultiheadOptions& o = {});
  // Self-attention.
  Tensor forward(const Tensor& x) override { return forward(x, x, x); }
  Tensor forward(const Tensor& query, const Tensor& key, const Tensor& value,
                 const AttentionMasks& masks = {});
  // (output, weights [N, L, S], or [N, heads, L, S] unless averaged)
  std::pair<Tensor, Tensor> forward_weights(const Tensor& query, const Tensor& key,
                                            const Tensor& value, const AttentionMasks& masks = {},
                                            bool average = true);
  void reset_parameters();

  const int64_t embed_dim, num_heads;
  const MultiheadOptions options;
  Tensor &in_proj_weight, &q_proj_weight, &k_proj_weight, &v_proj_weight, &in_proj_bias;
  Linear& out_proj;

 private:
  struct Heads {
    Tensor q, k, v;  // [N, heads, L, E / heads]
  };
  Heads project(const Tensor& query, const Tensor& key, const Tensor& value);
  Tensor mask(const AttentionMasks& masks, int64_t batch, int64_t length, int64_t keys,
              DType dtype) const;
  Tensor finish(const Tensor& heads);
};

}  // namespace lydia::nn
