#include "lydia/atlas/plan_file.h"

#include <filesystem>

#include "lydia/atlas/plan_fields.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/atlas/plan_yaml.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::atlas {

PlanFormat format_of(const std::string& path) {
  const bool markdown = path.ends_with(".md") || path.ends_with(".markdown");
  return markdown ? PlanFormat::Markdown : PlanFormat::Yaml;
}

Plan read_plan(const std::string& path, Findings& findings) {
  const std::string text = config::read_text(path, kPlanLimits.bytes);
  Plan plan = format_of(path) == PlanFormat::Markdown ? parse_plan_markdown(text, path, findings)
                                                      : parse_plan_yaml(text, path, findings);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  plan.folder = folder.empty() ? std::string(1, '.') : folder;
  return plan;
}

Plan read_plan(const std::string& path) {
  Findings findings;
  Plan plan = read_plan(path, findings);
  sort_findings(findings);
  if (has_errors(findings)) {
    Findings first(findings.begin(), findings.begin() + 1);
    std::string text = findings_text(first, path, Language::English);
    text.pop_back();
    fail<ValueError>("atlas: ", text);
  }
  return plan;
}

}  // namespace lydia::atlas
