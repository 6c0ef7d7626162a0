// `lydia train [options] [overrides]`: composes conf/, trains a model and leaves a folder with the
// configuration, logs, checkpoints, a report and the model.
// `lydia eval DIR [overrides]`: scores the model that such a run saved.
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/saved_run.h"
#include "cli/train_data.h"
#include "cli/train_models.h"
#include "cli/train_parts.h"
#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/override.h"
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
#include "lydia/report/terminal_plot.h"
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
    "  --resume [DIR]      go on with the run in DIR (default: the newest run of output_dir), "
    "from\n"
    "                      the configuration saved there\n"
    "  --json              print the result as one JSON object\n"
    "  --quiet             no progress bar\n";
constexpr const char* kEvalHelp =
    "Usage: lydia eval DIR [--split validation|test] [--json] [key=value ...]\n\n"
    "Scores the model of the training run in DIR on its held-out data. Overrides change the\n"
    "configuration saved there first, such as data.path=...; data=NAME takes other data, from the\n"
    "folder of configurations (--config-dir DIR; default: $LYDIA_CONF, else ./conf).\n";

using Options = std::span<const std::string_view>;
constexpr std::string_view kTrainOptions[] = {
    "--config-dir", "--config-name", "--cfg",   "--resolve", "-m",    "--multirun",
    "--resume",     "--json",        "--quiet", "-h",        "--help"};
constexpr std::string_view kEvalOptions[] = {"--config-dir", "--split", "--json",
                                             "--quiet",      "-h",      "--help"};

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

Arguments parse(Args args, Options known, std::string_view command) {
  Arguments out;
  out.folder = default_folder();
  const auto value = [&](size_t& i) {
    LYDIA_CHECK(i + 1 < args.size(), ValueError, args[i], ": expected a value, got none");
    return std::string(args[++i]);
  };
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string arg(args[i]);
    LYDIA_CHECK(!arg.starts_with('-') || std::find(known.begin(), known.end(), arg) != known.end(),
                ValueError, command, ": expected an option of --help, got '", arg, "'",
                nearest_hint(arg, known));
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
      out.positional.push_back(arg);
    }
  }
  return out;
}

train::Trainer* running = nullptr;

// The first Ctrl-C saves and stops; the second ends the program at once.
extern "C" void on_interrupt(int signal) {
  if (running) running->request_stop();
  std::signal(signal, SIG_DFL);
}

// While it lives, an interrupt stops this trainer.
class InterruptGuard {
 public:
  explicit InterruptGuard(train::Trainer& trainer) {
    running = &trainer;
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
  }
  ~InterruptGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    running = nullptr;
  }
};

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

// The losses that a run logged, for the terminal.
void print_curves(const std::string& folder) {
  const auto series = [&](const char* figure, const char* name) {
    train::Curve curve = train::read_curve(folder + "/metrics.jsonl", figure);
    return report::Series{name, std::move(curve.steps), std::move(curve.values)};
  };
  std::cout << report::terminal_plot(
                   {series("loss", "training loss"), series("val_loss", "validation")},
                   {.x_label = "step", .color = report::use_color(1)})
            << "\n";
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
  train::StopReason reason;
  {
    const InterruptGuard interrupts(trainer);
    reason = trainer.fit();
  }
  if (reason == train::StopReason::Interrupted) {
    std::cerr << "stopped at step " << trainer.step() << "; go on with: lydia train --resume "
              << folder << "\n";
    return 130;
  }
  const int64_t steps = trainer.step();
  const train::Checkpoint best = trainer.restore_best();
  if (!args.json && !args.quiet) print_curves(folder);
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

// Where runs go. Of the configuration files nothing else counts for one that goes on, and nothing
// at all where output_dir is given.
std::string output_dir(const Arguments& args) {
  for (auto line = args.overrides.rbegin(); line != args.overrides.rend(); ++line) {
    const config::Override override = config::parse_override(*line);
    if (override.key == "output_dir") return override.value.as<std::string>("output_dir");
  }
  LYDIA_CHECK(fs::is_directory(args.folder), ValueError,
              "--resume: expected the folder of a run, or output_dir=..., where there is no folder "
              "of configurations \"",
              args.folder, "\" that says where runs are");
  return config::compose({args.folder}, args.name).config.at("output_dir").string();
}

int resume(const Arguments& args) {
  const std::string run =
      newest_run(args.resume->empty() ? run_root(output_dir(args)) : *args.resume);
  SavedRun saved = saved_run(run, args.overrides, args.folder);
  saved.config.set("output_dir", run);  // it may have been moved
  if (args.print) {
    std::cout << config::to_yaml(saved.config);
    return 0;
  }
  return train_run(saved.config, saved.overrides, args);
}

// Runs every combination; what one cannot do does not keep the others from it.
int sweep(const Arguments& args, const std::vector<std::vector<std::string>>& runs) {
  std::string sweep_dir;  // of the first run: ${now:...} is one folder for all
  std::vector<std::string> failed;
  for (size_t i = 0; i < runs.size(); ++i) {
    const config::Composed composed = config::compose({args.folder}, args.name, runs[i]);
    try {
      Node config = config::resolve(composed.config);
      if (sweep_dir.empty()) sweep_dir = config.get<std::string>("sweep_dir");
      config.set("output_dir", config::sweep_folder(sweep_dir, i));
      if (train_run(config, composed.overrides, args) == 130) return 130;
    } catch (const Error& error) {
      std::string line = "run " + std::to_string(i) + " (";
      for (const std::string& override : runs[i])
        line += (line.back() == '(' ? "" : " ") + override;
      failed.push_back(line + "): " + error.what());
      std::cerr << failed.back() << "\n";
    }
  }
  if (failed.empty()) return 0;
  std::cerr << failed.size() << " of " << runs.size() << " runs failed:\n";
  for (const std::string& line : failed) std::cerr << "  " << line << "\n";
  return 1;
}

}  // namespace

int run_train(Args raw) {
  const Arguments args = parse(raw, kTrainOptions, "lydia train");
  if (args.help) {
    std::cout << kTrainHelp;
    return 0;
  }
  LYDIA_CHECK(args.positional.empty(), ValueError, "lydia train: expected key=value, got '",
              args.positional.empty() ? "" : args.positional[0], "'");
  LYDIA_CHECK(!args.resume || !args.multirun, ValueError,
              "--resume: expected one run to go on with, got --multirun");
  if (args.resume) return resume(args);
  check_conf(args.folder);
  std::vector<std::vector<std::string>> runs{args.overrides};
  if (args.multirun) runs = config::expand_sweeps({args.folder}, args.name, args.overrides);
  if (args.print) {  // a sweep's first run
    const config::Composed composed = config::compose({args.folder}, args.name, runs.at(0));
    std::cout << config::to_yaml(args.resolve ? config::resolve(composed.config) : composed.config);
    return 0;
  }
  if (args.multirun) return sweep(args, runs);
  const config::Composed composed = config::compose({args.folder}, args.name, runs.at(0));
  return train_run(config::resolve(composed.config), composed.overrides, args);
}

int run_eval(Args raw) {
  const Arguments args = parse(raw, kEvalOptions, "lydia eval");
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
  const Node config = saved_run(run, args.overrides, args.folder).config;
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
  try {
    print_figures(args.split, trainer.validate(loader), args.json);
  } catch (const train::NotFiniteError& error) {
    fail<train::NotFiniteError>("lydia eval: the ", args.split, " part: ", error.what());
  }
  return 0;
}

}  // namespace lydia::cli
