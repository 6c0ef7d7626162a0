// Transformer layers and stacks.
#include "lydia/nn/transformer.h"

#include "lydia/core/rng.h"
#include "lydia/nn/init.h"
#include "lydia/ops/pointwise.h"

namespace lydia::nn {

TransformerLayer::TransformerLayer(int64_t d_model, int64_t heads, const TransformerOptions& o,
                                   const std::vector<std::string>& attentions)
    : options_(o) {
  MultiheadOptions m;
  m.dropout = o.dropout;
  m.bias = o.bias;
  m.batch_first = o.batch_first;
  for (const std::string& name : attentions)
    attentions_.push_back(&child<MultiheadAttention>(name, d_model, heads, m));
  linear1_ = &child<Linear>("linear1", d_model, o.dim_feedforward, o.bias);
  dropout_ = &child<Dropout>("dropout", o.dropout);
  linear2_ = &child<Linear>("linear2", o.dim_feedforward, d_model, o.bias);
  const size_t parts = attentions.size() + 1;
  for (size_t i = 1; i <= parts; ++i)
    norms_.push_back(&child<LayerNorm>("norm" + std::to_string(i), Dims{d_model}, o.layer_norm_eps,
                                       true, o.bias));
  for (size_t i = 1; i <= parts; ++i)
    dropouts_.push_back(&child<Dropout>("dropout" + std::to_string(i), o.dropout));
}

Tensor TransformerLayer::feed_forward(const Tensor& x) {
  return (*linear2_)((*dropout_)(options_.activation((*linear1_)(x))));
}

Tensor TransformerLayer::through(Tensor x, const std::vector<Part>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    LayerNorm& norm = *norms_[i];
    Dropout& drop = *dropouts_[i];
    x = options_.norm_first ? add(x, drop(parts[i](norm(x)))) : norm(add(x, drop(parts[i](x))));
  }
  return x;
}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const AttentionMasks& masks) {
  return through(src, {[&](const Tensor& x) { return attention(0).forward(x, x, x, masks); },
                       [&](const Tensor& x) { return feed_forward(x); }});
}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const AttentionMasks& masks,
                                        const AttentionMasks& memory_masks) {
  return through(
      tgt, {[&](const Tensor& x) { return attention(0).forward(x, x, x, masks); },
            [&](const Tensor& x) { return attention(1).forward(x, memory, memory, memory_masks); },
            [&](const Tensor& x) { return feed_forward(x); }});
}

template <class Layer>
TransformerStack<Layer>::TransformerStack(int64_t d_model, int64_t heads, int64_t count,
                                          const TransformerOptions& o, bool with_norm)
    : layers(child<ModuleList>("layers")),
      norm(with_norm ? &child<LayerNorm>("norm", Dims{d_model}, o.layer_norm_eps, true, o.bias)
                     : nullptr) {
  LYDIA_CHECK(count > 0, ValueError, "Transformer: expected at least one layer, got ", count);
  const Module& first = layers.template add<Layer>(d_model, heads, o);
  const Generator::State after = default_generator().state();
  for (int64_t i = 1; i < count; ++i)
    layers.template add<Layer>(d_model, heads, o).load_state_dict(first.state_dict());
  default_generator().set_state(after);  // copies draw no numbers
}
template class TransformerStack<TransformerEncoderLayer>;
template class TransformerStack<TransformerDecoderLayer>;

Tensor TransformerEncoder::forward(const Tensor& src, const AttentionMasks& masks) {
  Tensor x = src;
  for (size_t i = 0; i < layers.size(); ++i) {
    auto& layer = layers.at<TransformerEncoderLayer>(i);
    x = layer.checkpointed([&layer, masks](const Tensor& h) { return layer.forward(h, masks); }, x);
  }
  return norm ? (*norm)(x) : x;
}

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory,
                                   const AttentionMasks& masks,
                                   const AttentionMasks& memory_masks) {
  Tensor x = tgt;
  for (size_t i = 0; i < layers.size(); ++i) {
    auto& layer = layers.at<TransformerDecoderLayer>(i);
    const auto run = [&layer, memory, masks, memory_masks](const Tensor& h) {
      return layer.forward(h, memory, masks, memory_masks);
    };
    x = layer.checkpointed(run, x);
  }
  return norm ? (*norm)(x) : x;
}

Transformer::Transformer(int64_t d_model, int64_t heads, int64_t encoder_layers,
                         int64_t decoder_layers, const TransformerOptions& o)
    : encoder(child<TransformerEncoder>("encoder", d_model, heads, encoder_layers, o, true)),
      decoder(child<TransformerDecoder>("decoder", d_model, heads, decoder_layers, o, true)) {
  for (const Tensor& p : parameters())
    if (p.ndim() > 1) init::xavier_uniform_(p);
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt, const AttentionMasks& src_masks,
                            const AttentionMasks& tgt_masks, const AttentionMasks& memory_masks) {
  return decoder.forward(tgt, encoder.forward(src, src_masks), tgt_masks, memory_masks);
}

}  // namespace lydia::nn
