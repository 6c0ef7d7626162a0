// The licence gate: what each library, data set and set of weights of a plan may be used for, and
// whether it flows into something that is handed to others. A help for the people who decide; not
// legal advice.
//
// Code counts where its task's outputs reach a task that deploys or distributes, over data edges;
// the licence of data and weights travels along the same edges. Build tools stay behind.
#pragma once

#include <string>
#include <vector>

#include "lydia/atlas/licence_evidence.h"
#include "lydia/atlas/licence_policy.h"
#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

struct LicenceOptions {
  std::string today;  // YYYY-MM-DD, for waivers; empty: this day, UTC
};

// One use of a task, or one given input of the plan, judged.
struct LicenceItem {
  int task = -1, use = -1;  // or
  int plan_input = -1;
  std::string name, version, purl;
  Role role = Role::Unsaid;
  std::string declared;  // as the plan says it
  std::string licence;   // as it was judged: an SPDX expression, or empty when nothing is known
  EvidenceKind evidence = EvidenceKind::Declared;
  std::string source;  // of the evidence
  Verdict verdict;
  std::vector<int> path;  // the tasks on the way to a delivery, ends included; empty: none
  bool waived = false;

  bool delivered() const { return !path.empty(); }
};

struct LicenceReport {
  std::vector<LicenceItem> items;  // in the plan's order: inputs that are read, then uses
  Findings findings;

  // What keeps the task from handing its inputs on: items that flow into it, are denied or wait for
  // review, and are not waived.
  std::vector<const LicenceItem*> blockers(const PlanGraph& graph, int task) const;
  // Why a task that delivers may not run: "licence gate: 'torch': ..."; empty when it may.
  std::string gate(const PlanGraph& graph, int task) const;
};

// Throws what the policy's files throw; findings are what the plan itself gets wrong.
LicenceReport judge_licences(const PlanGraph& graph, const LicenceOptions& options = {});
inline Findings check_licences(const PlanGraph& graph, const LicenceOptions& options = {}) {
  return judge_licences(graph, options).findings;
}

// Today in UTC: "2026-11-21".
std::string today_utc();
// Whether the text is a day of the calendar in that form.
bool is_date(const std::string& text);

}  // namespace lydia::atlas
