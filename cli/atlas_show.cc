// `lydia atlas show`: a plan as text, JSON, Mermaid or one HTML page; `emit`: for a cluster.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/atlas_history.h"
#include "cli/atlas_load.h"
#include "lydia/atlas/emit.h"
#include "lydia/atlas/node.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/resolver.h"
#include "lydia/atlas/show.h"
#include "lydia/core/error.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

// The plan with foreach expanded; nothing when it has errors, which are shown.
std::optional<atlas::Plan> read_expanded(const AtlasArgs& args) {
  atlas::Findings findings;
  const atlas::Plan read = atlas::read_plan(only_plan_path(args), findings);
  atlas::Plan plan = atlas::expand_plan(read, findings);
  if (!atlas::has_errors(findings)) return plan;
  atlas::sort_findings(findings);
  std::cerr << atlas::findings_text(findings, plan.file, args.language(),
                                    report::use_color(STDERR_FILENO));
  return std::nullopt;
}

}  // namespace

int run_atlas_show(Args given) {
  const AtlasArgs args(given, {"--text", "--gantt", "--mermaid", "--html", "--json"},
                       {"--plan", "--output", "--cpu", "--gpu", "--mem", "--seed"});
  int forms = 0;
  for (const char* form : {"--text", "--gantt", "--mermaid", "--html", "--json"})
    forms += args.has(form);
  LYDIA_CHECK(forms <= 1, ValueError, "lydia atlas show: expected one form, got ", forms);
  const std::optional<atlas::Plan> plan = read_expanded(args);
  if (!plan) return 1;
  atlas::ShowOptions options;
  options.language = args.language();
  const MachineOptions machine = machine_of(args);
  options.schedule.cpu =
      machine.cpu > 0 ? machine.cpu : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  options.schedule.gpu = machine.gpu;
  if (machine.mem > 0) options.schedule.mem = machine.mem;
  options.schedule.seed = static_cast<uint64_t>(number_of(args, "--seed", 1));
  {
    const atlas::PlanGraph graph(*plan);
    atlas::Resolver resolver(graph, atlas::Resolver::Access::Look);
    add_history(resolver, atlas::probe(resolver), options);
  }
  const atlas::PlanView view(*plan, options);
  const bool color = !args.value("--output") && report::use_color(STDOUT_FILENO);
  if (args.has("--gantt")) {
    write_result(args, show_gantt(view, color));
  } else if (args.has("--mermaid")) {
    write_result(args, show_mermaid(view));
  } else if (args.has("--html")) {
    write_result(args, show_html(view));
  } else if (args.has("--json")) {
    write_result(args, show_json(view) + "\n");
  } else {
    write_result(args, show_text(view, color));
  }
  return 0;
}

int run_atlas_emit(Args given) {
  const AtlasArgs args(
      given, {},
      {"--plan", "--to", "--store", "--output", "--image", "--program", "--name", kParam});
  const auto to = args.value("--to"), store = args.value("--store");
  LYDIA_CHECK(to, ValueError, "lydia atlas emit: expected --to slurm, argo, k8s or airflow");
  LYDIA_CHECK(store, ValueError,
              "lydia atlas emit: expected --store FOLDER, which all machines mount");
  const atlas::EmitTarget target = atlas::emit_target(*to);
  const LoadedPlan loaded = load_plan(args);
  expect_no_names(loaded);
  atlas::EmitOptions options;
  options.store = atlas::store_folder(*store);
  options.lydia = args.value("--program").value_or("lydia");
  options.image = args.value("--image").value_or("lydia");
  options.name = args.value("--name").value_or(std::filesystem::path(loaded.path).stem().string());
  atlas::PublishedNodes nodes =
      publish_nodes(*loaded.graph, {loaded.path, params_of(args)}, options.store);
  for (const int task : nodes.left_out) {
    const atlas::Task& left = loaded.plan->tasks[static_cast<size_t>(task)];
    std::cerr << *left.id << " is left out: it "
              << (left.human ? "waits for a person (lydia atlas done)" : "is behind such a task")
              << "\n";
  }
  options.keys = std::move(nodes.keys);
  write_result(args, emit_plan(*loaded.graph, target, options));
  return 0;
}

}  // namespace lydia::cli
