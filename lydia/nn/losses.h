// Losses as modules, by torch.nn's names and defaults: loss(input, target).
#pragma once

#include <string>

#include "lydia/nn/module.h"
#include "lydia/ops/loss.h"

namespace lydia::nn {

// ---- functions of pairs and triples of vectors

// a . b / (max(|a|, eps) max(|b|, eps)) along dim.
Tensor cosine_similarity(const Tensor& a, const Tensor& b, int64_t dim = 1, double eps = 1e-8);
// The p-norm of a - b + eps over the last dimension.
Tensor pairwise_distance(const Tensor& a, const Tensor& b, double p = 2, double eps = 1e-6,
                         bool keepdim = false);
// 1 - cos where target is 1, max(0, cos - margin) where it is -1; rows are vectors.
Tensor cosine_embedding_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                             double margin = 0, LossReduction reduction = LossReduction::Mean);
// max(0, d(anchor, positive) - d(anchor, negative) + margin); `swap` counts the negative's
// distance to the positive where that is smaller (Balntas et al. 2016).
struct TripletOptions {
  double margin = 1, p = 2, eps = 1e-6;
  bool swap = false;
  LossReduction reduction = LossReduction::Mean;
};
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletOptions& options = {});

// ---- modules

class Loss : public Module {
 public:
  virtual Tensor forward(const Tensor& input, const Tensor& target) = 0;
  using Module::forward;
  Tensor operator()(const Tensor& input, const Tensor& target) { return forward(input, target); }
};

#define LYDIA_NN_LOSS(Name, function)                                      \
  struct Name : Loss {                                                     \
    explicit Name(LossReduction r = LossReduction::Mean) : reduction(r) {} \
    Tensor forward(const Tensor& input, const Tensor& target) override {   \
      return function(input, target, reduction);                           \
    }                                                                      \
    const LossReduction reduction;                                         \
  };
LYDIA_NN_LOSS(MSELoss, mse_loss)
LYDIA_NN_LOSS(L1Loss, l1_loss)
#undef LYDIA_NN_LOSS

struct SmoothL1Loss : Loss {
  explicit SmoothL1Loss(double b = 1, LossReduction r = LossReduction::Mean)
      : beta(b), reduction(r) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return smooth_l1_loss(input, target, reduction, beta);
  }
  const double beta;
  const LossReduction reduction;
};

struct HuberLoss : Loss {
  explicit HuberLoss(double d = 1, LossReduction r = LossReduction::Mean)
      : delta(d), reduction(r) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return huber_loss(input, target, reduction, delta);
  }
  const double delta;
  const LossReduction reduction;
};

// `weight` becomes a buffer of the module.
struct ClassLossOptions {
  Tensor weight;
  int64_t ignore_index = -100;
  LossReduction reduction = LossReduction::Mean;
  double label_smoothing = 0;  // cross entropy only
};

struct CrossEntropyLoss : Loss {
  explicit CrossEntropyLoss(const ClassLossOptions& o = {}) : options(o) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return cross_entropy(input, target, weight, options.reduction, options.ignore_index,
                         options.label_smoothing);
  }
  const ClassLossOptions options;
  Tensor& weight = buffer("weight", options.weight);
};

struct NLLLoss : Loss {
  explicit NLLLoss(const ClassLossOptions& o = {}) : options(o) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return nll_loss(input, target, weight, options.reduction, options.ignore_index);
  }
  const ClassLossOptions options;
  Tensor& weight = buffer("weight", options.weight);
};

struct BCELoss : Loss {
  explicit BCELoss(const Tensor& w = {}, LossReduction r = LossReduction::Mean)
      : weight(buffer("weight", w)), reduction(r) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return binary_cross_entropy(input, target, weight, reduction);
  }
  Tensor& weight;
  const LossReduction reduction;
};

struct BCEWithLogitsLoss : Loss {
  explicit BCEWithLogitsLoss(const Tensor& w = {}, const Tensor& positive = {},
                             LossReduction r = LossReduction::Mean)
      : weight(buffer("weight", w)), pos_weight(buffer("pos_weight", positive)), reduction(r) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weight);
  }
  Tensor &weight, &pos_weight;
  const LossReduction reduction;
};

struct KLDivLoss : Loss {
  explicit KLDivLoss(LossReduction r = LossReduction::Mean, bool log = false, bool batch = false)
      : reduction(r), log_target(log), batch_mean(batch) {}
  Tensor forward(const Tensor& input, const Tensor& target) override {
    return kl_div(input, target, reduction, log_target, batch_mean);
  }
  const LossReduction reduction;
  const bool log_target, batch_mean;
};

}  // namespace lydia::nn
