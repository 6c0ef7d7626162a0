// `lydia atlas import | export | fmt | check`: plans as files.
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "cli/atlas_load.h"
#include "lydia/atlas/check.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/atlas/plan_yaml.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

using namespace atlas;

// Findings of the reader go to standard error: standard output holds the result.
bool show_errors(Findings findings, const std::string& file, Language language) {
  sort_findings(findings);
  std::cerr << findings_text(findings, file, language, report::use_color(STDERR_FILENO));
  return has_errors(findings);
}

Language labels_of(const AtlasArgs& args, const Plan& plan) {
  const std::string given = args.value("--labels").value_or(plan.language.value);
  LYDIA_CHECK(given.empty() || given == "en" || given == "tr", ValueError,
              "--labels: expected en or tr, got '", given, "'");
  return given == "tr" ? Language::Turkish : Language::English;
}

// How often "#" begins a line or follows a space: comments, and hashes within texts.
size_t count_hashes(const std::string& text) {
  size_t count = 0;
  for (size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + 1)) {
    count += at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n';
  }
  return count;
}

}  // namespace

int run_atlas_import(Args given) {
  const AtlasArgs args(given, {}, {"--plan", "--output"});
  Findings findings;
  const Plan plan = read_plan(only_plan_path(args), findings);
  show_errors(findings, plan.file, args.language());
  // A value that its label does not understand is kept as a note: nothing of it is lost.
  std::erase_if(findings, [](const Finding& f) { return f.code == "unread-value"; });
  if (has_errors(findings)) return 1;
  write_result(args, plan_yaml(plan));
  return 0;
}

int run_atlas_export(Args given) {
  const AtlasArgs args(given, {}, {"--plan", "--output", "--labels"});
  Findings findings;
  const Plan plan = read_plan(only_plan_path(args), findings);
  if (show_errors(findings, plan.file, args.language())) return 1;
  write_result(args, plan_markdown(plan, labels_of(args, plan)));
  return 0;
}

int run_atlas_fmt(Args given) {
  const AtlasArgs args(given, {"--check", "--drop-comments"}, {"--plan"});
  const std::string path = only_plan_path(args);
  Findings findings;
  const Plan plan = read_plan(path, findings);
  if (show_errors(findings, plan.file, args.language())) return 1;
  const std::string before = config::read_text(path, size_t{16} << 20);
  const bool yaml = format_of(path) == PlanFormat::Yaml;
  const std::string after = yaml ? plan_yaml(plan) : plan_markdown(plan, labels_of(args, plan));
  if (before == after) return 0;
  if (args.has("--check")) {
    std::cout << path << "\n";
    return 1;
  }
  LYDIA_CHECK(!yaml || args.has("--drop-comments") || count_hashes(before) <= count_hashes(after),
              ValueError, "lydia atlas fmt: ", path,
              ": expected no comments, which are lost (--drop-comments does it all the same)");
  io::write_file_atomic(path, after);
  return 0;
}

int run_atlas_check(Args given) {
  const AtlasArgs args(given, {"--json", "--no-files", "--no-licences"},
                       {"--plan", "--root", "--today"});
  Findings findings;
  Plan plan = read_plan(only_plan_path(args), findings);
  if (const auto root = args.value("--root")) {
    LYDIA_CHECK(std::filesystem::is_directory(*root), ValueError,
                "--root: expected a folder, got '", *root, "'");
    plan.folder = *root;
    plan.root = {};
  }
  CheckOptions options;
  options.files = !args.has("--no-files");
  options.licences = !args.has("--no-licences");
  options.today = today_of(args);
  findings = check_plan(plan, std::move(findings), options);
  std::cout << (args.has("--json") ? findings_json(findings, plan.file)
                                   : findings_text(findings, plan.file, args.language(),
                                                   report::use_color(STDOUT_FILENO)));
  return has_errors(findings) ? 1 : 0;
}

}  // namespace lydia::cli
