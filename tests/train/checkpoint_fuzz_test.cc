// Checkpoints that somebody has altered on purpose, with sums that fit: a run that takes one up
// says what is wrong with it, or goes on; it never crashes and never runs without end.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "lydia/core/error.h"
#include "lydia/io/json.h"
#include "lydia/io/sha256.h"
#include "lydia/nn/linear.h"
#include "lydia/ops/random.h"
#include "lydia/train/tasks.h"
#include "lydia/train/trainer.h"
#include "tests/io/mutate.h"
#include "tests/io/temp_folder.h"

namespace lydia::train {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kPieces = {"-1",
                                          "0",
                                          "9223372036854775807",
                                          "1e308",
                                          "null",
                                          "[",
                                          "{}",
                                          "\"x\"",
                                          "true",
                                          "-9223372036854775808",
                                          "NaN",
                                          "I64",
                                          "BF16",
                                          "[0,0]",
                                          "[8]",
                                          ",",
                                          "\"step\":",
                                          "ema.0",
                                          "{\"",
                                          "optimizer.",
                                          "1.5"};

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void write_manifest(const std::string& checkpoint) {
  io::Json::Object files;
  for (const char* name : {"model.safetensors", "training.safetensors", "state.json"}) {
    const std::string bytes = read(checkpoint + "/" + name);
    files.emplace_back(name, io::Json::Object{{"bytes", static_cast<int64_t>(bytes.size())},
                                              {"sha256", io::sha256_hex(bytes)}});
  }
  write(checkpoint + "/manifest.json",
        io::to_json(io::Json::Object{
            {"format", "lydia checkpoint"}, {"version", int64_t{1}}, {"files", std::move(files)}}));
}

// One run over eight examples, five steps long at most.
class Job {
 public:
  explicit Job(const std::string& folder)
      : task_(std::make_unique<nn::Linear>(3, 2)),
        optimizer_("AdamW", task_.module().parameters(), {{"lr", 0.01}}),
        loader_(data(), std::make_shared<FixedBatches>(std::make_shared<RandomSampler>(8, 1), 2)),
        trainer_(task_, optimizer_, loader_,
                 {.max_steps = 5, .ema_decay = 0.9, .output_dir = folder, .show_progress = false}) {
  }
  Trainer& trainer() { return trainer_; }

 private:
  static DatasetPtr data() {
    Generator random(1);
    return std::make_shared<TensorDataset>(
        Example{{"input", randn({8, 3}, DType::F32, &random)},
                {"label", randint(0, 2, {8}, DType::I64, &random)}});
  }

  Classification task_;
  Optimizer optimizer_;
  DataLoader loader_;
  Trainer trainer_;
};

TEST_CASE("altered checkpoints are refused with a message, or taken up, whatever they hold") {
  const TempFolder folder;
  const std::string run = folder.file("run");
  Job first(run);
  first.trainer().fit();
  const std::string checkpoint = list_checkpoints(run + "/checkpoints").back().path;
  io::Mutator mutator(7, kPieces);
  int refused = 0, taken = 0;
  for (const char* name : {"state.json", "training.safetensors", "model.safetensors"}) {
    const std::string path = checkpoint + "/" + name, whole = read(path);
    for (size_t round = io::fuzz_rounds(150); round > 0; --round) {
      write(path, mutator.damaged(whole));
      write_manifest(checkpoint);
      Job job(run);
      try {
        job.trainer().resume();
        job.trainer().fit();
        ++taken;
      } catch (const Error&) {
        ++refused;
      }
    }
    write(path, whole);
  }
  const std::string manifest = read(checkpoint + "/manifest.json");
  for (size_t round = io::fuzz_rounds(150); round > 0; --round) {
    write(checkpoint + "/manifest.json", mutator.damaged(manifest));
    try {
      load_checkpoint(checkpoint);
      ++taken;
    } catch (const IoError&) {
      ++refused;
    }
  }
  CHECK(refused > 300);
  CHECK(taken > 0);
}

TEST_CASE("a state of other numbers than this run's is refused before anything changes") {
  const TempFolder folder;
  const std::string run = folder.file("run");
  Job first(run);
  first.trainer().fit();
  const Checkpoint good = load_newest_checkpoint(run + "/checkpoints");
  const auto resumed_with = [&](const std::string& name, io::Json value) {
    Checkpoint changed = good;
    for (auto& [key, kept] : changed.state) {
      if (key == name) kept = std::move(value);
    }
    changed.step = good.step + 1;
    save_checkpoint(run + "/checkpoints", changed);
    Job job(run);
    job.trainer().resume();
  };
  CHECK_THROWS_WITH_AS(resumed_with("base_rates", io::Json::List{1.0, 2.0}),
                       "resume: expected 1 base rates, got 2", ValueError);
  CHECK_THROWS_AS(resumed_with("good_steps", int64_t{-1}), ValueError);
  CHECK_THROWS_AS(resumed_with("loss_scale", -1.0), ValueError);
  CHECK_THROWS_AS(resumed_with("skipped", "many"), TypeError);
  CHECK_THROWS_WITH_AS(resumed_with("loader", io::Json::Object{{"epoch", int64_t{0}},
                                                               {"position", int64_t{5}},
                                                               {"examples", int64_t{0}},
                                                               {"broken", int64_t{0}},
                                                               {"dataset_size", int64_t{8}},
                                                               {"batches", int64_t{4}}}),
                       "DataLoader::load_state: expected a position up to 4, got 5", ValueError);
  CHECK_NOTHROW(resumed_with("skipped", int64_t{3}));
}

}  // namespace
}  // namespace lydia::train
