#include "lydia/atlas/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_paths.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

// A message without the values of the copy that it speaks of: "T[1,a] -> U[1,a]" as "T[…] -> U[…]".
std::string general(std::string message, const std::string& subject) {
  const size_t open = subject.find('[');
  if (open == std::string::npos) return message;
  const std::string values = subject.substr(open), any = "[…]";
  for (size_t at = message.find(values); at != std::string::npos;
       at = message.find(values, at + any.size())) {
    message.replace(at, values.size(), any);
  }
  return message;
}

// What the copies of a foreach task say at one place becomes one finding of the task as written.
// It is as bad as the worst of them.
void merge_copies(Findings& findings) {
  struct Said {
    size_t index;
    std::set<std::string> subjects;
  };
  std::map<std::tuple<int, int, std::string, std::string>, Said> said;
  Findings kept;
  for (Finding& f : findings) {
    const auto [entry, fresh] =
        said.try_emplace({f.at.line, f.at.column, f.code, general(f.message.en, f.subject)},
                         Said{kept.size(), {f.subject}});
    if (fresh) {
      kept.push_back(std::move(f));
      continue;
    }
    Finding& first = kept[entry->second.index];
    entry->second.subjects.insert(f.subject);
    first.severity = std::max(first.severity, f.severity);
    first.waived = first.waived && f.waived;
  }
  for (const auto& [key, what] : said) {
    if (what.subjects.size() < 2) continue;
    Finding& f = kept[what.index];
    const std::string count = std::to_string(what.subjects.size());
    f.message = {general(f.message.en, f.subject) + " (" + count + " copies)",
                 general(f.message.tr, f.subject) + " (" + count + " kopya)"};
    f.subject = f.subject.substr(0, f.subject.find('['));
  }
  findings = std::move(kept);
}

bool covers(const Waiver& waiver, const Finding& finding, const std::string& today) {
  if (waiver.code.empty() || *waiver.code != finding.code) return false;
  if (!is_date(*waiver.expires) || *waiver.expires < today) return false;
  if (waiver.owner.empty() || waiver.reason.empty()) return false;
  if (waiver.task.empty() && waiver.purl.empty()) return false;
  return (waiver.task.empty() || is_copy_of(finding.subject, *waiver.task)) &&
         (waiver.purl.empty() || *waiver.purl == finding.purl);
}

// The licence gate sees to waivers of licence findings itself.
void apply_waivers(Checker& c, const std::string& today) {
  for (const Waiver& waiver : c.plan.waivers) {
    if (waiver.code.empty() || waiver.code->starts_with("license")) continue;
    bool used = false;
    for (Finding& finding : c.findings) {
      if (!covers(waiver, finding, today)) continue;
      used = finding.waived = true;
    }
    if (used || !is_finding_code(*waiver.code) || *waiver.expires < today) continue;
    c.warning("waiver-unused", *waiver.task, waiver.at,
              {"waiver of '" + *waiver.code + "' covers no finding",
               "'" + *waiver.code + "' muafiyeti hiçbir bulguyu kapsamıyor"});
  }
}

void check_codes(Checker& c) {
  for (const Waiver& waiver : c.plan.waivers) {
    if (waiver.code.empty() || is_finding_code(*waiver.code)) continue;
    const std::string best(nearest(*waiver.code, finding_codes()));
    c.error("bad-value", *waiver.task, waiver.code.at,
            {"no finding is called '" + *waiver.code + "'",
             "'" + *waiver.code + "' diye bir bulgu yok"},
            best.empty()
                ? Message{}
                : Message{"did you mean '" + best + "'?", "'" + best + "' mi demek istediniz?"});
  }
}

}  // namespace

std::string join(const std::vector<std::string>& items, std::string_view between) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : std::string(between)) + item;
  return out;
}

namespace {

void run_checks(const Plan& plan, const PlanGraph& graph, const CheckOptions& options,
                Findings& findings) {
  Checker c{plan, graph, options, findings};
  check_structure(c);
  check_edges(c);
  check_alternatives(c);
  check_modules(c);
  check_execution(c);
  check_versions(c);
  check_prose(c);
  check_paths(c);
  check_codes(c);
  apply_waivers(c, options.today);
  if (!options.licences) return;
  try {
    const Findings more = check_licences(graph, {options.today});
    findings.insert(findings.end(), more.begin(), more.end());
  } catch (const Error& error) {  // a policy file that cannot be read
    c.error("license-policy", "", plan.policy.at,
            {error.what(), "lisans politikası okunamadı: " + std::string(error.what())});
  }
}

}  // namespace

Findings check_plan(const Plan& plan, Findings read, const CheckOptions& options) {
  Findings findings = std::move(read);
  const Plan expanded = expand_plan(plan, findings);
  CheckOptions checks = options;
  checks.files = options.files && !root_problem(expanded);
  if (checks.today.empty()) checks.today = today_utc();
  try {
    run_checks(expanded, PlanGraph(expanded), checks, findings);
  } catch (const TooManyEdges& error) {
    Finding finding;
    finding.code = "foreach";
    finding.subject = error.task;
    finding.at = error.at;
    finding.message = {error.what(), "planın kenarları çok fazla: " + std::string(error.what())};
    findings.push_back(std::move(finding));
  }
  merge_copies(findings);
  sort_findings(findings);
  return findings;
}

}  // namespace lydia::atlas
