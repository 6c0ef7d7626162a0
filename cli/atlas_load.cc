#include "cli/atlas_load.h"

#include <charconv>
#include <filesystem>
#include <iostream>

#include "lydia/atlas/check.h"
#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/core/error.h"

namespace lydia::cli {
namespace {

using namespace atlas;
namespace fs = std::filesystem;

bool names_a_file(const std::string& word) {
  for (const char* end : {".yaml", ".yml", ".md", ".markdown"})
    if (word.ends_with(end)) return true;
  return word.find('/') != word.npos || fs::is_regular_file(word);
}

std::string existing(const std::string& path) {
  LYDIA_CHECK(fs::is_regular_file(path), ValueError, "lydia atlas: expected a plan, got '", path,
              "': there is no such file");
  return path;
}

}  // namespace

std::string plan_path(const AtlasArgs& args, std::vector<std::string>& names) {
  names = args.positional();
  if (const auto path = args.value("--plan")) return existing(*path);
  if (!names.empty() && names_a_file(names[0])) {
    const std::string path = names[0];
    names.erase(names.begin());
    return existing(path);
  }
  for (const char* name : {"plan.yaml", "atlas.yaml"})
    if (fs::is_regular_file(name)) return name;
  fail<ValueError>("lydia atlas: expected a plan, or a plan.yaml in this folder");
}

std::string only_plan_path(const AtlasArgs& args) {
  LoadedPlan named;
  named.path = plan_path(args, named.names);
  expect_no_names(named);
  return named.path;
}

std::vector<std::pair<std::string, std::string>> params_of(const AtlasArgs& args) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& setting : args.values(kParam)) {
    const size_t equals = setting.find('=');
    LYDIA_CHECK(equals != setting.npos, ValueError, kParam, ": expected NAME=VALUE, got '", setting,
                "'");
    out.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return out;
}

LoadedPlan load_plan(const AtlasArgs& args) {
  LoadedPlan loaded;
  loaded.path = plan_path(args, loaded.names);
  Findings findings;
  Plan plan = read_plan(loaded.path, findings);
  for (const auto& [name, value] : params_of(args)) set_param(plan, name, value);
  loaded.plan = std::make_unique<Plan>(expand_plan(plan, findings));
  CheckOptions options;
  options.licences = false;  // the gate is at the deliveries
  Findings all = check_plan(plan, std::move(findings), options);
  std::erase_if(all, [](const Finding& f) { return f.severity != Severity::Error || f.waived; });
  if (!all.empty()) {
    std::cerr << findings_text(all, loaded.path, args.language());
    fail<ValueError>("lydia atlas: ", loaded.path, " has errors; see lydia atlas check");
  }
  loaded.graph = std::make_unique<PlanGraph>(*loaded.plan);
  return loaded;
}

void expect_no_names(const LoadedPlan& loaded) {
  LYDIA_CHECK(loaded.names.empty(), ValueError, "lydia atlas: expected one plan, got '",
              loaded.names[0], "' beside ", loaded.path);
}

double number_of(const AtlasArgs& args, std::string_view option, double fallback) {
  const auto text = args.value(option);
  if (!text) return fallback;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool good =
      error == std::errc() && end == text->data() + text->size() && value >= 0 && value <= 1e9;
  LYDIA_CHECK(good, ValueError, option, ": expected a number from 0 to 1e9, got '", *text, "'");
  return value;
}

MachineOptions machine_of(const AtlasArgs& args) {
  MachineOptions out;
  out.cpu = number_of(args, "--cpu", 0);
  LYDIA_CHECK(out.cpu > 0 || !args.value("--cpu"), ValueError, "--cpu: expected more than 0");
  out.gpu = static_cast<int>(number_of(args, "--gpu", 0));
  if (const auto mem = args.value("--mem")) out.mem = parse_bytes(*mem);
  LYDIA_CHECK(out.mem > 0 || !args.value("--mem"), ValueError, "--mem: expected more than 0");
  return out;
}

std::string today_of(const AtlasArgs& args) {
  const auto day = args.value("--today");
  LYDIA_CHECK(!day || is_date(*day), ValueError, "--today: expected a day YYYY-MM-DD, got '", *day,
              "'");
  return day.value_or("");
}

}  // namespace lydia::cli
