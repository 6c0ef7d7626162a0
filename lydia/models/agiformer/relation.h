// What a token and those of the window before it (itself among them) have to do with each other.
#pragma once

#include "lydia/models/agiformer/dispatch.h"
#include "lydia/nn/norm.h"

namespace lydia::models {

// Which rows of `keys` (the new tokens after up to window - 1 cached ones) each asking row sees.
struct Window {
  Tensor last;   // int64 [rows]: the row of the asking token among the flattened keys
  Tensor first;  // int64 [rows]: the first row of its sequence among them
  Tensor end;    // int64 [rows]: behind the last row of its sequence
  Tensor valid;  // float [keys flattened] 0 or 1, or undefined: all count
  int64_t back = 0, ahead = 0;  // rows seen before and after `last`
};
Window make_window(const Flow& flow, const Routed& routed, int64_t kept, bool itself = true);

// mean over j in the window of row i of GELU(q_i + k_j): q [rows, r], k [keys, r] -> [rows, r].
// Pairs exist only for a few rows at a time, forward and backward.
Tensor pair_mean(const Tensor& q, const Tensor& k, const Window& window);

// Relations of tokens: with a = A x and b = B x, computed once per token,
//   y_i = LN(W [mean_j GELU(a_i + b_j); mean_j GELU(b_i + a_j)])
// where `both`, else the first alone, which is directed: what j does to i.
class RelationNetwork : public nn::Module {
 public:
  RelationNetwork(const AgiformerConfig& config, bool both);
  using nn::Module::forward;
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed);

 private:
  const int64_t width_, window_;
  const bool both_;
  nn::Linear& parts_;
  nn::LayerNorm& norm_;
  nn::Linear& out_;
};

// Places of tokens in a space of a few coordinates per group: distances and cosines to the tokens
// before them in the window, as means, extremes and soft histograms, mapped back to d.
class SpatialNetwork : public nn::Module {
 public:
  explicit SpatialNetwork(const AgiformerConfig& config);
  using nn::Module::forward;
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed);

  static constexpr int64_t kCoordinates = 16, kBins = 6;

 private:
  Tensor features(const Tensor& place, const Tensor& places, const Window& window);

  const int64_t groups_, window_;
  nn::Linear& coordinates_;
  nn::Linear &in_, &out_;
};

}  // namespace lydia::models
