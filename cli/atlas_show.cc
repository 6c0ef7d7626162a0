// `lydia atlas show`: a plan as text, JSON, Mermaid or one HTML page.
#include <unistd.h>

#include <charconv>
#include <iostream>

#include "cli/atlas.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_file.h"
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

}  // namespace

int run_atlas_show(Args given) {
  const AtlasArgs args(given, {"--text", "--mermaid", "--html", "--json"},
                       {"--output", "--cpu", "--gpu", "--mem", "--seed"});
  atlas::Findings findings;
  const atlas::Plan read = atlas::read_plan(args.plan(), findings);
  const atlas::Plan plan = atlas::expand_plan(read, findings);
  if (atlas::has_errors(findings)) {
    atlas::sort_findings(findings);
    std::cerr << atlas::findings_text(findings, plan.file, args.language(),
                                      report::use_color(STDERR_FILENO));
    return 1;
  }
  atlas::ShowOptions options;
  options.language = args.language();
  options.schedule.cpu = number(args, "--cpu", static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
  options.schedule.gpu = static_cast<int>(number(args, "--gpu", 0));
  options.schedule.seed = static_cast<uint64_t>(number(args, "--seed", 1));
  if (const auto mem = args.value("--mem")) options.schedule.mem = atlas::parse_bytes(*mem);
  const atlas::PlanView view(plan, options);
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

}  // namespace lydia::cli
