#include "lydia/ops/embedding.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

Tensor run_embedding(const Tensor& weight, const Tensor& indices, const EmbeddingAttrs& attrs) {
  Dims sizes = indices.sizes();
  sizes.push_back(weight.sizes()[1]);
  checked_numel("embedding", sizes);
  Tensor out = empty(sizes, weight.dtype(), weight.device());
  run(Op::embedding, {&weight, &indices}, {&out}, attrs);
  return out;
}

}  // namespace

Tensor embedding(const Tensor& weight, const Tensor& indices, std::optional<int64_t> padding_idx) {
  check_defined("embedding", weight, "weight");
  check_defined("embedding", indices, "input");
  check_same_device("embedding", weight, indices);
  LYDIA_CHECK(weight.ndim() == 2, ValueError, "embedding: expected a weight [V, D], got shape ",
              weight.sizes());
  LYDIA_CHECK(indices.dtype() == DType::I64 || indices.dtype() == DType::I32, TypeError,
              "embedding: expected int32 or int64 indices, got ", indices.dtype());
  const int64_t rows = weight.sizes()[0];
  const int64_t padding = padding_idx.value_or(-1);
  LYDIA_CHECK(!padding_idx || (padding >= -rows && padding < rows), IndexError,
              "embedding: expected padding_idx in [", -rows, ", ", rows - 1, "], got ", padding);
  const bool from_end = padding_idx && padding < 0;
  return run_embedding(weight, to(indices, DType::I64),
                       {rows, from_end ? padding + rows : padding, false});
}

Tensor embedding_grad(const Tensor& g, const Tensor& indices, int64_t rows, int64_t padding) {
  Tensor out = empty({rows, g.size(-1)}, g.dtype(), g.device());
  run(Op::embedding_grad, {&g, &indices}, {&out}, EmbeddingAttrs{rows, padding, true});
  return out;
}

const GradRule embedding_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<EmbeddingAttrs>();
      return {embedding_grad(g[0], c.in(1), attrs.rows, attrs.padding), {}};
    },
    kIn(1)};

const GradRule embedding_grad_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      return {run_embedding(g[0], c.in(1), c.attrs<EmbeddingAttrs>()), {}};
    },
    kIn(1)};

}  // namespace lydia
