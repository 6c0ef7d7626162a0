#include "lydia/train/trainer.h"

#include <chrono>
#include <cmath>
#include <filesystem>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/allocator.h"
#include "lydia/core/error.h"
#include "lydia/core/rng.h"
#include "lydia/ops/autocast.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/report/format.h"
#include "lydia/train/clip.h"
#include "lydia/train/training_report.h"

namespace lydia::train {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void check_options(const TrainerOptions& o) {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, int64_t>>{{"max_steps", o.max_steps},
                                                              {"max_epochs", o.max_epochs},
                                                              {"log_interval", o.log_interval},
                                                              {"eval_interval", o.eval_interval},
                                                              {"save_interval", o.save_interval},
                                                              {"patience", o.patience}}) {
    LYDIA_CHECK(value >= 0, ValueError, "Trainer: expected ", name, " of at least 0, got ", value);
  }
  LYDIA_CHECK(o.accumulate >= 1, ValueError, "Trainer: expected accumulate of at least 1, got ",
              o.accumulate);
  LYDIA_CHECK(o.keep_last >= 1, ValueError, "Trainer: expected keep_last of at least 1, got ",
              o.keep_last);
  LYDIA_CHECK(o.clip_norm >= 0 && o.clip_value >= 0 && o.ema_decay >= 0 && o.ema_decay < 1,
              ValueError, "Trainer: expected clip_norm and clip_value of at least 0 and ema_decay ",
              "in [0, 1), got ", o.clip_norm, ", ", o.clip_value, " and ", o.ema_decay);
}

Tensors gradients_of(const Tensors& parameters) {
  Tensors out;
  for (const Tensor& p : parameters) {
    if (p.grad().defined()) out.push_back(p.grad());
  }
  return out;
}

// Switches a module to evaluation, and back at the end.
class EvalGuard {
 public:
  explicit EvalGuard(nn::Module& module) : module_(module), training_(module.training()) {
    module_.eval();
  }
  ~EvalGuard() { module_.train(training_); }

 private:
  nn::Module& module_;
  bool training_;
};

}  // namespace

Figures Task::evaluate(DataLoader& data) {
  double sum = 0, count = 0;
  for (int64_t i = 0; const std::optional<Batch> batch = data.next(); ++i) {
    const double n = units(*batch);
    if (n == 0) continue;  // padding alone: a mean over nothing
    const double value = loss(*batch).item<double>();
    LYDIA_CHECK(std::isfinite(value), NotFiniteError, "expected a finite loss, got ", value,
                " for batch ", i, "; the training diverged, or the batch is not finite");
    sum += value * n;
    count += n;
  }
  LYDIA_CHECK(count > 0, ValueError, "evaluate: expected data, got an empty loader");
  return {{"loss", sum / count}};
}

Trainer::Trainer(Task& task, Optimizer& optimizer, DataLoader& data, TrainerOptions options,
                 Schedule schedule, DataLoader* validation)
    : task_(task),
      optimizer_(optimizer),
      data_(data),
      validation_(validation),
      options_(std::move(options)),
      schedule_(std::move(schedule)),
      parameters_(task.module().parameters()),
      scaler_({}, options_.precision == Precision::F16) {
  check_options(options_);
  for (size_t g = 0; g < optimizer_.groups().size(); ++g) {
    base_rates_.push_back(optimizer_.get(g, "lr"));
  }
  for (const std::string& pattern : options_.checkpoint_modules) {
    task_.module().set_checkpointing(pattern);
  }
  if (options_.ema_decay > 0) ema_.emplace(parameters_, options_.ema_decay);
}

Trainer::~Trainer() = default;

void Trainer::add_callback(std::shared_ptr<Callback> callback) {
  callbacks_.push_back(std::move(callback));
}

bool Trainer::finished() const {
  return step_ >= options_.max_steps || stop_early_ ||
         (options_.max_epochs > 0 && data_.epoch() >= options_.max_epochs);
}

StopReason Trainer::fit() {
  const bool writes = !options_.output_dir.empty();
  if (writes) {
    std::filesystem::create_directories(options_.output_dir);
    if (saved_step_ < 0 && step_ == 0) set_aside_checkpoints(checkpoint_folder());
    log_ = std::make_unique<RunLog>(options_.output_dir, step_);
  }
  bar_ = std::make_unique<report::ProgressBar>(
      options_.max_steps,
      report::ProgressOptions{
          .label = "train",
          .mode = options_.show_progress ? report::ProgressMode::Auto : report::ProgressMode::Quiet,
          .first = step_});
  step_seconds_ = 0, wait_before_ = data_.wait_seconds();
  task_.module().train();
  while (!finished() && !stop_requested_.load(std::memory_order_relaxed)) {
    const double start = seconds_now();
    const std::vector<Batch> batches = next_batches();
    if (batches.empty()) break;
    const StepResult result = run_step(batches);
    ++step_;
    after_step(result, seconds_now() - start);
  }
  const bool interrupted = stop_requested_.load() && !finished();
  if (!interrupted && validation_ && validated_step_ != step_) run_validation();
  if (writes && saved_step_ != step_) save();
  if (step_seconds_ > 0)
    bar_->set("data wait", report::format_fixed(100 * data_wait_share(), 1) + "%");
  bar_->finish();
  if (writes) write_training_report(*this);
  return interrupted   ? StopReason::Interrupted
         : stop_early_ ? StopReason::EarlyStop
                       : StopReason::Finished;
}

// The last step of an epoch may have fewer; none at the end of the last epoch.
std::vector<Batch> Trainer::next_batches() {
  std::vector<Batch> batches;
  bool ended = false;
  while (static_cast<int64_t>(batches.size()) < options_.accumulate) {
    std::optional<Batch> batch = data_.next();
    if (batch) {
      batches.push_back(std::move(*batch));
      continue;
    }
    if (!batches.empty()) break;
    if (options_.max_epochs > 0 && data_.epoch() >= options_.max_epochs) break;
    LYDIA_CHECK(!ended, ValueError, "Trainer: expected training data, got an empty loader");
    ended = true;
  }
  return batches;
}

Trainer::StepResult Trainer::run_step(const std::vector<Batch>& batches) {
  StepResult result;
  for (const Batch& batch : batches) result.units += task_.units(batch);
  for (const Batch& batch : batches) {
    const double share = task_.units(batch) / result.units;
    Tensor loss;
    {
      const bool low = options_.precision != Precision::F32;
      const AutocastGuard precision(
          low, options_.precision == Precision::F16 ? DType::F16 : DType::BF16);
      loss = task_.loss(batch);
    }
    result.loss += loss.item<double>() * share;
    if (!std::isfinite(result.loss)) break;
    backward(scaler_.scale(loss * share));
  }
  result.finite = std::isfinite(result.loss);
  if (result.finite) {
    scaler_.unscale(optimizer_);
    const Tensors gradients = gradients_of(parameters_);
    const Tensor norm = get_total_norm(gradients);
    result.grad_norm = norm.item<double>();
    if (options_.clip_norm > 0) clip_grads_with_norm(parameters_, options_.clip_norm, norm);
    if (options_.clip_value > 0) clip_grad_value(parameters_, options_.clip_value);
    for (size_t g = 0; schedule_ && g < base_rates_.size(); ++g) {
      optimizer_.set(g, "lr", schedule_(base_rates_[g], step_));
    }
    // f16 gradients that are not finite are what the loss scale is there for: it skips and shrinks.
    const bool overflow = !std::isfinite(result.grad_norm);
    result.finite = !overflow || options_.precision == Precision::F16;
    if (result.finite) {
      if (scaler_.step(optimizer_) && ema_) ema_->update();
      skipped_ += overflow;
      scaler_.update();
    }
  }
  if (!result.finite) handle_bad_step(result);
  optimizer_.zero_grad();
  return result;
}

void Trainer::handle_bad_step(const StepResult& result) {
  if (options_.on_nan == OnNan::Stop) fail_not_finite(result);
  ++skipped_;
  bar_->message("step " + std::to_string(step_ + 1) + ": the loss or a gradient is not finite; " +
                "the step is skipped");
}

void Trainer::fail_not_finite(const StepResult& result) const {
  std::string culprit, largest;
  double most = -1;
  for (const auto& [name, parameter] : task_.module().named_parameters()) {
    const Tensor& grad = parameter.grad();
    const bool bad_value = !all(isfinite(parameter.detach())).item<bool>();
    if (bad_value || (grad.defined() && !all(isfinite(grad)).item<bool>())) {
      culprit =
          "the first bad " + std::string(bad_value ? "parameter" : "gradient") + " is " + name;
      break;
    }
    const double size = parameter.numel() ? amax(abs(parameter.detach())).item<double>() : 0;
    if (size > most) most = size, largest = name;
  }
  if (culprit.empty()) {
    culprit = "all parameters and gradients are finite, the largest value is in " + largest + ": " +
              report::format_number(most);
  }
  fail<Error>("training: expected finite numbers, got loss ", result.loss, " and gradient norm ",
              result.grad_norm, " at step ", step_ + 1, "; ", culprit,
              "; lower the rate, clip the gradients, or skip such steps (on_nan=skip)");
}

double Trainer::data_wait_share() const {
  return step_seconds_ > 0 ? (data_.wait_seconds() - wait_before_) / step_seconds_ : 0;
}

void Trainer::after_step(const StepResult& result, double seconds) {
  step_seconds_ += seconds;
  const std::string rate_name = task_.unit() + "_per_second";
  const Figures figures{{"loss", result.loss},
                        {"lr", optimizer_.get(0, "lr")},
                        {"grad_norm", result.grad_norm},
                        {"epoch", static_cast<double>(data_.epoch())},
                        {rate_name, result.units / seconds},
                        {"data_wait_seconds", data_.wait_seconds()},
                        {"data_wait_share", data_wait_share()},
                        {"memory_bytes", static_cast<double>(memory_stats().allocated)},
                        {"skipped_steps", static_cast<double>(skipped_)}};
  bar_->set("loss", result.loss);
  bar_->set("lr", figure(figures, "lr"));
  bar_->set("grad", result.grad_norm);
  bar_->set(task_.unit() + "/s", report::format_count(result.units / seconds));
  bar_->set("mem", report::format_bytes(memory_stats().allocated));
  bar_->advance();
  const auto due = [&](int64_t interval) { return interval > 0 && step_ % interval == 0; };
  if (log_ && (due(options_.log_interval) || step_ == 1)) log_->write(step_, figures);
  for (const auto& callback : callbacks_) callback->on_step_end(*this, figures);
  if (validation_ && due(options_.eval_interval)) run_validation();
  if (!options_.output_dir.empty() && (due(options_.save_interval) || best_step_ == step_)) save();
}

Figures Trainer::validate(DataLoader& data) {
  const EvalGuard mode(task_.module());
  const NoGradGuard no_grad;
  if (ema_) ema_->apply();
  Figures figures;
  try {
    figures = task_.evaluate(data);
  } catch (...) {
    if (ema_) ema_->restore();
    throw;
  }
  if (ema_) ema_->restore();
  return figures;
}

void Trainer::run_validation() {
  Figures figures;
  try {
    figures = validate(*validation_);
  } catch (const NotFiniteError& error) {
    fail<NotFiniteError>("the validation part at step ", step_, ": ", error.what());
  }
  validated_step_ = step_;
  Figures named;
  for (const auto& [name, value] : figures) {
    named.emplace_back("val_" + name, value);
    bar_->set("val " + name, value);
  }
  if (log_) log_->write(step_, named);
  watch(figures);
  for (const auto& callback : callbacks_) callback->on_validation_end(*this, figures);
}

void Trainer::watch(const Figures& figures) {
  const double value = figure(figures, options_.monitor);
  const double gain = !best_ ? 1 : (options_.maximize ? value - *best_ : *best_ - value);
  if (std::isfinite(value) && (!best_ || gain > options_.min_delta)) {
    best_ = value;
    best_step_ = step_;
    bad_validations_ = 0;
  } else if (++bad_validations_ >= options_.patience && options_.patience > 0) {
    stop_early_ = true;
    bar_->message("stopped early: no better " + options_.monitor + " in " +
                  std::to_string(bad_validations_) + " validations");
  }
}

// A disk that is full costs this checkpoint, not the run; at the end it is an error.
void Trainer::save() {
  try {
    const std::string path = save_checkpoint(checkpoint_folder(), checkpoint());
    saved_step_ = step_;
    std::vector<int64_t> also;
    if (best_step_ >= 0) also.push_back(best_step_);
    prune_checkpoints(checkpoint_folder(), options_.keep_last, also);
    for (const auto& callback : callbacks_) callback->on_checkpoint(*this, path);
  } catch (const IoError& error) {
    if (finished() || stop_requested_.load()) throw;
    bar_->message(std::string("not saved, going on: ") + error.what());
  }
}

Checkpoint Trainer::checkpoint() const {
  Checkpoint out;
  out.step = step_;
  out.model = task_.module().state_dict();
  for (const auto& [name, tensor] : optimizer_.save()) {
    out.training.emplace_back("optimizer." + name, tensor);
  }
  for (size_t i = 0; ema_ && i < ema_->averages().size(); ++i) {
    out.training.emplace_back("ema." + std::to_string(i), ema_->averages()[i]);
  }
  io::Json::Object loader;
  for (const auto& [name, value] : data_.state()) loader.emplace_back(name, value);
  io::Json::List rates(base_rates_.begin(), base_rates_.end());
  const Generator::State random = default_generator().state();
  out.state = {{"loader", std::move(loader)},
               {"base_rates", std::move(rates)},
               {"random_seed", static_cast<int64_t>(random.seed)},
               {"random_used", static_cast<int64_t>(random.used)},
               {"loss_scale", scaler_.state.scale},
               {"good_steps", scaler_.state.good_steps},
               {"skipped", skipped_},
               {"bad_validations", bad_validations_},
               {"validated_step", validated_step_},
               {"best_step", best_step_},
               {"best", best_ ? io::Json(*best_) : io::Json()}};
  return out;
}

void Trainer::resume() {
  LYDIA_CHECK(!options_.output_dir.empty(), ValueError,
              "Trainer::resume: expected an output_dir, got none");
  restore(load_newest_checkpoint(checkpoint_folder(), [](const std::string& what) {
    report::ProgressBar(0, {.mode = report::ProgressMode::Quiet}).message("refused: " + what);
  }));
}

namespace {

io::NamedTensors with_prefix(const io::NamedTensors& all, std::string_view prefix) {
  io::NamedTensors out;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix)) out.emplace_back(name.substr(prefix.size()), tensor);
  }
  return out;
}

// A number of a checkpoint's state that counts something.
int64_t count_of(const io::Json& state, const std::string& name, int64_t least = 0) {
  const int64_t value = state.at(name).as_int();
  LYDIA_CHECK(value >= least, ValueError, "resume: expected ", name, " of at least ", least,
              ", got ", value);
  return value;
}

}  // namespace

// All that may be refused is read before anything changes, but for the weights and the states that
// check themselves.
void Trainer::restore(const Checkpoint& from) {
  const io::Json state(from.state);
  const io::NamedTensors averages = with_prefix(from.training, "ema.");
  Tensors averaged;
  for (size_t i = 0; ema_ && i < ema_->averages().size(); ++i) {
    for (const auto& [name, tensor] : averages) {
      if (name == std::to_string(i)) averaged.push_back(tensor);
    }
  }
  LYDIA_CHECK(!ema_ || averaged.size() == ema_->averages().size(), ValueError,
              "resume: expected a checkpoint with a moving average, got one without");
  std::vector<double> rates;
  for (const io::Json& rate : state.at("base_rates").as_list()) rates.push_back(rate.as_double());
  LYDIA_CHECK(rates.size() == base_rates_.size(), ValueError, "resume: expected ",
              base_rates_.size(), " base rates, got ", rates.size());
  LossScale scale = scaler_.state;
  scale.scale = state.at("loss_scale").as_double();
  scale.good_steps = count_of(state, "good_steps");
  scale.check();
  LoaderState loader;
  for (const auto& [name, value] : state.at("loader").as_object()) loader[name] = value.as_int();
  const io::Json& best = state.at("best");
  const Generator::State random{static_cast<uint64_t>(state.at("random_seed").as_int()),
                                static_cast<uint64_t>(state.at("random_used").as_int())};
  skipped_ = count_of(state, "skipped");
  bad_validations_ = count_of(state, "bad_validations");
  validated_step_ = count_of(state, "validated_step", -1);
  best_step_ = count_of(state, "best_step", -1);
  best_ = best.is_null() ? std::nullopt : std::optional<double>(best.as_double());

  data_.load_state(loader);
  task_.module().load_state_dict(from.model);
  optimizer_.load(with_prefix(from.training, "optimizer."));
  if (ema_) average_into(ema_->averages(), averaged, 1);
  base_rates_ = std::move(rates);
  scaler_.state = scale;
  default_generator().set_state(random);
  stop_early_ = options_.patience > 0 && bad_validations_ >= options_.patience;
  step_ = saved_step_ = from.step;
}

Checkpoint Trainer::restore_best() {
  Checkpoint best = load_checkpoint(best_checkpoint());
  restore(best);
  if (ema_) {
    ema_->apply();
    ema_->keep();
  }
  return best;
}

std::string Trainer::best_checkpoint() const {
  std::string path;
  for (const CheckpointPath& entry : list_checkpoints(checkpoint_folder())) {
    path = entry.path;
    if (entry.step == best_step_) break;
  }
  return path;
}

}  // namespace lydia::train
