#include "lydia/models/byte_transformer.h"

#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/nn/init.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/random.h"

namespace lydia::models {
namespace {

nn::TransformerOptions layer_options(const ByteTransformerOptions& o) {
  LYDIA_CHECK(o.width > 0 && o.layers > 0 && o.context > 0 && o.vocabulary > 0, ValueError,
              "ByteTransformer: expected width, layers, context and vocabulary of at least 1, got ",
              o.width, ", ", o.layers, ", ", o.context, " and ", o.vocabulary);
  LYDIA_CHECK(o.heads > 0 && o.width % o.heads == 0, ValueError,
              "ByteTransformer: expected a width that the heads divide, got ", o.width, " and ",
              o.heads);
  LYDIA_CHECK(o.dropout >= 0 && o.dropout < 1, ValueError,
              "ByteTransformer: expected dropout in [0, 1), got ", o.dropout);
  nn::TransformerOptions out;
  out.dim_feedforward = 4 * o.width;
  out.dropout = o.dropout;
  out.activation = [](const Tensor& x) { return gelu(x, Gelu::tanh); };
  out.batch_first = out.norm_first = true;
  return out;
}

}  // namespace

// Embeddings start small, so that the tied head's first logits are near 0.
ByteTransformer::ByteTransformer(const ByteTransformerOptions& o)
    : dropout_(o.dropout),
      tokens_(child<nn::Embedding>("tokens", o.vocabulary, o.width)),
      positions_(child<nn::Embedding>("positions", o.context, o.width)),
      layers_(child<nn::TransformerEncoder>("layers", o.width, o.heads, o.layers, layer_options(o),
                                            true)) {
  nn::init::normal_(tokens_.weight, 0, 0.02);
  nn::init::normal_(positions_.weight, 0, 0.02);
}

Tensor ByteTransformer::forward(const Tensor& ids) {
  LYDIA_CHECK(ids.ndim() == 2 && ids.size(1) <= context(), ValueError,
              "ByteTransformer: expected ids [batch, length] with length up to ", context(),
              ", got ", ids.sizes());
  const Tensor h = tokens_(ids) + positions_(arange(0, ids.size(1)));
  const Tensor mixed = layers_.forward(dropout(h, dropout_, training()), {{}, {}, true});
  return linear(mixed, tokens_.weight);
}

}  // namespace lydia::models
