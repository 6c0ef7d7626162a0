// The loss: what the language model predicts, the router's balance, and what introspection claims.
#include "lydia/ops/loss.h"

#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

constexpr int64_t kIgnore = -100;
constexpr double kLeastProbability = 1e-12;  // of what is claimed with certainty, and wrong

Tensor masked_mean(const Tensor& value, const Tensor& counts) {
  return sum(value * counts) / clamp(sum(counts), 1, std::nullopt);
}

// Binary cross-entropy of probabilities p. Of NaN it is NaN: whoever trains, or scales losses, sees
// that in the total.
Tensor log_loss(const Tensor& p, const Tensor& is) {
  const auto bounded_log = [](const Tensor& x) { return log(clamp(x, kLeastProbability, 1)); };
  return -(is * bounded_log(p) + (1.0 - is) * bounded_log(1.0 - p));
}

}  // namespace

AgiformerLoss Agiformer::loss(const AgiformerOutput& out, const Tensor& target) const {
  LYDIA_CHECK(target.dtype() == DType::I64 && out.logits.ndim() == 3 &&
                  target.sizes() == Dims({out.logits.size(0), out.logits.size(1)}),
              ValueError, "AGIFORMER: target: expected int64 ids [batch, length] of the logits ",
              out.logits.sizes(), ", got ", target.dtype(), " ", target.sizes());
  Tensor labels = flatten(target);
  if (config.pad_id >= 0) labels = where(eq(labels, config.pad_id), kIgnore, labels);
  const Tensor logits = flatten(out.logits, 0, 1).to(DType::F32);
  const Tensor counts = ne(labels, kIgnore).to(DType::F32);
  const Tensor total = clamp(sum(counts), 1, std::nullopt);

  AgiformerLoss parts;
  const Tensor none = zeros({});
  parts.language = cross_entropy(logits, labels, {}, LossReduction::Sum) / total;
  parts.balance = parts.router_z = parts.confidence = parts.error = parts.ponder = none;
  for (const RouterInfo& router : out.info.routers) {
    parts.balance = parts.balance + router.load_balancing_loss;
    parts.router_z = parts.router_z + router.z_loss;
  }
  const IntrospectionInfo& seen = out.info.introspection;
  if (seen.present) {
    Tensor right, miss;
    {
      const NoGradGuard guard;
      right = eq(argmax(logits, 1), labels).to(DType::F32);
      const Tensor each = cross_entropy(logits.detach(), labels, {}, LossReduction::None);
      miss = clamp(each * (1 / std::log(static_cast<double>(config.vocab_size) + 1)), 0, 1);
    }
    // With other modalities before the text, the last places are the text's.
    const auto of_text = [&](const Tensor& t) {
      const int64_t n = target.size(1);
      return flatten(narrow(t, 1, t.size(1) - n, n).to(DType::F32));
    };
    const Tensor guess = log_loss(of_text(seen.confidence), right);
    parts.confidence = masked_mean(guess, counts) * config.confidence_weight;
    parts.error = masked_mean(square(of_text(seen.error) - miss), counts) * config.error_weight;
    parts.ponder = masked_mean(of_text(seen.expected_rounds), counts) * config.ponder_weight;
  }
  parts.total = parts.language + parts.balance + parts.router_z + parts.confidence + parts.error +
                parts.ponder;
  return parts;
}

}  // namespace lydia::models
