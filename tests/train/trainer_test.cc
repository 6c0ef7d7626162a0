// The training loop: what it promises about resuming, accumulation, bad numbers and stopping.
#include "lydia/train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "lydia/core/error.h"
#include "lydia/core/rng.h"
#include "lydia/nn/linear.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/loss.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "tests/io/temp_folder.h"

namespace lydia::train {
namespace {

namespace fs = std::filesystem;

struct Folder : TempFolder {
  const std::string path = file("");
};
struct Net : nn::Module {
  nn::Linear& in = child<nn::Linear>("in", 4, 8);
  nn::Linear& out = child<nn::Linear>("out", 8, 3);
  Tensor forward(const Tensor& x) override {
    return out(dropout(relu(in(x)), dropout_p, training()));
  }
  double dropout_p = 0.2;
};

class Classify final : public Task {
 public:
  nn::Module& module() override { return net; }
  Tensor loss(const Batch& batch) override {
    ++calls;
    Tensor value = cross_entropy(net(batch["x"]), batch["y"]);
    if (calls == bad_call) value = value * std::numeric_limits<double>::quiet_NaN();
    return value;
  }
  double units(const Batch& batch) const override {
    return static_cast<double>(batch["y"].size(0));
  }
  Net net;
  int64_t calls = 0, bad_call = -1;
};

DatasetPtr dataset() {
  Generator random(1);
  const Tensor x = randn({50, 4}, DType::F32, &random);
  const Tensor y = randint(0, 3, {50}, DType::I64, &random);
  return std::make_shared<TensorDataset>(Example{{"x", x}, {"y", y}});
}

// One run's parts, made alike every time.
struct Run {
  explicit Run(TrainerOptions options, int64_t batch_size = 8, double rate = 0.05)
      : trainer_options(std::move(options)),
        loader(dataset(),
               std::make_shared<FixedBatches>(std::make_shared<RandomSampler>(50, 5), batch_size)),
        held_out(dataset(),
                 std::make_shared<FixedBatches>(std::make_shared<SequentialSampler>(50), 25)),
        optimizer("AdamW", task().parameters(), {{"lr", rate}}) {
    trainer_options.show_progress = false;
  }
  nn::Module& task() {
    if (!task_) {
      default_generator().set_seed(3);
      task_ = std::make_unique<Classify>();
    }
    return task_->net;
  }
  Trainer& trainer() {
    if (!trainer_) {
      trainer_ = std::make_unique<Trainer>(
          *task_, optimizer, loader, trainer_options,
          [](double base, int64_t step) { return base / (1 + 0.1 * static_cast<double>(step)); },
          &held_out);
      trainer_->add_callback(losses);
    }
    return *trainer_;
  }

  struct Losses : Callback {
    void on_step_end(Trainer& trainer, const Figures& figures) override {
      values.push_back(figure(figures, "loss"));
      if (trainer.step() == stop_at) trainer.request_stop();
    }
    std::vector<double> values;
    int64_t stop_at = -1;
  };

  TrainerOptions trainer_options;
  std::unique_ptr<Classify> task_;
  DataLoader loader, held_out;
  Optimizer optimizer;
  std::shared_ptr<Losses> losses = std::make_shared<Losses>();
  std::unique_ptr<Trainer> trainer_;
};

std::vector<double> weights(const nn::Module& module) {
  std::vector<double> out;
  for (const Tensor& p : module.parameters()) {
    for (int64_t i = 0; i < p.numel(); ++i) out.push_back(p.data<float>()[i]);
  }
  return out;
}

}  // namespace

TEST_CASE("a run that is taken up again gives the same losses, bit for bit") {
  for (const Precision precision : {Precision::F32, Precision::F16}) {
    const Folder whole, parts;
    TrainerOptions options{.max_steps = 23,
                           .accumulate = 2,
                           .log_interval = 1,
                           .eval_interval = 4,
                           .save_interval = 5,
                           .clip_norm = 1,
                           .ema_decay = 0.9,
                           .precision = precision};
    options.output_dir = whole.path;
    Run first(options);
    CHECK(first.trainer().fit() == StopReason::Finished);

    options.output_dir = parts.path;
    std::vector<double> losses;
    for (const int64_t stop : {3, 10, 11, -1}) {
      Run run(options);
      if (stop != 3) {
        default_generator().set_seed(999);  // a new process starts anywhere
        run.trainer().resume();
      }
      run.losses->stop_at = stop;
      CHECK(run.trainer().fit() == (stop < 0 ? StopReason::Finished : StopReason::Interrupted));
      losses.insert(losses.end(), run.losses->values.begin(), run.losses->values.end());
      if (stop < 0) CHECK(weights(run.task()) == weights(first.task()));
    }
    CHECK(losses == first.losses->values);
  }
}

TEST_CASE("resuming goes on behind the checkpoint, not behind the last line of the log") {
  const Folder folder;
  TrainerOptions options{.max_steps = 12, .log_interval = 1, .save_interval = 5};
  options.output_dir = folder.path;
  Run whole(options);
  whole.trainer().fit();
  fs::remove_all(folder.path + "/checkpoints/step-00000012");
  std::ofstream(folder.path + "/metrics.jsonl", std::ios::app) << "{\"step\": 13, \"lo";
  Run again(options);
  again.trainer().resume();
  CHECK(again.trainer().step() == 10);
  again.trainer().fit();
  CHECK(again.losses->values ==
        std::vector<double>(whole.losses->values.begin() + 10, whole.losses->values.end()));
  const Curve curve = read_curve(folder.path + "/metrics.jsonl", "loss");
  CHECK(curve.values == whole.losses->values);
  CHECK(curve.steps.back() == 12);
  CHECK(fs::exists(folder.path + "/report.html"));
}

TEST_CASE("accumulated batches give the gradient of one big batch") {
  const auto train = [](int64_t batch, int64_t accumulate) {
    Run run({.max_steps = 10, .accumulate = accumulate}, batch);
    dynamic_cast<Net&>(run.task()).dropout_p = 0;
    run.trainer().fit();
    return run.losses->values;
  };
  const std::vector<double> big = train(20, 1), small = train(5, 4);
  REQUIRE(big.size() == small.size());
  for (size_t i = 0; i < big.size(); ++i) CHECK(small[i] == doctest::Approx(big[i]).epsilon(1e-5));
}

TEST_CASE("a loss that is NaN stops the run, naming the step, or is skipped") {
  Run stops({.max_steps = 10});
  stops.task_->bad_call = 4;
  CHECK_THROWS_WITH_AS(stops.trainer().fit(), doctest::Contains("at step 4"), Error);
  Run skips({.max_steps = 10, .on_nan = OnNan::Skip});
  skips.task_->bad_call = 4;
  CHECK(skips.trainer().fit() == StopReason::Finished);
  CHECK(skips.trainer().skipped_steps() == 1);
  CHECK(std::isnan(skips.losses->values[3]));
  CHECK(std::isfinite(skips.losses->values[4]));
  Run broken({.max_steps = 10});
  broken.task().parameters()[2].data<float>()[0] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH_AS(broken.trainer().fit(), doctest::Contains("parameter is out.weight"), Error);
}

TEST_CASE("training stops early without progress and keeps the best checkpoint") {
  const Folder folder;
  TrainerOptions options{
      .max_steps = 1000, .eval_interval = 1, .save_interval = 1, .keep_last = 1, .patience = 3};
  options.output_dir = folder.path;
  Run run(options, 8, 0.5);
  CHECK(run.trainer().fit() == StopReason::EarlyStop);
  CHECK(run.trainer().step() < 1000);
  const auto kept = list_checkpoints(folder.path + "/checkpoints");
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].step == run.trainer().best_step());
  CHECK(run.trainer().best_checkpoint() == kept[0].path);
  CHECK(kept[1].step == run.trainer().step());
}

TEST_CASE("epochs end the run, the last step of one may be smaller") {
  Run run({.max_steps = 1000, .max_epochs = 2, .accumulate = 4});
  CHECK(run.trainer().fit() == StopReason::Finished);
  CHECK(run.trainer().step() == 4);  // 7 batches an epoch: steps of 4 and 3
}

TEST_CASE("options out of range are refused") {
  CHECK_THROWS_AS(Run({.accumulate = 0}).trainer(), ValueError);
  CHECK_THROWS_AS(Run({.keep_last = 0}).trainer(), ValueError);
  CHECK_THROWS_AS(Run({.ema_decay = 1}).trainer(), ValueError);
  CHECK_THROWS_AS(Run({.max_steps = -1}).trainer(), ValueError);
  CHECK_THROWS_AS(Run({}).trainer().resume(), ValueError);
  Run wrong({.max_steps = 1, .monitor = "accuracy"});
  CHECK_THROWS_WITH_AS(wrong.trainer().fit(), doctest::Contains("expected one of loss"),
                       ValueError);
}

}  // namespace lydia::train
