// The experts of the mixture: the four specialised ones, and a plain one to compare with. Each
// gives the update of the tokens that were sent to it; keys, values and what relations compare come
// from all tokens. All are causal where the flow is.
#pragma once

#include <memory>
#include <string>

#include "lydia/models/agiformer/attention.h"
#include "lydia/models/agiformer/relation.h"

namespace lydia::models {

class Expert : public nn::Module {
 public:
  using nn::Module::forward;
  // x [batch, tokens, d] -> [routed.count(), d]: the sum of its sublayers' updates.
  virtual Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) = 0;
};

// ValueError, with the known names, for another one.
std::unique_ptr<Expert> make_expert(const std::string& type, const AgiformerConfig& config);

// Attention whose scores know the morphology of keys, then a gated feed-forward network. For query
// i and key j each head adds a term where j is a root, one where j is a suffix, and one where j is
// the nearest verb at or before i; embeddings of morpheme type and meaning are added to the input.
class LanguageExpert final : public Expert {
 public:
  explicit LanguageExpert(const AgiformerConfig& config);
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) override;

  static constexpr int64_t kMorphemeTypes = 23, kCategories = 12;

 private:
  KeyTerms terms(const Flow& flow);

  nn::LayerNorm& attention_norm_;
  Attention& attention_;
  nn::LayerNorm& norm_;
  nn::Linear &gate_, &up_, &down_;
  // With morphology: [types, d], [categories, d], and per head what roots, suffixes and (through
  // softplus) the verb add to scores.
  Tensor &morpheme_, &category_, &root_, &suffix_, &verb_;
};

// Attention, then relations in both directions.
class LogicExpert final : public Expert {
 public:
  explicit LogicExpert(const AgiformerConfig& config);
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) override;

 private:
  nn::LayerNorm& attention_norm_;
  Attention& attention_;
  nn::LayerNorm& norm_;
  RelationNetwork& relation_;
};

// Distances and angles between tokens in learned spaces, then attention.
class SpatialExpert final : public Expert {
 public:
  explicit SpatialExpert(const AgiformerConfig& config);
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) override;

 private:
  nn::LayerNorm& norm_;
  SpatialNetwork& space_;
  nn::LayerNorm& attention_norm_;
  Attention& attention_;
};

// Time: an embedding of the token's place, attention that fades per head with i - j, and what
// earlier tokens cause, a relation in one direction.
class CausalExpert final : public Expert {
 public:
  explicit CausalExpert(const AgiformerConfig& config);
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) override;

  static constexpr int64_t kTimeFeatures = 32;

 private:
  nn::Linear& time_;
  nn::LayerNorm& attention_norm_;
  Attention& attention_;
  nn::LayerNorm& norm_;
  RelationNetwork& relation_;
  Tensor& decay_;  // [heads], through softplus
};

// A gated feed-forward network and nothing else: alone in its layer, that of a plain transformer.
class DenseExpert final : public Expert {
 public:
  explicit DenseExpert(const AgiformerConfig& config);
  Tensor forward(const Tensor& x, const Flow& flow, const Routed& routed) override;

 private:
  nn::Linear &gate_, &up_, &down_;
};

}  // namespace lydia::models
