// A plain causal transformer over bytes: token and learned position embeddings, layers normalised
// before their parts (GPT-2's arrangement), the head tied to the token embeddings.
#pragma once

#include <cstdint>

#include "lydia/nn/embedding.h"
#include "lydia/nn/norm.h"
#include "lydia/nn/transformer.h"

namespace lydia::models {

struct ByteTransformerOptions {
  int64_t width = 256, layers = 4, heads = 4, context = 256;
  int64_t vocabulary = 256;  // more where the tokens are no bytes
  double dropout = 0.1;
};

// ids int64 [batch, length <= context] below `vocabulary` -> logits [batch, length, vocabulary]
class ByteTransformer final : public nn::Module {
 public:
  explicit ByteTransformer(const ByteTransformerOptions& options);
  Tensor forward(const Tensor& ids) override;
  int64_t context() const { return positions_.num_embeddings; }

 private:
  double dropout_;
  nn::Embedding &tokens_, &positions_;
  nn::TransformerEncoder& layers_;
};

}  // namespace lydia::models
