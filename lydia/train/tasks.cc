#include "lydia/train/tasks.h"

#include <cmath>
#include <numbers>

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

LanguageModel::LanguageModel(std::unique_ptr<nn::Module> model, double bytes_per_token)
    : model_(std::move(model)), bytes_per_token_(bytes_per_token) {
  LYDIA_CHECK(bytes_per_token > 0, ValueError,
              "LanguageModel: expected bytes_per_token above 0, got ", bytes_per_token);
}

Tensor LanguageModel::loss(const Batch& batch) {
  return cross_entropy(flatten((*model_)(batch["input_ids"]), 0, 1), flatten(batch["labels"]));
}

double LanguageModel::units(const Batch& batch) const {
  return sum(ne(batch["labels"], kIgnoreLabel)).item<double>();
}

Figures LanguageModel::evaluate(DataLoader& data) {
  const double loss = figure(Task::evaluate(data), "loss");
  return {{"loss", loss},
          {"perplexity", std::exp(loss)},
          {"bits_per_byte", loss * std::numbers::log2e / bytes_per_token_}};
}

Predictions predict(nn::Module& model, DataLoader& data) {
  Tensors logits, labels;
  while (const std::optional<Batch> batch = data.next()) {
    logits.push_back(model(batch->at("input")));
    labels.push_back(batch->at("label"));
  }
  LYDIA_CHECK(!logits.empty(), ValueError, "predict: expected data, got an empty loader");
  return {cat(logits, 0), cat(labels, 0)};
}

}  // namespace lydia::train
