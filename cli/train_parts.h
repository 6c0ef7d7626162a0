// What a configuration makes of its section `training`: the optimiser, the schedule and the options
// of a run. Its data and its model come from the tables in train_data.h and train_models.h.
#pragma once

#include "lydia/config/node.h"
#include "lydia/nn/module.h"
#include "lydia/train/optimizer.h"
#include "lydia/train/schedule.h"
#include "lydia/train/trainer.h"

namespace lydia::cli {

train::Optimizer make_optimizer(const config::Node& config, const nn::Module& model);
train::Schedule make_schedule(const config::Node& config);
train::TrainerOptions make_trainer_options(const config::Node& config);

// Throws for unknown keys (suggesting the nearest), missing ones and wrong types.
void check_config(const config::Node& config);

}  // namespace lydia::cli
