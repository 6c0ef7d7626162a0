// Embedding.
#include "lydia/nn/embedding.h"

#include "lydia/nn/init.h"
#include "lydia/nn/text.h"
#include "lydia/ops/embedding.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

std::optional<int64_t> from_front(std::optional<int64_t> index, int64_t count) {
  if (!index) return index;
  LYDIA_CHECK(*index >= -count && *index < count, IndexError,
              "Embedding: expected padding_idx within ", count, " rows, got ", *index);
  return *index < 0 ? *index + count : *index;
}

}  // namespace

Embedding::Embedding(int64_t count, int64_t dim, std::optional<int64_t> padding)
    : num_embeddings(count), embedding_dim(dim), padding_idx(from_front(padding, count)) {
  reset_parameters();
}

void Embedding::reset_parameters() {
  init::normal_(weight);
  if (padding_idx) init::zeros_(select(weight.detach(), 0, *padding_idx));
}

Tensor Embedding::forward(const Tensor& indices) {
  return lydia::embedding(weight, indices, padding_idx);
}

std::string Embedding::extra_repr() const {
  std::string out = text(num_embeddings, ", ", embedding_dim);
  return padding_idx ? out + text(", padding_idx=", *padding_idx) : out;
}

}  // namespace lydia::nn
