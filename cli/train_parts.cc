#include "cli/train_parts.h"

#include <algorithm>
#include <array>

#include "cli/choice.h"
#include "cli/train_data.h"
#include "cli/train_models.h"
#include "lydia/config/schema.h"
#include "lydia/core/error.h"
#include "lydia/cpu/cpu_info.h"

namespace lydia::cli {
namespace {

using config::Field;
using config::Need;
using config::Node;
using config::Type;

constexpr Field kRoot[] = {
    {"seed", Type::Int},          {"threads", Type::Int, Need::Nullable},
    {"output_dir", Type::String}, {"sweep_dir", Type::String},
    {"model", Type::Map},         {"data", Type::Map},
    {"training", Type::Map},
};
constexpr Field kTraining[] = {
    {"max_steps", Type::Int},
    {"max_epochs", Type::Int},
    {"accumulate", Type::Int},
    {"log_interval", Type::Int},
    {"eval_interval", Type::Int},
    {"save_interval", Type::Int},
    {"keep_last", Type::Int},
    {"clip_norm", Type::Float},
    {"clip_value", Type::Float},
    {"ema_decay", Type::Float},
    {"precision", Type::String},
    {"on_nan", Type::String},
    {"monitor", Type::String},
    {"maximize", Type::Bool},
    {"patience", Type::Int},
    {"min_delta", Type::Float},
    {"label_smoothing", Type::Float},
    {"optimizer", Type::Map},
    {"schedule", Type::Map},
    {"checkpoint_modules", Type::List, Need::Optional},
    // The names of AGIFORMER's documentation, which conf/training/agiformer.yaml ties to these.
    {"batch_size", Type::Int, Need::Optional},
    {"learning_rate", Type::Float, Need::Optional},
    {"warmup_steps", Type::Int, Need::Optional},
    {"gradient_accumulation_steps", Type::Int, Need::Optional},
    {"gradient_clip", Type::Float, Need::Optional},
    {"use_amp", Type::Any, Need::Optional},
    {"amp_dtype", Type::String, Need::Optional},
};

bool has_amx() {
  const auto isa = cpu_info().isa;
  return std::any_of(isa.begin(), isa.end(),
                     [](const auto& one) { return one.first == "AMX" && one.second; });
}

// training.precision, or what use_amp and amp_dtype say where they are there. On this device half
// precision gains nothing unless the processor multiplies it in hardware.
train::Precision precision_of(const Node& config) {
  constexpr std::array<std::string_view, 3> kPrecisions{"f32", "bf16", "f16"};
  constexpr std::array<std::string_view, 2> kHalves{"bfloat16", "float16"};
  const Node* amp = config.find("training.use_amp");
  if (!amp) return static_cast<train::Precision>(choice(config, "training.precision", kPrecisions));
  const bool automatic = amp->is_string() && amp->string() == "auto";
  LYDIA_CHECK(automatic || amp->kind() == Node::Kind::Bool, ValueError,
              "training.use_amp: expected auto, true or false, got ", config::show_value(*amp));
  if (automatic ? !has_amx() : !amp->boolean())
    return static_cast<train::Precision>(choice(config, "training.precision", kPrecisions));
  return choice(config, "training.amp_dtype", kHalves) == 0 ? train::Precision::BF16
                                                            : train::Precision::F16;
}

// The numbers and switches of a section, but for the keys `without`.
train::Hyper numbers(const Node& config, const std::string& section,
                     const std::vector<std::string_view>& without) {
  train::Hyper out;
  for (const auto& [key, value, place] : config.at(section).map()) {
    if (std::find(without.begin(), without.end(), key) != without.end()) continue;
    const bool flag = value.kind() == Node::Kind::Bool;
    out[key] = flag ? value.boolean() : value.as<double>(section + "." + key);
  }
  return out;
}

}  // namespace

void check_config(const Node& config) {
  config::check_section(config, "", kRoot);
  config::check_section(config, "training", kTraining);
  check_data(config);
  check_model(config);
}

train::Optimizer make_optimizer(const Node& config, const nn::Module& model) {
  return train::Optimizer(config.get<std::string>("training.optimizer.name"), model.parameters(),
                          numbers(config, "training.optimizer", {"name"}));
}

// constant, linear and cosine run over what the warm-up leaves of max_steps; other names are those
// of train::make_schedule, with its numbers.
train::Schedule make_schedule(const Node& config) {
  const int64_t total = config.get<int64_t>("training.max_steps");
  const int64_t asked = config.get<int64_t>("training.schedule.warmup_steps");
  LYDIA_CHECK(asked >= 0, ValueError, "training.schedule.warmup_steps: expected at least 0, got ",
              asked);
  // A short run warms up too, for half its steps at most; one that follows AGIFORMER's
  // documentation (training.warmup_steps) for a tenth.
  const int64_t warmup =
      std::min(asked, total / (config.contains("training.warmup_steps") ? 10 : 2));
  const double rest = static_cast<double>(std::max<int64_t>(total - warmup, 1));
  std::string name = config.get<std::string>("training.schedule.name");
  train::Hyper values = numbers(config, "training.schedule", {"name", "warmup_steps"});
  if (name == "constant") {
    name = "ConstantLR", values.insert({"factor", 1});
  } else if (name == "linear") {
    name = "LinearLR",
    values.insert({{"start_factor", 1}, {"end_factor", 0}, {"total_iters", rest}});
  } else if (name == "cosine") {
    name = "CosineAnnealingLR", values.insert({"T_max", rest});
  } else {
    LYDIA_CHECK(name.ends_with("LR") || name.ends_with("Restarts"), ValueError,
                "training.schedule.name: expected constant, linear, cosine or the name of a "
                "schedule such as OneCycleLR, got '",
                name, "'");
  }
  const bool own_warmup = name == "InverseSquareRootLR";
  if (own_warmup)
    values.insert({"warmup_steps", static_cast<double>(std::max<int64_t>(warmup, 1))});
  const train::Schedule main = train::make_schedule(name, values);
  if (warmup == 0 || own_warmup) return main;
  const auto rise = [warmup](double base, int64_t step) {
    return base * static_cast<double>(step + 1) / static_cast<double>(warmup);
  };
  return train::sequential({rise, main}, {warmup});
}

train::TrainerOptions make_trainer_options(const Node& config) {
  const auto integer = [&](const std::string& key) {
    return config.get<int64_t>("training." + key);
  };
  const auto real = [&](const std::string& key) { return config.get<double>("training." + key); };
  return {
      .max_steps = integer("max_steps"),
      .max_epochs = integer("max_epochs"),
      .accumulate = integer("accumulate"),
      .log_interval = integer("log_interval"),
      .eval_interval = integer("eval_interval"),
      .save_interval = integer("save_interval"),
      .keep_last = integer("keep_last"),
      .clip_norm = real("clip_norm"),
      .clip_value = real("clip_value"),
      .ema_decay = real("ema_decay"),
      .precision = precision_of(config),
      .checkpoint_modules = config.get<std::vector<std::string>>("training.checkpoint_modules", {}),
      .on_nan = static_cast<train::OnNan>(
          choice(config, "training.on_nan", std::array<std::string_view, 2>{"stop", "skip"})),
      .monitor = config.get<std::string>("training.monitor"),
      .maximize = config.get<bool>("training.maximize"),
      .patience = integer("patience"),
      .min_delta = real("min_delta"),
      .output_dir = config.get<std::string>("output_dir")};
}

}  // namespace lydia::cli
