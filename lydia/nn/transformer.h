// Transformer layers and stacks, by torch.nn's names and defaults (Vaswani et al. 2017; norm_first
// as Xiong et al. 2020).
#pragma once

#include <vector>

#include "lydia/nn/activation.h"
#include "lydia/nn/attention.h"
#include "lydia/nn/containers.h"
#include "lydia/nn/norm.h"

namespace lydia::nn {

struct TransformerOptions {
  int64_t dim_feedforward = 2048;
  double dropout = 0.1;
  std::function<Tensor(const Tensor&)> activation = [](const Tensor& x) { return lydia::relu(x); };
  double layer_norm_eps = 1e-5;
  bool batch_first = false;
  bool norm_first = false;
  bool bias = true;
};

// Attentions, a two-layer network, and a norm and a dropout for each of them.
class TransformerLayer : public Module {
 protected:
  TransformerLayer(int64_t d_model, int64_t heads, const TransformerOptions& o,
                   const std::vector<std::string>& attentions);
  MultiheadAttention& attention(size_t i) const { return *attentions_[i]; }
  Tensor feed_forward(const Tensor& x);
  // Residual parts with their norms, before or after.
  using Part = std::function<Tensor(const Tensor&)>;
  Tensor through(Tensor x, const std::vector<Part>& parts);

 private:
  const TransformerOptions options_;
  std::vector<MultiheadAttention*> attentions_;
  Linear *linear1_, *linear2_;
  Dropout* dropout_;
  std::vector<LayerNorm*> norms_;
  std::vector<Dropout*> dropouts_;
};

class TransformerEncoderLayer : public TransformerLayer {
 public:
  TransformerEncoderLayer(int64_t d_model, int64_t heads, const TransformerOptions& o = {})
      : TransformerLayer(d_model, heads, o, {"self_attn"}) {}
  Tensor forward(const Tensor& src) override { return forward(src, AttentionMasks{}); }
  Tensor forward(const Tensor& src, const AttentionMasks& masks);
};

class TransformerDecoderLayer : public TransformerLayer {
 public:
  TransformerDecoderLayer(int64_t d_model, int64_t heads, const TransformerOptions& o = {})
      : TransformerLayer(d_model, heads, o, {"self_attn", "multihead_attn"}) {}
  using Module::forward;
  Tensor forward(const Tensor& tgt, const Tensor& memory, const AttentionMasks& masks = {},
                 const AttentionMasks& memory_masks = {});
};

// `count` layers that start alike, and with `norm` a LayerNorm after them.
template <class Layer>
class TransformerStack : public Module {
 public:
  TransformerStack(int64_t d_model, int64_t heads, int64_t count, const TransformerOptions& o,
                   bool norm);

  ModuleList& layers;
  LayerNorm* const norm;
};

class TransformerEncoder : public TransformerStack<TransformerEncoderLayer> {
 public:
  TransformerEncoder(int64_t d_model, int64_t heads, int64_t count,
                     const TransformerOptions& o = {}, bool norm = false)
      : TransformerStack(d_model, heads, count, o, norm) {}
  Tensor forward(const Tensor& src) override { return forward(src, AttentionMasks{}); }
  Tensor forward(const Tensor& src, const AttentionMasks& masks);
};

class TransformerDecoder : public TransformerStack<TransformerDecoderLayer> {
 public:
  TransformerDecoder(int64_t d_model, int64_t heads, int64_t count,
                     const TransformerOptions& o = {}, bool norm = false)
      : TransformerStack(d_model, heads, count, o, norm) {}
  using Module::forward;
  Tensor forward(const Tensor& tgt, const Tensor& memory, const AttentionMasks& masks = {},
                 const AttentionMasks& memory_masks = {});
};

class Transformer : public Module {
 public:
  Transformer(int64_t d_model = 512, int64_t heads = 8, int64_t encoder_layers = 6,
              int64_t decoder_layers = 6, const TransformerOptions& o = {});
  using Module::forward;
  Tensor forward(const Tensor& src, const Tensor& tgt, const AttentionMasks& src_masks = {},
                 const AttentionMasks& tgt_masks = {}, const AttentionMasks& memory_masks = {});

  TransformerEncoder& encoder;
  TransformerDecoder& decoder;
};

}  // namespace lydia::nn
