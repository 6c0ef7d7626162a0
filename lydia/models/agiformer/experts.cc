#include "lydia/models/agiformer/experts.h"

#include <array>
#include <cmath>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/nn/init.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/embedding.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

// log(e^y - 1), whose softplus is y.
double before_softplus(double y) { return std::log(std::expm1(y)); }

// Verb roots are roots too. What follows the possessives are endings of case, tense and number.
constexpr int64_t kFirstRoot = 2, kLastRoot = 5, kVerb = 3, kFirstSuffix = 6;

}  // namespace

std::unique_ptr<Expert> make_expert(const std::string& type, const AgiformerConfig& config) {
  if (type == "language") return std::make_unique<LanguageExpert>(config);
  if (type == "logic") return std::make_unique<LogicExpert>(config);
  if (type == "spatial") return std::make_unique<SpatialExpert>(config);
  if (type == "causal") return std::make_unique<CausalExpert>(config);
  if (type == "dense") return std::make_unique<DenseExpert>(config);
  fail<ValueError>("AGIFORMER: expected an expert language, logic, spatial, causal or dense, got '",
                   type, "'", nearest_hint(type, kExpertNames));
}

// ---- language

LanguageExpert::LanguageExpert(const AgiformerConfig& c)
    : attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{c.d_model})),
      attention_(child<Attention>("attention", c, c.expert_window)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      gate_(child<nn::Linear>("gate", c.d_model, c.d_ff, false)),
      up_(child<nn::Linear>("up", c.d_model, c.d_ff, false)),
      down_(child<nn::Linear>("down", c.d_ff, c.d_model, false)),
      morpheme_(parameter("morpheme", {kMorphemeTypes, c.d_model}, c.use_morphology)),
      category_(parameter("category", {kCategories, c.d_model}, c.use_morphology)),
      root_(parameter("root", {c.n_heads}, c.use_morphology)),
      suffix_(parameter("suffix", {c.n_heads}, c.use_morphology)),
      verb_(parameter("verb", {c.n_heads}, c.use_morphology)) {
  if (!c.use_morphology) return;
  nn::init::normal_(morpheme_, 0, 0.02);
  nn::init::normal_(category_, 0, 0.02);
  nn::init::constant_(root_, 0.75);
  nn::init::constant_(suffix_, 0.36);
  nn::init::constant_(verb_, before_softplus(2.0));
}

// The cache keeps the place of the last verb, for tokens that come without types.
KeyTerms LanguageExpert::terms(const Flow& flow) {
  Tensor types = flow.morpho_types;
  Tensor* const last = flow.cache ? &flow.cache->value(this) : nullptr;
  if (!morpheme_.defined() || (!types.defined() && !(last && last->defined()))) return {};
  if (!types.defined()) types = zeros({flow.batch, flow.tokens}, DType::I64);
  const auto by_head = [&](const Tensor& is, const Tensor& amount) {
    return unsqueeze(is.to(DType::F32), 1) * reshape(amount, {1, -1, 1});
  };
  KeyTerms out;
  out.bias = by_head(ge(types, kFirstRoot) & le(types, kLastRoot), root_) +
             by_head(ge(types, kFirstSuffix), suffix_);
  // Padding is no verb, whatever its ids say.
  const Tensor is_verb = flow.real.defined() ? eq(types, kVerb) & flow.real : eq(types, kVerb);
  Tensor verb = where(is_verb, arange(flow.past, flow.keys()), full({}, -1, DType::I64));
  if (last && last->defined()) verb = maximum(verb, *last);
  out.boosted = cummax(verb, 1).first;
  out.boost = verb_;
  if (last) *last = clone(narrow(out.boosted, 1, flow.tokens - 1, 1));
  return out;
}

Tensor LanguageExpert::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  Tensor in = x;
  if (morpheme_.defined() && flow.morpho_types.defined())
    in = in + embedding(morpheme_, flow.morpho_types);
  if (category_.defined() && flow.semantic_categories.defined())
    in = in + embedding(category_, flow.semantic_categories);
  const Tensor attended = attention_.forward(attention_norm_(in), flow, routed, terms(flow));
  const Tensor h = norm_(routed.of(in) + attended);
  return attended + down_(silu(gate_(h)) * up_(h));
}

// ---- logic

LogicExpert::LogicExpert(const AgiformerConfig& c)
    : attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{c.d_model})),
      attention_(child<Attention>("attention", c, c.expert_window)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      relation_(child<RelationNetwork>("relation", c, true)) {}

// Relations compare the tokens as they came: what attention adds is known for the sent ones only.
Tensor LogicExpert::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  const Tensor attended = attention_.forward(attention_norm_(x), flow, routed);
  return attended + relation_.forward(norm_(x), flow, routed);
}

// ---- spatial

SpatialExpert::SpatialExpert(const AgiformerConfig& c)
    : norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      space_(child<SpatialNetwork>("space", c)),
      attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{c.d_model})),
      attention_(child<Attention>("attention", c, c.expert_window)) {}

Tensor SpatialExpert::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  return space_.forward(norm_(x), flow, routed) +
         attention_.forward(attention_norm_(x), flow, routed);
}

// ---- causal

// Heads fade over about 2, 4, 8, ... up to 256 tokens, as ALiBi spreads them (Press et al. 2022).
CausalExpert::CausalExpert(const AgiformerConfig& c)
    : time_(child<nn::Linear>("time", kTimeFeatures, c.d_model)),
      attention_norm_(child<nn::LayerNorm>("attention_norm", Dims{c.d_model})),
      attention_(child<Attention>("attention", c, c.expert_window)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      relation_(child<RelationNetwork>("relation", c, false)),
      decay_(parameter("decay", {c.n_heads})) {
  const Tensor slope =
      exp2(arange(1, c.n_heads + 1, 1, DType::F32) * (-8.0 / static_cast<double>(c.n_heads)));
  decay_.set_data(log(expm1(slope)));
}

Tensor CausalExpert::forward(const Tensor& x, const Flow& flow, const Routed& routed) {
  const Tensor rate = exp(arange(0, kTimeFeatures / 2, 1, DType::F32) *
                          (-std::log(10000.0) / (kTimeFeatures / 2.0)));
  const Tensor angle = unsqueeze(flow.position.to(DType::F32), -1) * rate;
  const Tensor waves = cat(std::array{sin(angle), cos(angle)}, -1).to(x.dtype());
  const Tensor in = x + time_(waves);
  KeyTerms terms;
  if (flow.causal) terms.decay = softplus(decay_).to(x.dtype());
  const Tensor attended = attention_.forward(attention_norm_(in), flow, routed, terms);
  return attended + relation_.forward(norm_(in), flow, routed);
}

// ---- dense

DenseExpert::DenseExpert(const AgiformerConfig& c)
    : gate_(child<nn::Linear>("gate", c.d_model, c.d_ff, false)),
      up_(child<nn::Linear>("up", c.d_model, c.d_ff, false)),
      down_(child<nn::Linear>("down", c.d_ff, c.d_model, false)) {}

// x comes normalised from the block.
Tensor DenseExpert::forward(const Tensor& x, const Flow&, const Routed& routed) {
  const Tensor h = routed.of(x);
  return down_(silu(gate_(h)) * up_(h));
}

}  // namespace lydia::models
