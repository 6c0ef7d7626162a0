// What the checks of check_*.cc share.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "lydia/atlas/check.h"
#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

struct Checker {
  const Plan& plan;  // expanded
  const PlanGraph& graph;
  const CheckOptions& options;
  Findings& findings;

  Finding& add(Severity severity, std::string code, const std::string& subject, Source at,
               Message message, Message hint = {}) {
    Finding finding;
    finding.severity = severity;
    finding.code = std::move(code);
    finding.subject = subject;
    finding.at = at;
    finding.message = std::move(message);
    finding.hint = std::move(hint);
    findings.push_back(std::move(finding));
    return findings.back();
  }
  Finding& error(std::string code, const std::string& subject, Source at, Message message,
                 Message hint = {}) {
    return add(Severity::Error, std::move(code), subject, at, std::move(message), std::move(hint));
  }
  Finding& warning(std::string code, const std::string& subject, Source at, Message message,
                   Message hint = {}) {
    return add(Severity::Warning, std::move(code), subject, at, std::move(message),
               std::move(hint));
  }

  const Task& task(int index) const { return plan.tasks[static_cast<size_t>(index)]; }
  const Group& group(int index) const { return plan.groups[static_cast<size_t>(index)]; }
};

void check_structure(Checker& c);     // ids, parents, owners, orphans
void check_edges(Checker& c);         // cycles, inputs, outputs that nobody takes
void check_alternatives(Checker& c);  // any_of and choose
void check_modules(Checker& c);       // files, symbols, who creates before who uses
void check_execution(Checker& c);     // run, check, effort, variables
void check_versions(Checker& c);      // whether every use can be locked
void check_prose(Checker& c);         // placeholders, missing documents
void check_paths(Checker& c);         // where inputs and outputs lie, and who makes them

// Two tasks of one group that make the same output "for X" and "for Y".
bool are_alternatives(const Checker& c, int a, int b);

std::string join(const std::vector<std::string>& items, std::string_view between);

}  // namespace lydia::atlas
