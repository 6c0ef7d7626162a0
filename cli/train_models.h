// The models of `lydia train`: a table, one row each, chosen by `model.name`.
//
// A new model is a ModelFactory (its keys, what it takes, how its task is made), one line in the
// table of train_models.cc and one file conf/model/<name>.yaml.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cli/train_data.h"
#include "lydia/train/tasks.h"

namespace lydia::cli {

struct ModelFactory {
  std::string_view name;
  std::span<const config::Field> fields;  // keys of `model` beside `name`
  std::span<const Examples> takes;
  // The model with its loss; models with the usual ones call supervised() or language_model().
  std::unique_ptr<train::Task> (*make)(const config::Node& config, const RunData& data);
  // Writes the trained model into a folder; by default its weights, as model.safetensors.
  void (*save)(train::Task& task, const std::string& folder) = nullptr;
};

// Throws for unknown keys of `model`, missing ones, wrong types, and for data it does not take.
void check_model(const config::Node& config);
std::unique_ptr<train::Task> make_task(const config::Node& config, const RunData& data);

// The trained model as its row of the table saves it, in a folder that is there.
void save_task(const config::Node& config, train::Task& task, const std::string& folder);

// Logits [batch, outputs(data)] of pictures or features: cross-entropy, or the squared error.
std::unique_ptr<train::Task> supervised(const config::Node& config, const RunData& data,
                                        std::unique_ptr<nn::Module> model);
// Logits [batch, length, vocabulary] of the next token.
std::unique_ptr<train::Task> language_model(const RunData& data, std::unique_ptr<nn::Module> model);

}  // namespace lydia::cli
