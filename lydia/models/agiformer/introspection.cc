#include "lydia/models/agiformer/introspection.h"

#include <array>

#include "lydia/ops/activation.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {

Introspection::Introspection(const AgiformerConfig& c)
    : max_rounds_(c.max_iterations),
      attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{c.d_model})),
      attention_(child<Attention>("attention", c, 0)),
      meta_(child<nn::Linear>("meta", 2 * c.d_model, c.d_model)),
      heads_(child<nn::Linear>("heads", c.d_model, 3)),
      correct_in_(child<nn::Linear>("correct_in", c.d_model + 1, c.d_model)),
      correct_out_(child<nn::Linear>("correct_out", c.d_model, c.d_model)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})) {}

// Rounds that no token needs any more are left out, but for the cache, where later tokens may.
Tensor Introspection::forward(const Tensor& states, const Tensor& summary, const Flow& flow,
                              IntrospectionInfo& info) {
  Tensor x = states, result, left = ones({flow.batch, flow.tokens, 1}, x.dtype());
  const auto weighted = [](const Tensor& sum, const Tensor& part) {
    return sum.defined() ? sum + part : part;
  };
  info.present = true;
  for (int64_t round = 0; round < max_rounds_; ++round) {
    Flow own = flow;
    if (flow.cache) own.cache = &flow.cache->part(static_cast<int>(round));
    const Tensor looked = x + attention_.forward(attention_norm_(x), own);
    const Tensor m = gelu(meta_(cat(std::array{looked, summary}, -1)), Gelu::tanh);
    const Tensor scores = sigmoid(heads_(m));
    const Tensor error = narrow(scores, -1, 0, 1), confidence = narrow(scores, -1, 1, 1);
    const Tensor corrected =
        norm_(x + correct_out_(gelu(correct_in_(cat(std::array{m, error}, -1)), Gelu::tanh)));
    x = lerp(x, corrected, error);

    const Tensor after = left * (1.0 - narrow(scores, -1, 2, 1));
    const bool last = round + 1 == max_rounds_;
    const Tensor halted = lt(after.detach(), kHalted);
    const Tensor rest = last ? zeros_like(left) : where(halted, 0.0, after);
    const Tensor share = left - rest;
    result = weighted(result, share * x);
    info.confidence = weighted(info.confidence, squeeze(share * confidence, {-1}));
    info.error = weighted(info.error, squeeze(share * error, {-1}));
    info.expected_rounds =
        weighted(info.expected_rounds, squeeze(share, {-1}) * static_cast<double>(round + 1));
    info.rounds.push_back({squeeze(error.detach(), {-1}), squeeze(confidence.detach(), {-1})});
    left = rest;
    if (!flow.cache && all(eq(rest.detach(), 0)).item<bool>()) break;
  }
  return result;
}

}  // namespace lydia::models
