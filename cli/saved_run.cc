#include "cli/saved_run.h"

#include <algorithm>
#include <filesystem>

#include "lydia/config/compose.h"
#include "lydia/config/config_folder.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/override.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::cli {
namespace {

using config::Node;
using config::Override;

// conf/training/agiformer.yaml and conf/data/bytes.yaml tie the second to the first; in a resolved
// configuration both are numbers, and only the second one is read.
constexpr const char* kTied[][2] = {
    {"training.batch_size", "data.batch_size"},
    {"training.learning_rate", "training.optimizer.lr"},
    {"training.warmup_steps", "training.schedule.warmup_steps"},
    {"training.gradient_accumulation_steps", "training.accumulate"},
    {"training.gradient_clip", "training.clip_norm"},
};

// The run was started with this line, and with none of the same key after it.
bool repeats(const Override& override, const std::vector<std::string>& started_with) {
  for (auto line = started_with.rbegin(); line != started_with.rend(); ++line) {
    const Override before = config::parse_override(*line);
    if (before.key == override.key && before.package == override.package)
      return *line == override.line;
  }
  return false;
}

bool chooses_group(const Override& override, const Node& config) {
  const Node* section = config.child(override.key);
  return override.is(Override::Type::Change) && !override.value.is_container() && section &&
         section->is_map();
}

Node data_of(const std::string& option, const std::string& conf) {
  check_conf(conf);
  const config::ConfigFolder folder({conf});
  if (!folder.is_config("data/" + option)) {
    const std::vector<std::string> options = folder.options("data");
    const std::vector<std::string_view> names(options.begin(), options.end());
    fail<ValueError>("data: expected a file of ", conf, "/data, got '", option, "'",
                     nearest_hint(option, names));
  }
  return config::compose({conf}, "data/" + option).config.at("data");
}

void check_tied(const Node& before, const Node& after) {
  for (const auto& [name, read] : kTied) {
    LYDIA_CHECK(!before.contains(name) || before.at(name) == after.at(name), ValueError, name,
                ": expected the value that the run was started with; to change it, give ", read,
                "=...");
  }
}

}  // namespace

SavedRun saved_run(const std::string& run, const std::vector<std::string>& overrides,
                   const std::string& conf) {
  const Node saved = config::read_yaml(run + "/config.yaml");
  LYDIA_CHECK(saved.is_map(), ValueError, run, "/config.yaml: expected a configuration");
  SavedRun out{
      saved, config::read_yaml(run + "/overrides.yaml").as<std::vector<std::string>>("overrides")};
  const std::vector<std::string> started_with = out.overrides;
  std::vector<std::string> values;
  for (const std::string& line : overrides) {
    const Override override = config::parse_override(line);
    const bool group = chooses_group(override, saved);
    const bool once = group || override.is(Override::Type::Add) ||
                      override.is(Override::Type::Delete);  // twice would be an error
    if (once && repeats(override, started_with)) continue;
    out.overrides.push_back(line);
    if (!group) {
      values.push_back(line);
      continue;
    }
    LYDIA_CHECK(override.key == "data" && override.value.is_string(), ValueError, "'", line,
                "': expected overrides of single values, and data=..., over the configuration in ",
                run, "; what a run trains, and how, was chosen when it began");
    out.config.set("data", data_of(override.value.string(), conf));
  }
  out.config = config::resolve(config::override_values(std::move(out.config), values));
  check_tied(saved, out.config);
  return out;
}

void check_conf(const std::string& conf) {
  LYDIA_CHECK(std::filesystem::is_directory(conf), ValueError,
              "--config-dir: expected a folder of configurations, got \"", conf,
              "\"; name one there or in LYDIA_CONF");
}

}  // namespace lydia::cli
