// What is wrong with a plan, before anything runs: edges, alternatives, modules, versions,
// licences and what makes a task executable and plannable. Nothing is executed; files are only
// looked at.
#pragma once

#include <string>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

struct CheckOptions {
  bool files = true;     // look for modules, symbols and documents on the disk
  bool licences = true;  // run the licence gate
  std::string today;     // YYYY-MM-DD, for waivers; empty: this day, UTC
};

// All findings, sorted; `read` are those of the reader, which come along. docs/atlas.md lists the
// codes.
Findings check_plan(const Plan& plan, Findings read = {}, const CheckOptions& options = {});

}  // namespace lydia::atlas
