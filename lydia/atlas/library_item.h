// A library as Markdown plans list it, both ways: `name` (v1.13+, Apache 2.0) - License: Compatible
// (note). The parts in parentheses are a version, a condition ("optional", "if ..."), a role, and
// the licence; they are told apart by how they look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// The uses of a line, which may list several. `at` is where the line's text begins. Text that
// begins with no `name` gives nothing.
std::vector<Use> parse_library_items(std::string_view line, Source at);

// One item; parse_library_items reads the same use back, but for fields that Markdown cannot say.
std::string library_item(const Use& use, Language language);

// The SPDX id of a licence's common name: "Apache 2.0" -> "Apache-2.0"; empty when unknown.
std::string_view spdx_of_name(std::string_view name);

}  // namespace lydia::atlas
