// What a configuration makes: the model, the data and the options of a run.
#pragma once

#include <memory>
#include <string>

#include "lydia/config/node.h"
#include "lydia/train/data_loader.h"
#include "lydia/train/optimizer.h"
#include "lydia/train/schedule.h"
#include "lydia/train/tasks.h"

namespace lydia::cli {

// The data of a run and what its model must know of them.
struct RunData {
  train::DatasetPtr train = nullptr, validation = nullptr, test = nullptr;
  int64_t inputs = 0, channels = 0, classes = 0;  // values and channels per example, labels
  Tensor class_weights = {};                      // undefined unless classes are balanced
};
RunData make_data(const config::Node& config);

std::unique_ptr<nn::Module> make_model(const config::Node& config, const RunData& data);
std::unique_ptr<train::Task> make_task(const config::Node& config, const RunData& data);
train::Optimizer make_optimizer(const config::Node& config, const nn::Module& model);
train::Schedule make_schedule(const config::Node& config);
train::TrainerOptions make_trainer_options(const config::Node& config);

// Shuffled by seed and epoch, for training; in order otherwise.
train::DataLoader make_loader(const config::Node& config, const train::DatasetPtr& data,
                              bool shuffled);

// Throws for unknown keys (suggesting the nearest), missing ones and wrong types.
void check_config(const config::Node& config);

}  // namespace lydia::cli
