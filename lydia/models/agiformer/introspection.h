// Introspection: the last states are looked at again, judged and corrected, in up to
// max_iterations rounds. Each round, for each token on its own:
//
//   m = GELU(W [x + attention(LN x); summary of earlier blocks])
//   error = sigmoid(..m), confidence = sigmoid(..m), halt = sigmoid(..m)
//   x <- x + error (LN(x + correction([m; error])) - x)
//
// The result is the mean of the rounds' states, weighted by when the token halts (Graves, "Adaptive
// Computation Time", 2016): no token's decision touches another's.
#pragma once

#include <vector>

#include "lydia/models/agiformer/attention.h"
#include "lydia/nn/norm.h"

namespace lydia::models {

struct IntrospectionRound {
  Tensor error, confidence;  // [batch, tokens]
};
struct IntrospectionInfo {
  bool present = false;
  Tensor confidence, error;  // [batch, tokens], part of the graph: weighted over the rounds
  Tensor expected_rounds;    // [batch, tokens], part of the graph
  std::vector<IntrospectionRound> rounds;
};

class Introspection : public nn::Module {
 public:
  explicit Introspection(const AgiformerConfig& config);
  using nn::Module::forward;
  // x, summary [batch, tokens, d]
  Tensor forward(const Tensor& x, const Tensor& summary, const Flow& flow, IntrospectionInfo& info);

  static constexpr double kHalted = 0.01;  // a token with less weight than this left has halted

 private:
  const int64_t max_rounds_;
  nn::LayerNorm& attention_norm_;
  Attention& attention_;
  nn::Linear &meta_, &heads_;  // heads: error, confidence, halt
  nn::Linear &correct_in_, &correct_out_;
  nn::LayerNorm& norm_;
};

}  // namespace lydia::models
