#include "lydia/atlas/check.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

// A foreach task's copies say the same thing at the same place.
void drop_repeated(Findings& findings) {
  std::set<std::tuple<int, int, std::string, std::string>> seen;
  std::erase_if(findings, [&](const Finding& f) {
    const bool fresh = seen.emplace(f.at.line, f.at.column, f.code, f.message.en).second;
    return !fresh;
  });
}

bool covers(const Waiver& waiver, const Finding& finding, const std::string& today) {
  if (waiver.code.empty() || *waiver.code != finding.code) return false;
  if (!is_date(*waiver.expires) || *waiver.expires < today) return false;
  if (waiver.owner.empty() || waiver.reason.empty()) return false;
  if (waiver.task.empty() && waiver.purl.empty()) return false;
  return (waiver.task.empty() || *waiver.task == finding.subject) &&
         (waiver.purl.empty() || *waiver.purl == finding.purl);
}

// The licence gate sees to waivers of licence findings itself.
void apply_waivers(const Plan& plan, Findings& findings, const std::string& today) {
  for (Finding& finding : findings) {
    finding.waived = finding.waived || std::any_of(plan.waivers.begin(), plan.waivers.end(),
                                                   [&](const Waiver& waiver) {
                                                     return covers(waiver, finding, today);
                                                   });
  }
}

}  // namespace

std::string join(const std::vector<std::string>& items, std::string_view between) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : std::string(between)) + item;
  return out;
}

Findings check_plan(const Plan& plan, Findings read, const CheckOptions& options) {
  Findings findings = std::move(read);
  const Plan expanded = expand_plan(plan, findings);
  const PlanGraph graph(expanded);
  Checker c{expanded, graph, options, findings};
  check_structure(c);
  check_edges(c);
  check_alternatives(c);
  check_modules(c);
  check_execution(c);
  check_versions(c);
  check_prose(c);
  check_paths(c);
  const std::string today = options.today.empty() ? today_utc() : options.today;
  apply_waivers(expanded, findings, today);
  if (options.licences) {
    try {
      const Findings more = check_licences(graph, {today});
      findings.insert(findings.end(), more.begin(), more.end());
    } catch (const Error& error) {  // a policy file that cannot be read
      c.error("license-policy", "", plan.policy.at,
              {error.what(), "lisans politikası okunamadı: " + std::string(error.what())});
    }
  }
  drop_repeated(findings);
  sort_findings(findings);
  return findings;
}

}  // namespace lydia::atlas
