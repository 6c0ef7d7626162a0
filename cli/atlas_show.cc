// `lydia atlas show`: a plan as text, JSON, Mermaid or one HTML page; `emit`: for a cluster.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/atlas.h"
#include "lydia/atlas/emit.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/resolver.h"
#include "lydia/atlas/show.h"
#include "lydia/core/error.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

double number(const AtlasArgs& args, const std::string& option, double fallback) {
  const auto text = args.value(option);
  if (!text) return fallback;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool good =
      error == std::errc() && end == text->data() + text->size() && value >= 0 && value <= 1e9;
  LYDIA_CHECK(good, ValueError, option, ": expected a number from 0 to 1e9, got '", *text, "'");
  return value;
}

// The plan with foreach expanded; nothing when it has errors, which are shown.
std::optional<atlas::Plan> read_expanded(const AtlasArgs& args) {
  atlas::Findings findings;
  const atlas::Plan read = atlas::read_plan(args.plan(), findings);
  atlas::Plan plan = atlas::expand_plan(read, findings);
  if (!atlas::has_errors(findings)) return plan;
  atlas::sort_findings(findings);
  std::cerr << atlas::findings_text(findings, plan.file, args.language(),
                                    report::use_color(STDERR_FILENO));
  return std::nullopt;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// What the journal knows of the plan's runs. Looking makes no state where none is.
void add_history(const atlas::Plan& plan, atlas::ShowOptions& options) {
  if (!std::filesystem::exists(atlas::state_folder(plan).path)) return;
  const atlas::PlanGraph graph(plan);
  atlas::Resolver resolver(graph);
  std::vector<atlas::ShownState> states;
  std::vector<double> medians;
  for (const atlas::TaskProbe& probe : atlas::probe(resolver)) {
    const std::string& id = *plan.tasks[states.size()].id;
    medians.push_back(median(resolver.journal().durations(id)));
    const bool up_to_date = probe.kind == atlas::TaskProbe::Kind::Cached ||
                            probe.kind == atlas::TaskProbe::Kind::Restore;
    states.push_back({std::string(atlas::probe_name(probe.kind)), up_to_date,
                      probe.latest ? probe.latest->seconds : 0});
  }
  options.schedule.done = [states](int task) { return states[static_cast<size_t>(task)].done; };
  options.schedule.machine_seconds = [medians](int task) {
    return medians[static_cast<size_t>(task)];
  };
  options.state = [states](int task) { return states[static_cast<size_t>(task)]; };
}

}  // namespace

int run_atlas_show(Args given) {
  const AtlasArgs args(given, {"--text", "--mermaid", "--html", "--json"},
                       {"--output", "--cpu", "--gpu", "--mem", "--seed"});
  const std::optional<atlas::Plan> plan = read_expanded(args);
  if (!plan) return 1;
  atlas::ShowOptions options;
  options.language = args.language();
  options.schedule.cpu = number(args, "--cpu", static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
  options.schedule.gpu = static_cast<int>(number(args, "--gpu", 0));
  options.schedule.seed = static_cast<uint64_t>(number(args, "--seed", 1));
  if (const auto mem = args.value("--mem")) options.schedule.mem = atlas::parse_bytes(*mem);
  add_history(*plan, options);
  const atlas::PlanView view(*plan, options);
  if (args.has("--mermaid")) {
    write_result(args, show_mermaid(view));
  } else if (args.has("--html")) {
    write_result(args, show_html(view));
  } else if (args.has("--json")) {
    write_result(args, show_json(view) + "\n");
  } else {
    write_result(args,
                 show_text(view, !args.value("--output") && report::use_color(STDOUT_FILENO)));
  }
  return 0;
}

int run_atlas_emit(Args given) {
  const AtlasArgs args(given, {},
                       {"--to", "--output", "--folder", "--image", "--program", "--name"});
  const auto to = args.value("--to");
  LYDIA_CHECK(to, ValueError, "lydia atlas emit: expected --to slurm, argo, k8s or airflow");
  const atlas::EmitTarget target = atlas::emit_target(*to);
  const std::optional<atlas::Plan> plan = read_expanded(args);
  if (!plan) return 1;
  atlas::EmitOptions options;
  options.plan_file = plan->file;
  options.folder = args.value("--folder").value_or(std::filesystem::current_path().string());
  options.lydia = args.value("--program").value_or("lydia");
  options.image = args.value("--image").value_or("lydia");
  options.name = args.value("--name").value_or(std::filesystem::path(plan->file).stem().string());
  write_result(args, emit_plan(atlas::PlanGraph(*plan), target, options));
  return 0;
}

}  // namespace lydia::cli
