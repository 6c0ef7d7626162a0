// A tagger of words: the embeddings of a word's features are added up, a bidirectional LSTM reads
// the sentence both ways, and a linear layer scores the tags (after Huang, Xu and Yu 2015).
#pragma once

#include <cstdint>

#include "lydia/nn/embedding.h"
#include "lydia/nn/linear.h"
#include "lydia/nn/module.h"
#include "lydia/nn/rnn.h"

namespace lydia::models {

struct TaggerOptions {
  int64_t buckets = 1 << 15, tags = 17;
  int64_t width = 64, hidden = 128, layers = 1;
  double dropout = 0.3;
};

// ids int64 [batch, words, features] below `buckets`, 0 in the padding behind a sentence -> logits
// [batch, words, tags]. Padding has no part in the logits of the words.
class Tagger final : public nn::Module {
 public:
  explicit Tagger(const TaggerOptions& options);
  Tensor forward(const Tensor& ids) override;

 private:
  double dropout_;
  nn::Embedding& features_;
  nn::LSTM& reader_;
  nn::Linear& head_;
};

}  // namespace lydia::models
