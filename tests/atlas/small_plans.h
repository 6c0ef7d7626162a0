// Small plans for tests, and what the checks find in them.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "lydia/atlas/check.h"
#include "lydia/atlas/plan_yaml.h"

namespace lydia::atlas {

inline const std::string kHead =
    "atlas: 1\npersonas: {ada: {name: Ada, title: Engineer, hours_per_day: 24}}\n"
    "groups: {main: {kind: main, title: All}, micro-1.1: {kind: micro, parent: main}}\ntasks:\n";

inline std::string task(const std::string& id, const std::string& more) {
  return "  " + id + ": {parent: micro-1.1, run: [make], check: [[test]], " + more + "}\n";
}

inline Plan parse(const std::string& text) {
  Findings findings;
  Plan plan = parse_plan_yaml(text, "plan.yaml", findings);
  INFO(findings_text(findings, "plan.yaml", Language::English));
  REQUIRE(findings.empty());
  return plan;
}

inline Findings check(const std::string& text) {
  Findings findings;
  const Plan plan = parse_plan_yaml(text, "plan.yaml", findings);
  CheckOptions options;
  options.files = false;
  options.licences = false;
  return check_plan(plan, findings, options);
}

inline std::string codes(const Findings& findings, Severity least = Severity::Error) {
  std::string out;
  for (const Finding& f : findings) {
    if (f.severity >= least) out += (out.empty() ? "" : " ") + f.code;
  }
  return out;
}

}  // namespace lydia::atlas
