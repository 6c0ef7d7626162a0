// The mixture of experts and the block around it, normalised before each part:
//
//   x <- x + drop(attention(LN x));  x <- x + drop(mixture(LN x))
#pragma once

#include <vector>

#include "lydia/models/agiformer/experts.h"

namespace lydia::models {

class MixtureOfExperts : public nn::Module {
 public:
  explicit MixtureOfExperts(const AgiformerConfig& config);
  using nn::Module::forward;
  // The weighted sum of the chosen experts' updates; each computes for its tokens only.
  Tensor forward(const Tensor& h, const Flow& flow, RouterInfo& info);

  Expert& expert(size_t i) const { return *experts_[i]; }
  size_t size() const { return experts_.size(); }
  Router& router() const { return router_; }

 private:
  Router& router_;
  std::vector<Expert*> experts_;
};

class Block : public nn::Module {
 public:
  explicit Block(const AgiformerConfig& config);
  using nn::Module::forward;
  Tensor forward(const Tensor& x, const Flow& flow, RouterInfo& info);

  MixtureOfExperts& moe() const { return moe_; }

 private:
  Tensor compute(const Tensor& x, const Flow& flow, RouterInfo& info);

  const AgiformerConfig& config_;
  nn::LayerNorm& attention_norm_;
  Attention& attention_;
  nn::LayerNorm& moe_norm_;
  MixtureOfExperts& moe_;
};

}  // namespace lydia::models
