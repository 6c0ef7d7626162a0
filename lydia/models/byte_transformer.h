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
  double dropout = 0.1;
};

// ids int64 [batch, length <= context] below 256 -> logits [batch, length, 256]
class ByteTransformer final : public nn::Module {
 public:
  static constexpr int64_t kVocabulary = 256;

  explicit ByteTransformer(const ByteTransformerOptions& options);
  Tensor forward(const Tensor& ids) override;
  int64_t context() const { return positions_.num_embeddings; }

 private:
  double dropout_;
  nn::Embedding &tokens_, &positions_;
  nn::TransformerEncoder& layers_;
};

}  // namespace lydia::models
