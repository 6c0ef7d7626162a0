// The training loop: steps of an optimiser over the batches of a loader, with validation,
// checkpoints, logs, and an end that can be taken up again.
//
//   Trainer trainer(task, optimizer, loader, {.max_steps = 500, .output_dir = "out"});
//   trainer.fit();
//
// A step takes `accumulate` batches; its gradient is that of their mean over all units (examples,
// tokens), as if they were one batch. After fit() of a resumed run every loss is, bit for bit, what
// the uninterrupted run gives: a checkpoint holds the model, the optimiser, the moving average, the
// loss scale, the random numbers and the loader's position; the rate is a function of the step.
//
// output_dir/
//   metrics.jsonl, events.out.tfevents...   a line a logged step: step, loss, lr, ...
//   checkpoints/           checkpoint.h; the newest `keep_last` and the best
//   report.html            the curves
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/nn/module.h"
#include "lydia/report/progress.h"
#include "lydia/train/checkpoint.h"
#include "lydia/train/data_loader.h"
#include "lydia/train/ema.h"
#include "lydia/train/figures.h"
#include "lydia/train/grad_scaler.h"
#include "lydia/train/optimizer.h"
#include "lydia/train/schedule.h"

namespace lydia::train {

// What evaluate() throws where outputs or losses are not numbers that a figure could be made of.
class NotFiniteError : public Error {
 public:
  using Error::Error;
};

// What is learned: a model and its loss. Everything else is the trainer's.
class Task {
 public:
  virtual ~Task() = default;
  virtual nn::Module& module() = 0;
  // The mean loss over the units of the batch, a scalar.
  virtual Tensor loss(const Batch& batch) = 0;
  // How many units loss() is a mean over; the rate that is shown counts them too.
  virtual double units(const Batch& batch) const = 0;
  virtual std::string unit() const { return "samples"; }
  // Figures of held-out data, called in eval mode without gradients. By default "loss".
  virtual Figures evaluate(DataLoader& data);
};

enum class OnNan { Stop, Skip };
enum class Precision { F32, BF16, F16 };

struct TrainerOptions {
  int64_t max_steps = 1000;
  int64_t max_epochs = 0;  // 0: as many as the steps take
  int64_t accumulate = 1;
  int64_t log_interval = 10;
  int64_t eval_interval = 0;  // 0: once, at the end
  int64_t save_interval = 0;  // 0: once, at the end
  int64_t keep_last = 2;
  double clip_norm = 0, clip_value = 0;  // 0: not
  double ema_decay = 0;                  // 0: none; validation then looks at the averages
  Precision precision = Precision::F32;
  std::vector<std::string> checkpoint_modules = {};  // patterns: nn::Module::set_checkpointing
  OnNan on_nan = OnNan::Stop;
  // Which figure of the validation is best kept and stopped by; patience 0: never stop early.
  std::string monitor = "loss";
  bool maximize = false;
  int64_t patience = 0;
  double min_delta = 0;
  std::string output_dir = {};  // empty: nothing is written
  bool show_progress = true;
};

class Trainer;

// Called by fit(); each does nothing unless overridden.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_step_end(Trainer&, const Figures&) {}
  virtual void on_validation_end(Trainer&, const Figures&) {}
  virtual void on_checkpoint(Trainer&, const std::string& /*path*/) {}
};

enum class StopReason { Finished, EarlyStop, Interrupted };

class Trainer {
 public:
  // All are used until the trainer ends. `schedule` may be empty: the rate stays.
  Trainer(Task& task, Optimizer& optimizer, DataLoader& data, TrainerOptions options,
          Schedule schedule = {}, DataLoader* validation = nullptr);
  ~Trainer();

  void add_callback(std::shared_ptr<Callback> callback);
  // Goes on from the newest whole checkpoint of output_dir; IoError when there is none.
  void resume();
  // Goes back to the best checkpoint, else the newest, for a model to be kept: with a moving
  // average the module then holds the averages, which is what validation looked at.
  Checkpoint restore_best();
  // Trains up to max_steps, validates, saves. Without resume() the run starts anew: checkpoints of
  // an earlier one in output_dir are set aside. Error for a loss that is NaN or infinite, naming
  // the step and the first bad parameter, unless such steps are to be skipped.
  StopReason fit();
  Figures validate(DataLoader& data);
  // From a signal handler or another thread: fit() saves after the current step and returns.
  void request_stop() { stop_requested_.store(true, std::memory_order_relaxed); }

  int64_t step() const { return step_; }
  int64_t skipped_steps() const { return skipped_; }
  // The share of the time of fit()'s steps that went by waiting for the data; 0 before a step.
  double data_wait_share() const;
  // Broken records that the loader left out.
  int64_t corrupt_records() const { return data_.corrupt().count(); }
  const std::optional<double>& best() const { return best_; }
  int64_t best_step() const { return best_step_; }
  const TrainerOptions& options() const { return options_; }
  nn::Module& module() { return task_.module(); }
  // Folder of the best checkpoint, else of the newest; empty when nothing was saved.
  std::string best_checkpoint() const;

 private:
  struct StepResult {
    double loss = 0, units = 0, grad_norm = 0;
    bool finite = true;
  };

  std::vector<Batch> next_batches();
  StepResult run_step(const std::vector<Batch>& batches);
  void handle_bad_step(const StepResult& result);
  [[noreturn]] void fail_not_finite(const StepResult& result) const;
  void after_step(const StepResult& result, double seconds);
  void run_validation();
  void watch(const Figures& figures);
  void save();
  Checkpoint checkpoint() const;
  void restore(const Checkpoint& from);
  bool finished() const;
  std::string checkpoint_folder() const { return options_.output_dir + "/checkpoints"; }

  Task& task_;
  Optimizer& optimizer_;
  DataLoader& data_;
  DataLoader* validation_;
  TrainerOptions options_;
  Schedule schedule_;
  std::vector<double> base_rates_;
  Tensors parameters_;
  GradScaler scaler_;
  std::optional<Ema> ema_;
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<report::ProgressBar> bar_;
  std::vector<std::shared_ptr<Callback>> callbacks_;
  std::atomic<bool> stop_requested_{false};

  int64_t step_ = 0, skipped_ = 0, bad_validations_ = 0, best_step_ = -1, saved_step_ = -1;
  int64_t validated_step_ = -1;
  double step_seconds_ = 0, wait_before_ = 0;
  std::optional<double> best_;
  bool stop_early_ = false;
};

}  // namespace lydia::train
