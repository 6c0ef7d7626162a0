#include "lydia/models/byte_transformer.h"

#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/nn/init.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/view.h"

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
  LYDIA_CHECK(o.ngrams > 0 && o.ngrams <= 8 && o.table_rows > 0, ValueError,
              "ByteTransformer: expected ngrams from 1 to 8 and table_rows of at least 1, got ",
              o.ngrams, " and ", o.table_rows);
  nn::TransformerOptions out;
  out.dim_feedforward = 4 * o.width;
  out.dropout = o.dropout;
  out.activation = [](const Tensor& x) { return gelu(x, Gelu::tanh); };
  out.batch_first = out.norm_first = true;
  return out;
}

// A polynomial of the bytes modulo a prime, from that of one byte less: never above 2^52.
constexpr int64_t kPrime = 2147483647, kBase = 1000003;

// x[t] becomes x[t - 1], with 0 before the first.
Tensor one_later(const Tensor& x) { return pad(narrow(x, 1, 0, x.size(1) - 1), {1, 0}); }

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
  for (int64_t n = 2; n <= o.ngrams; ++n) {
    tables_.push_back(&child<nn::Embedding>("grams" + std::to_string(n), o.table_rows, o.width));
    nn::init::normal_(tables_.back()->weight, 0, 0.02);
  }
}

// The hash of n bytes ending at t: that of n - 1 bytes ending at t - 1, times kBase, plus b[t] + 1.
Tensor ByteTransformer::embed(const Tensor& ids) {
  Tensor h = tokens_(ids) + positions_(arange(0, ids.size(1)));
  const Tensor byte = ids + 1;
  Tensor hash = byte;
  for (nn::Embedding* table : tables_) {
    hash = remainder(one_later(hash) * kBase + byte, kPrime);
    h = h + (*table)(remainder(hash, table->num_embeddings));
  }
  return h;
}

Tensor ByteTransformer::forward(const Tensor& ids) {
  LYDIA_CHECK(ids.ndim() == 2 && ids.size(1) <= context(), ValueError,
              "ByteTransformer: expected ids [batch, length] with length up to ", context(),
              ", got ", ids.sizes());
  const Tensor mixed = layers_.forward(dropout(embed(ids), dropout_, training()), {{}, {}, true});
  return linear(mixed, tokens_.weight);
}

}  // namespace lydia::models
