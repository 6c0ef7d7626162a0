// The common tasks: what their loss is, and which figures tell how good a model is.
#pragma once

#include <memory>
#include <string>

#include "lydia/train/trainer.h"

namespace lydia::train {

// One of `classes` per example: the model maps batch["input"] to logits [batch, classes]; the loss
// is the cross-entropy with batch["label"], int64 [batch].
class Classification final : public Task {
 public:
  struct Options {
    Tensor class_weights = {};  // [classes]; undefined: all alike
    double label_smoothing = 0;
  };
  explicit Classification(std::unique_ptr<nn::Module> model)
      : Classification(std::move(model), {}) {}
  Classification(std::unique_ptr<nn::Module> model, Options options);

  nn::Module& module() override { return *model_; }
  Tensor loss(const Batch& batch) override;
  double units(const Batch& batch) const override;
  // loss, accuracy, auroc (one against the rest beyond two classes, where all occur) and ece
  Figures evaluate(DataLoader& data) override;

 private:
  std::unique_ptr<nn::Module> model_;
  Options options_;
};

// A number per example: the model maps batch["input"] to [batch, 1]; the loss is the mean squared
// error against batch["label"], float32 [batch].
class Regression final : public Task {
 public:
  explicit Regression(std::unique_ptr<nn::Module> model);

  nn::Module& module() override { return *model_; }
  Tensor loss(const Batch& batch) override;
  double units(const Batch& batch) const override;
  // loss, mean_absolute_error and r2 (1 - loss / variance of the labels)
  Figures evaluate(DataLoader& data) override;

 private:
  std::unique_ptr<nn::Module> model_;
};

// One of `tags` per word: the model maps batch["input_ids"] to logits [batch, words, tags];
// batch["labels"], int64 [batch, words], holds kIgnoreLabel in the padding. The loss is the
// cross-entropy per word.
class Tagging final : public Task {
 public:
  explicit Tagging(std::unique_ptr<nn::Module> model);

  nn::Module& module() override { return *model_; }
  Tensor loss(const Batch& batch) override;
  double units(const Batch& batch) const override;
  std::string unit() const override { return "words"; }
  // loss, accuracy and f1_macro, per word
  Figures evaluate(DataLoader& data) override;

 private:
  std::unique_ptr<nn::Module> model_;
};

// The next token: the model maps batch["input_ids"], int64 [batch, length], to logits [batch,
// length, vocabulary]; batch["labels"] holds the tokens that follow, or kIgnoreLabel (packing.h
// makes both). The loss is the cross-entropy in nats per token.
class LanguageModel final : public Task {
 public:
  // `bytes_per_token` of the text turns the loss into bits per byte.
  explicit LanguageModel(std::unique_ptr<nn::Module> model, double bytes_per_token = 1);

  nn::Module& module() override { return *model_; }
  Tensor loss(const Batch& batch) override;
  double units(const Batch& batch) const override;
  std::string unit() const override { return "tokens"; }
  // loss, perplexity and bits_per_byte
  Figures evaluate(DataLoader& data) override;

 private:
  std::unique_ptr<nn::Module> model_;
  double bytes_per_token_;
};

// The logits and labels of a whole loader, in its order: [n, classes] and [n].
struct Predictions {
  Tensor logits, labels;
};
Predictions predict(nn::Module& model, DataLoader& data);

}  // namespace lydia::train
