// Embedding: a table of vectors, looked up by index, as torch.nn.Embedding.
#pragma once

#include <optional>

#include "lydia/nn/module.h"

namespace lydia::nn {

// indices [...] (int64) -> [..., dim]; weight [count, dim], normal(0, 1). Row `padding_idx` starts
// as zeros and gets no gradient.
class Embedding : public Module {
 public:
  Embedding(int64_t num_embeddings, int64_t embedding_dim,
            std::optional<int64_t> padding_idx = std::nullopt);
  Tensor forward(const Tensor& indices) override;
  void reset_parameters();
  std::string extra_repr() const override;

  const int64_t num_embeddings, embedding_dim;
  const std::optional<int64_t> padding_idx;  // counted from the front
  Tensor& weight = parameter("weight", {num_embeddings, embedding_dim});
};

}  // namespace lydia::nn
