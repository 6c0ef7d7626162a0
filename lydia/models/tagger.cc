#include "lydia/models/tagger.h"

#include <vector>

#include "lydia/core/error.h"
#include "lydia/nn/init.h"
#include "lydia/nn/recurrent.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

nn::RnnOptions reader_options(const TaggerOptions& o) {
  LYDIA_CHECK(o.dropout >= 0 && o.dropout < 1, ValueError,
              "Tagger: expected dropout in [0, 1), got ", o.dropout);
  return {.num_layers = o.layers, .dropout = o.layers > 1 ? o.dropout : 0, .bidirectional = true};
}

// How many of the sentences, sorted from the longest, reach each of the times; at least the first.
std::vector<int64_t> rows_at(const Tensor& sorted_lengths, int64_t times) {
  std::vector<int64_t> rows(static_cast<size_t>(times), 0);
  const int64_t* lengths = sorted_lengths.data<int64_t>();
  for (int64_t i = 0; i < sorted_lengths.numel(); ++i) {
    for (int64_t t = 0; t < (i == 0 ? times : lengths[i]); ++t) ++rows[static_cast<size_t>(t)];
  }
  return rows;
}

}  // namespace

Tagger::Tagger(const TaggerOptions& o)
    : dropout_(o.dropout),
      features_(child<nn::Embedding>("features", o.buckets, o.width, 0)),
      reader_(child<nn::LSTM>("reader", o.width, o.hidden, reader_options(o))),
      head_(child<nn::Linear>("head", 2 * o.hidden, o.tags)) {
  nn::init::normal_(features_.weight, 0, 0.1);
}

Tensor Tagger::forward(const Tensor& ids) {
  LYDIA_CHECK(ids.ndim() == 3, ValueError, "Tagger: expected ids [batch, words, features], got ",
              ids.sizes());
  const Tensor lengths = sum(ne(select(ids, 2, 0), 0), {1});
  const Tensor order = argsort(lengths, 0, true), back = argsort(order, 0);
  const Tensor words =
      dropout(sum(features_(index_select(ids, 0, order)), {2}), dropout_, training());
  const auto& o = reader_.options;
  const Tensor zero = zeros({2 * o.num_layers, ids.size(0), reader_.hidden_size}, words.dtype());
  const nn::RecurrentResult read =
      nn::recurrent(transpose(words, 0, 1), zero, zero, reader_.parameters(),
                    {.kind = nn::Recurrence::Lstm,
                     .layers = o.num_layers,
                     .bidirectional = true,
                     .bias = o.bias,
                     .dropout = training() ? o.dropout : 0,
                     .rows = rows_at(contiguous(index_select(lengths, 0, order)), ids.size(1))});
  const Tensor h = index_select(transpose(read.output, 0, 1), 0, back);
  return head_(dropout(h, dropout_, training()));
}

}  // namespace lydia::models
