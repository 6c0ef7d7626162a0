// lydia atlas sbom, waive: what a plan is made of, and who answers for it.
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "cli/atlas_load.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/plan_yaml.h"
#include "lydia/atlas/resolver.h"
#include "lydia/atlas/sbom.h"
#include "lydia/atlas/waiver_edit.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"
#include "lydia/io/atomic_file.h"

namespace lydia::cli {
namespace {

using namespace atlas;
namespace fs = std::filesystem;

// The results of the plan's tasks that are up to date, and the time of the newest. Those of tasks
// that would run again are no part of what there is now: they are named and left out.
SbomOptions produced(const PlanGraph& graph) {
  SbomOptions options;
  Resolver resolver(graph, Resolver::Access::Look);
  const std::vector<TaskProbe> probes = probe(resolver);
  for (int i = 0; i < graph.size(); ++i) {
    const TaskProbe& found = probes[static_cast<size_t>(i)];
    const auto& latest = found.latest;
    if (!latest || !graph.active(i)) continue;
    if (!found.done()) {
      std::cerr << *graph.plan().tasks[static_cast<size_t>(i)].id
                << " is not up to date: its last outputs are left out\n";
      continue;
    }
    options.created = std::max(options.created, latest->finished);
    std::vector<std::string> inputs;
    for (const auto& [name, value] : latest->parts)
      if (name.starts_with("in.")) inputs.push_back(value);
    for (const ActionOutput& o : latest->outputs)
      options.files.push_back(
          {i, o.port, o.path, o.digest.substr(o.digest.find(':') + 1), latest->key, inputs});
  }
  return options;
}

std::string created(const AtlasArgs& args, const std::string& newest) {
  if (const auto given = args.value("--created")) return *given;
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (!epoch) return newest;
  const std::time_t time = std::strtoll(epoch, nullptr, 10);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

int run_atlas_sbom(Args raw) {
  const AtlasArgs args(raw, {}, {"--plan", "--format", "--created", "--output"});
  Findings findings;
  const Plan plan = expand_plan(read_plan(only_plan_path(args)), findings);
  const PlanGraph graph(plan);
  const LicenceReport report = judge_licences(graph);
  SbomOptions options = produced(graph);
  options.created = created(args, options.created);
  const std::string format = args.value("--format").value_or("cyclonedx");
  if (format == "cyclonedx") {
    write_result(args, cyclonedx_sbom(graph, report, options) + "\n");
  } else if (format == "spdx") {
    write_result(args, spdx_sbom(graph, report, options) + "\n");
  } else {
    LYDIA_CHECK(format == "notice", ValueError,
                "--format: expected cyclonedx, spdx or notice, got '", format, "'");
    write_result(args, notice_text(graph, report));
  }
  return 0;
}

int run_atlas_waive(Args raw) {
  const AtlasArgs args(
      raw, {}, {"--plan", "--task", "--purl", "--code", "--owner", "--reason", "--expires"});
  const std::string path = only_plan_path(args);
  LYDIA_CHECK(format_of(path) == PlanFormat::Yaml, ValueError,
              "lydia atlas waive: expected a YAML plan, got ", path,
              "; lydia atlas import makes one of Markdown");
  const Plan plan = read_plan(path);
  const auto task = args.value("--task");
  LYDIA_CHECK(task || args.value("--purl"), ValueError,
              "lydia atlas waive: expected --task, --purl or both");
  LYDIA_CHECK(
      !args.value("--owner").value_or("").empty() && !args.value("--reason").value_or("").empty(),
      ValueError, "lydia atlas waive: expected --owner and --reason");
  LYDIA_CHECK(is_date(args.value("--expires").value_or("")), ValueError,
              "--expires: expected a day YYYY-MM-DD, got '", args.value("--expires").value_or(""),
              "'");
  LYDIA_CHECK(args.value("--expires") >= atlas::now_utc().substr(0, 10), ValueError,
              "--expires: expected a day to come, got ", *args.value("--expires"));
  LYDIA_CHECK(!task || plan.find_task(*task), ValueError,
              "lydia atlas waive: the plan has no task '", *task, "'");
  const std::string code = args.value("--code").value_or("");
  LYDIA_CHECK(code.empty() || is_finding_code(code), ValueError, "--code: no finding is called '",
              code, "'", nearest_hint(code, finding_codes()));
  Waiver waiver;
  waiver.task.value = task.value_or("");
  waiver.purl.value = args.value("--purl").value_or("");
  waiver.code.value = code;
  waiver.owner.value = *args.value("--owner");
  waiver.reason.value = *args.value("--reason");
  waiver.expires.value = *args.value("--expires");
  const std::string text = add_waiver(config::read_text(path, kPlanLimits.bytes), waiver);
  Findings findings;
  const Plan after = parse_plan_yaml(text, path, findings);
  LYDIA_CHECK(!has_errors(findings) && after.waivers.size() == plan.waivers.size() + 1, ValueError,
              "lydia atlas waive: ", path, " would not read back; nothing was written");
  io::write_file_atomic(path, text);
  std::cout << path << ": waiver recorded\n";
  return 0;
}

}  // namespace lydia::cli
