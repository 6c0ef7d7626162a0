// AGIFORMER as a task of `lydia train`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/train_models.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/text/tokenizer.h"

namespace lydia::cli {

// The windows of a text are read in segments that hand on their memory: at least two where there is
// one, and none longer than max_seq_len. Captions are read whole, behind their picture or sound.
// The loss is the mean over all tokens, its other parts included.
class AgiformerTask final : public train::Task {
 public:
  // `tokenizer`: the folder of the one that the text was cut by; empty for bytes.
  AgiformerTask(std::unique_ptr<models::Agiformer> model, double bytes_per_token,
                const std::string& tokenizer);

  nn::Module& module() override { return *model_; }
  Tensor loss(const train::Batch& batch) override;
  double units(const train::Batch& batch) const override;
  std::string unit() const override { return "tokens"; }
  // The language loss as loss, perplexity and bits_per_byte; each other part of the loss; with
  // introspection the calibration error of its confidence, with several experts the smallest share
  // of tokens that one got in a block; of captions also their bits.
  train::Figures evaluate(train::DataLoader& data) override;
  // The directory that from_pretrained() and `lydia generate` read.
  void save(const std::string& directory) const;

 private:
  int64_t segment_length(const train::Batch& batch) const;

  std::unique_ptr<models::Agiformer> model_;
  double bytes_per_token_;
  std::optional<text::Tokenizer> tokenizer_;
};

// The configuration's section `model`, but for its name.
models::AgiformerConfig agiformer_config_of(const config::Node& config);

extern const ModelFactory kAgiformer;

}  // namespace lydia::cli
