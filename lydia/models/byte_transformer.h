// A causal transformer over bytes: token and learned position embeddings, layers normalised before
// their parts (GPT-2's arrangement), the head tied to the token embeddings.
//
//   h[t] = token[b[t]] + position[t] + sum over n = 2..ngrams of table_n[hash(b[t-n+1..t])]
//
// The hashed tables tell each place what the last bytes were before any layer runs, which a small
// model learns from little text. (Hash embeddings of byte n-grams: Pagnoni et al., "Byte Latent
// Transformer", arXiv 2412.09871, section 3.2.1.)
#pragma once

#include <cstdint>
#include <vector>

#include "lydia/nn/embedding.h"
#include "lydia/nn/norm.h"
#include "lydia/nn/transformer.h"

namespace lydia::models {

struct ByteTransformerOptions {
  int64_t width = 256, layers = 4, heads = 4, context = 256;
  int64_t vocabulary = 256;  // more where the tokens are no bytes
  double dropout = 0.1;
  int64_t ngrams = 1, table_rows = 16384;  // ngrams 1: no tables
};

// ids int64 [batch, length <= context] below `vocabulary` -> logits [batch, length, vocabulary]
class ByteTransformer final : public nn::Module {
 public:
  explicit ByteTransformer(const ByteTransformerOptions& options);
  Tensor forward(const Tensor& ids) override;
  int64_t context() const { return positions_.num_embeddings; }

 private:
  Tensor embed(const Tensor& ids);

  double dropout_;
  nn::Embedding &tokens_, &positions_;
  std::vector<nn::Embedding*> tables_;  // of 2, 3, ... bytes
  nn::TransformerEncoder& layers_;
};

}  // namespace lydia::models
