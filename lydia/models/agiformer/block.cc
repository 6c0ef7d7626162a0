#include "lydia/models/agiformer/block.h"

#include <memory>
#include <string>
#include <utility>

#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/view.h"

namespace lydia::models {

MixtureOfExperts::MixtureOfExperts(const AgiformerConfig& config)
    : router_(child<Router>("router", config)) {
  for (int64_t e = 0; e < config.n_experts; ++e) {
    auto expert = make_expert(config.expert_type(e), config);
    experts_.push_back(expert.get());
    adopt("expert" + std::to_string(e), std::move(expert));
  }
}

Tensor MixtureOfExperts::forward(const Tensor& h, const Flow& flow, RouterInfo& info) {
  const Routing routing = router_.forward(h, flow);
  info = routing.info;
  Tensors updates;
  for (size_t e = 0; e < experts_.size(); ++e)
    updates.push_back(experts_[e]->forward(h, flow, routing.experts[e]));
  if (!routing.weights.defined()) return reshape(updates[0], h.sizes());
  const Tensor joined = cat(updates, 0);
  const Tensor weights = routing.weights.to(h.dtype());
  Tensor out;
  for (size_t j = 0; j < routing.position.size(); ++j) {
    const Tensor part = index_select(joined, 0, routing.position[j]) *
                        narrow(weights, 1, static_cast<int64_t>(j), 1);
    out = out.defined() ? out + part : part;
  }
  return reshape(out, h.sizes());
}

Block::Block(const AgiformerConfig& config)
    : config_(config),
      attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{config.d_model})),
      attention_(child<Attention>("attention", config, 0)),
      moe_norm_(child<nn::LayerNorm>("moe_norm", Dims{config.d_model})),
      moe_(child<MixtureOfExperts>("moe", config)) {}

Tensor Block::compute(const Tensor& x, const Flow& flow, RouterInfo& info) {
  const double p = config_.dropout;
  const Tensor h = x + dropout(attention_.forward(attention_norm_(x), flow), p, flow.training);
  return h + dropout(moe_.forward(moe_norm_(h), flow, info), p, flow.training);
}

// Under checkpointing the router's losses are outputs beside the states, so that gradients reach
// them too.
Tensor Block::forward(const Tensor& x, const Flow& flow, RouterInfo& info) {
  if (!config_.gradient_checkpointing || !flow.training || !grad_state().grad_enabled)
    return compute(x, flow, info);
  const auto seen = std::make_shared<RouterInfo>();
  const auto again = [this, flow, seen](const Tensors& in) {
    const Tensor y = compute(in[0], flow, *seen);
    return Tensors{y, std::exchange(seen->load_balancing_loss, {}),
                   std::exchange(seen->z_loss, {})};
  };
  const Tensors out = checkpoint(again, {x});
  info = *seen;
  info.load_balancing_loss = out[1];
  info.z_loss = out[2];
  return out[0];
}

}  // namespace lydia::models
