// `lydia train [options] [overrides]`: composes conf/, trains a model and leaves a folder with the
// configuration, logs, checkpoints, a report and the model.
// `lydia eval DIR [overrides]`: scores the model that such a run saved.
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/train_data.h"
#include "cli/train_models.h"
#include "cli/train_parts.h"
#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/run_folder.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/core/rng.h"
#include "lydia/core/threads.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_descriptor.h"
#include "lydia/io/json.h"
#include "lydia/io/mapped_file.h"
#include "lydia/nn/serialize.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"
#include "lydia/report/terminal.h"
#include "lydia/train/checkpoint.h"

namespace lydia::cli {
namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr const char* kTrainHelp =
    "Usage: lydia train [options] [key=value ...]\n\n"
    "Trains a model as a configuration says. Overrides are Hydra's: model=mlp picks a file of\n"
    "conf/model/, training.max_steps=500 changes a value, +key=value adds one, ~key removes "
    "one.\n\n"
    "Options:\n"
    "  --config-dir DIR    the folder of configurations (default: $LYDIA_CONF, else ./conf)\n"
    "  --config-name NAME  the primary configuration (default: train)\n"
    "  --cfg job           print the configuration and stop; --resolve: with ${...} filled in\n"
    "  -m, --multirun      run every combination of sweeps such as seed=1,2,3\n"
    "  --resume [DIR]      go on with the run in DIR (default: the newest run of output_dir)\n"
    "  --json              print the result as one JSON object\n"
    "  --quiet             no progress bar\n";
constexpr const char* kEvalHelp =
    "Usage: lydia eval DIR [--split validation|test] [--json] [key=value ...]\n\n"
    "Scores the model of the training run in DIR on its held-out data. Overrides change the run's\n"
    "configuration first, such as data.path=...\n";

struct Arguments {
  std::string folder, name = "train", split = "validation";
  std::optional<std::string> resume;  // "" for the newest
  std::vector<std::string> overrides, positional;
  bool print = false, resolve = false, multirun = false, json = false, quiet = false, help = false;
};

std::string default_folder() {
  if (const char* folder = std::getenv("LYDIA_CONF")) return folder;
  return "conf";
}

Arguments parse(Args args) {
  Arguments out;
  out.folder = default_folder();
  const auto value = [&](size_t& i) {
    LYDIA_CHECK(i + 1 < args.size(), ValueError, args[i], ": expected a value, got none");
    return std::string(args[++i]);
  };
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string arg(args[i]);
    if (arg == "--config-dir")
      out.folder = value(i);
    else if (arg == "--config-name")
      out.name = value(i);
    else if (arg == "--split")
      out.split = value(i);
    else if (arg == "--cfg") {
      const std::string what = value(i);
      LYDIA_CHECK(what == "job", ValueError, "--cfg: expected job, got '", what, "'");
      out.print = true;
    } else if (arg == "--resolve")
      out.resolve = true;
    else if (arg == "--multirun" || arg == "-m")
      out.multirun = true;
    else if (arg == "--json")
      out.json = true;
    else if (arg == "--quiet")
      out.quiet = true;
    else if (arg == "--help" || arg == "-h")
      out.help = true;
    else if (arg == "--resume") {
      const bool named = i + 1 < args.size() && args[i + 1].find('=') == std::string_view::npos &&
                         !args[i + 1].starts_with('-');
      out.resume = named ? value(i) : "";
    } else if (arg.find('=') != std::string::npos || arg.starts_with('~')) {
      out.overrides.push_back(arg);
    } else {
      LYDIA_CHECK(!arg.starts_with('-'), ValueError, "expected an option of --help, got '", arg,
                  "'");
      out.positional.push_back(arg);
    }
  }
  LYDIA_CHECK(out.help || fs::is_directory(out.folder), ValueError,
              "--config-dir: expected a folder of configurations, got \"", out.folder,
              "\"; name one there or in LYDIA_CONF");
  return out;
}

train::Trainer* running = nullptr;

// The first Ctrl-C saves and stops; the second ends the program at once.
extern "C" void on_interrupt(int signal) {
  if (running) running->request_stop();
  std::signal(signal, SIG_DFL);
}

void prepare(const Node& config) {
  if (const auto threads = config.get<std::optional<int>>("threads")) set_num_threads(*threads);
  default_generator().set_seed(static_cast<uint64_t>(config.get<int64_t>("seed")));
}

void print_figures(const std::string& title, const train::Figures& figures, bool json,
                   io::Json::Object more = {}) {
  if (json) {
    for (const auto& [name, value] : figures) {  // JSON has no NaN
      more.emplace_back(name, std::isfinite(value) ? io::Json(value) : io::Json());
    }
    std::cout << io::to_json(more) << "\n";
    return;
  }
  report::Table table({title, "value"}, {report::Align::Left, report::Align::Right});
  for (const auto& [name, value] : figures) table.row({name, report::format_number(value)});
  std::cout << table.text();
}

// What the classes are called, beside the model: a folder of other classes is not scored with it.
void save_labels(const std::string& folder, const RunData& data) {
  if (data.labels.empty()) return;
  const io::Json::List names(data.labels.begin(), data.labels.end());
  io::write_file_atomic(folder + "/labels.json", io::to_json(names) + "\n");
}

void check_labels(const std::string& folder, const RunData& data) {
  const std::string path = folder + "/labels.json";
  if (!fs::exists(path)) return;
  const io::Json kept = io::parse_json(io::MappedFile(path).text(), path);
  std::vector<std::string> names;
  for (const io::Json& name : kept.as_list()) {
    names.push_back(name.as_string());
  }
  LYDIA_CHECK(names == data.labels, ValueError, "lydia eval: expected data with the classes of ",
              path, ", got others");
}

// Holds a run's folder for as long as it lives: a second run there would remove the first one's
// checkpoints. What it leaves behind when it is killed is nothing.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    LYDIA_CHECK(!error, IoError, "output_dir: \"", folder,
                "\" could not be made: ", error.message());
    folder_ = io::FileDescriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Other failures are of file systems without locks.
    LYDIA_CHECK(flock(folder_.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, ValueError,
                "output_dir: expected a folder that no other run is writing, got \"", folder, "\"");
  }

 private:
  io::FileDescriptor folder_;
};

int train_run(const Node& config, const std::vector<std::string>& overrides,
              const Arguments& args) {
  check_config(config);
  prepare(config);
  const RunData data = make_data(config);
  if (data.corrupt_records > 0) {
    std::cerr << "left out " << data.corrupt_records << " corrupt records\n";
  }
  const std::unique_ptr<train::Task> task = make_task(config, data);
  train::Optimizer optimizer = make_optimizer(config, task->module());
  train::DataLoader loader = make_loader(config, data, data.train, true);
  train::DataLoader held_out = make_loader(config, data, data.validation, false);
  train::TrainerOptions options = make_trainer_options(config);
  options.show_progress = !args.quiet;
  const std::string folder = options.output_dir;
  const FolderLock lock(folder);
  LYDIA_CHECK(args.resume || train::list_checkpoints(folder + "/checkpoints").empty(), ValueError,
              "output_dir: expected a folder without checkpoints, got \"", folder,
              "\"; go on there with: lydia train --resume ", folder);
  train::Trainer trainer(*task, optimizer, loader, options, make_schedule(config), &held_out);
  if (args.resume) trainer.resume();
  config::save_run(folder, config, overrides);
  running = &trainer;
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  const train::StopReason reason = trainer.fit();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  running = nullptr;
  if (reason == train::StopReason::Interrupted) {
    std::cerr << "stopped at step " << trainer.step() << "; go on with: lydia train --resume "
              << folder << "\n";
    return 130;
  }
  const int64_t steps = trainer.step();
  const train::Checkpoint best = trainer.restore_best();
  fs::create_directories(folder + "/model");
  save_task(config, *task, folder + "/model");
  save_labels(folder + "/model", data);
  print_figures("best, step " + std::to_string(best.step), trainer.validate(held_out), args.json,
                {{"output_dir", folder},
                 {"step", steps},
                 {"best_step", best.step},
                 {"data_wait_share", trainer.data_wait_share()},
                 {"corrupt_records", data.corrupt_records + trainer.corrupt_records()}});
  if (!args.json) std::cout << "\n" << folder << "/report.html, " << folder << "/model\n";
  return 0;
}

// The newest folder with checkpoints, in `root` or below.
std::string newest_run(const std::string& root) {
  std::string newest;
  fs::file_time_type time{};
  std::error_code error;
  const auto look = [&](const fs::path& path) {
    if (path.filename() != "checkpoints" || !fs::is_directory(path)) return;
    const auto changed = fs::last_write_time(path);
    if (newest.empty() || changed > time) newest = path.parent_path().string(), time = changed;
  };
  look(fs::path(root) / "checkpoints");
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) look(entry.path());
  LYDIA_CHECK(!newest.empty(), ValueError, "--resume: expected a run with checkpoints in \"", root,
              "\", got none");
  return newest;
}

// What the runs of an output_dir such as outputs/${now:...}/x have in common.
std::string run_root(const std::string& output_dir) {
  const size_t varies = output_dir.find("${");
  if (varies == std::string::npos) return output_dir;
  const size_t slash = output_dir.rfind('/', varies);
  return slash == std::string::npos ? "." : output_dir.substr(0, slash);
}

// The run's own configuration, with further overrides.
config::Composed compose_again(const Arguments& args, const std::string& run) {
  std::vector<std::string> overrides;
  const Node kept = config::read_yaml(run + "/overrides.yaml");
  for (const Node& line : kept.list()) overrides.push_back(line.as<std::string>("overrides"));
  overrides.insert(overrides.end(), args.overrides.begin(), args.overrides.end());
  overrides.push_back("output_dir=\"" + run + "\"");
  return config::compose({args.folder}, args.name, overrides);
}

int resume(const Arguments& args) {
  const config::Composed first = config::compose({args.folder}, args.name, args.overrides);
  const std::string run = args.resume->empty()
                              ? newest_run(run_root(first.config.at("output_dir").string()))
                              : newest_run(*args.resume);
  const config::Composed composed = compose_again(args, run);
  return train_run(config::resolve(composed.config), composed.overrides, args);
}

}  // namespace

int run_train(Args raw) {
  const Arguments args = parse(raw);
  if (args.help) {
    std::cout << kTrainHelp;
    return 0;
  }
  LYDIA_CHECK(args.positional.empty(), ValueError, "lydia train: expected key=value, got '",
              args.positional.empty() ? "" : args.positional[0], "'");
  if (args.resume) return resume(args);
  std::vector<std::vector<std::string>> runs{args.overrides};
  if (args.multirun) runs = config::expand_sweeps({args.folder}, args.name, args.overrides);
  if (args.print) {  // a sweep's first run
    const config::Composed composed = config::compose({args.folder}, args.name, runs.at(0));
    std::cout << config::to_yaml(args.resolve ? config::resolve(composed.config) : composed.config);
    return 0;
  }
  if (args.multirun) {
    int status = 0;
    std::string sweep_dir;  // of the first run: ${now:...} is one folder for all
    for (size_t i = 0; i < runs.size() && status != 130; ++i) {
      const config::Composed composed = config::compose({args.folder}, args.name, runs[i]);
      Node config = config::resolve(composed.config);
      if (i == 0) sweep_dir = config.get<std::string>("sweep_dir");
      config.set("output_dir", config::sweep_folder(sweep_dir, i));
      status = std::max(status, train_run(config, composed.overrides, args));
    }
    return status;
  }
  const config::Composed composed = config::compose({args.folder}, args.name, runs.at(0));
  return train_run(config::resolve(composed.config), composed.overrides, args);
}

int run_eval(Args raw) {
  const Arguments args = parse(raw);
  if (args.help) {
    std::cout << kEvalHelp;
    return 0;
  }
  LYDIA_CHECK(args.positional.size() == 1, ValueError,
              "lydia eval: expected the folder of one run, got ", args.positional.size());
  LYDIA_CHECK(args.split == "validation" || args.split == "test", ValueError,
              "--split: expected validation or test, got '", args.split, "'");
  const std::string run = args.positional[0];
  LYDIA_CHECK(fs::exists(run + "/model/model.safetensors"), ValueError,
              "lydia eval: expected the folder of a finished run, got '", run, "'");
  const Node config = config::resolve(compose_again(args, run).config);
  check_config(config);
  prepare(config);
  const RunData data = make_data(config);
  check_labels(run + "/model", data);
  const train::DatasetPtr part = args.split == "test" ? data.test : data.validation;
  LYDIA_CHECK(part, ValueError, "lydia eval: expected data with a ", args.split, " part, got none");
  const std::unique_ptr<train::Task> task = make_task(config, data);
  nn::load_model(task->module(), run + "/model/model.safetensors");
  train::Optimizer optimizer = make_optimizer(config, task->module());
  train::DataLoader loader = make_loader(config, data, part, false);
  train::Trainer trainer(*task, optimizer, loader, {});
  print_figures(args.split, trainer.validate(loader), args.json);
  return 0;
}

}  // namespace lydia::cli
