#include "lydia/train/tasks.h"

#include <cmath>
#include <numbers>
#include <optional>

#include "lydia/core/error.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/unique.h"
#include "lydia/ops/view.h"
#include "lydia/train/metrics.h"
#include "lydia/train/metrics_calibration.h"
#include "lydia/train/metrics_ranking.h"

namespace lydia::train {
namespace {

// Labels that count.
double count_labels(const Batch& batch) {
  return sum(ne(batch["labels"], kIgnoreLabel)).item<double>();
}

bool all_finite(const Tensor& x) { return all(isfinite(x)).item<bool>(); }

// What a model gave for the examples from `first` on, before metrics are made of it. Throws for a
// number that is not finite and says whose fault it is: the input's, or the weights'.
void check_outputs(const nn::Module& model, const Tensor& input, const Tensor& out, int64_t first) {
  if (all_finite(out)) return;
  int64_t i = 0;
  while (all_finite(select(out, 0, i))) ++i;
  std::string reason = "its input and the weights are finite, and grew too large on the way";
  for (const auto& [name, weights] : model.named_parameters()) {
    if (all_finite(weights.detach())) continue;
    reason = "the weights " + name + " are not finite either: the training diverged";
    break;
  }
  if (is_floating(input.dtype()) && !all_finite(select(input, 0, i))) {
    reason = "its input is not finite either";
  }
  fail<NotFiniteError>("expected finite outputs of the model, got others for example ", first + i,
                       "; ", reason);
}

}  // namespace

Classification::Classification(std::unique_ptr<nn::Module> model, Options options)
    : model_(std::move(model)), options_(std::move(options)) {}

Tensor Classification::loss(const Batch& batch) {
  return cross_entropy((*model_)(batch["input"]), batch["label"], options_.class_weights,
                       LossReduction::Mean, -100, options_.label_smoothing);
}

double Classification::units(const Batch& batch) const {
  return static_cast<double>(batch["label"].size(0));
}

Figures Classification::evaluate(DataLoader& data) {
  const Predictions seen = predict(*model_, data);
  const Tensor p = softmax(seen.logits, 1);
  Accuracy accuracy;
  accuracy.update(p, seen.labels);
  Figures figures{{"loss", cross_entropy(seen.logits, seen.labels).item<double>()},
                  {"accuracy", accuracy.compute()}};
  if (p.size(1) == 2) {
    figures.emplace_back("auroc", auroc(select(p, 1, 1), seen.labels));
  } else if (unique(seen.labels).values.numel() == p.size(1)) {
    figures.emplace_back("auroc", auroc_one_vs_rest(p, seen.labels));
  }
  figures.emplace_back("ece", calibration_error(reliability_bins(p, seen.labels)));
  return figures;
}

Regression::Regression(std::unique_ptr<nn::Module> model) : model_(std::move(model)) {}

Tensor Regression::loss(const Batch& batch) {
  return mse_loss(flatten((*model_)(batch["input"])), batch["label"]);
}

double Regression::units(const Batch& batch) const {
  return static_cast<double>(batch["label"].size(0));
}

Figures Regression::evaluate(DataLoader& data) {
  const Predictions seen = predict(*model_, data);
  const Tensor values = flatten(seen.logits);
  const double error = mse_loss(values, seen.labels).item<double>();
  const double spread =
      mse_loss(seen.labels, expand(mean(seen.labels), seen.labels.sizes())).item<double>();
  return {{"loss", error},
          {"mean_absolute_error", l1_loss(values, seen.labels).item<double>()},
          {"r2", 1 - error / spread}};
}

Tagging::Tagging(std::unique_ptr<nn::Module> model) : model_(std::move(model)) {}

Tensor Tagging::loss(const Batch& batch) {
  return cross_entropy(flatten((*model_)(batch["input_ids"]), 0, 1), flatten(batch["labels"]));
}

double Tagging::units(const Batch& batch) const { return count_labels(batch); }

Figures Tagging::evaluate(DataLoader& data) {
  Mean loss;
  std::optional<ConfusionMatrix> counts;
  int64_t seen = 0;
  while (const std::optional<Batch> batch = data.next()) {
    const Tensor scores = (*model_)(batch->at("input_ids"));
    check_outputs(*model_, batch->at("input_ids"), scores, seen);
    seen += scores.size(0);
    const Tensor logits = flatten(scores, 0, 1);
    const Tensor labels = flatten(batch->at("labels"));
    if (!counts) counts.emplace(logits.size(1));
    counts->update(logits, labels);
    loss.update(cross_entropy(logits, labels).item<double>(), units(*batch));
  }
  LYDIA_CHECK(counts, ValueError, "Tagging: expected data, got an empty loader");
  return {{"loss", loss.compute()},
          {"accuracy", counts->accuracy()},
          {"f1_macro", counts->scores(Average::Macro).f1}};
}

LanguageModel::LanguageModel(std::unique_ptr<nn::Module> model, double bytes_per_token)
    : model_(std::move(model)), bytes_per_token_(bytes_per_token) {
  LYDIA_CHECK(bytes_per_token > 0, ValueError,
              "LanguageModel: expected bytes_per_token above 0, got ", bytes_per_token);
}

Tensor LanguageModel::loss(const Batch& batch) {
  return cross_entropy(flatten((*model_)(batch["input_ids"]), 0, 1), flatten(batch["labels"]));
}

double LanguageModel::units(const Batch& batch) const { return count_labels(batch); }

Figures LanguageModel::evaluate(DataLoader& data) {
  const double loss = figure(Task::evaluate(data), "loss");
  return {{"loss", loss},
          {"perplexity", std::exp(loss)},
          {"bits_per_byte", loss * std::numbers::log2e / bytes_per_token_}};
}

Predictions predict(nn::Module& model, DataLoader& data) {
  Tensors logits, labels;
  int64_t seen = 0;
  while (const std::optional<Batch> batch = data.next()) {
    logits.push_back(model(batch->at("input")));
    check_outputs(model, batch->at("input"), logits.back(), seen);
    seen += logits.back().size(0);
    labels.push_back(batch->at("label"));
  }
  LYDIA_CHECK(!logits.empty(), ValueError, "predict: expected data, got an empty loader");
  return {cat(logits, 0), cat(labels, 0)};
}

}  // namespace lydia::train
