// SPDX licence expressions (SPDX 2.3, annex D): parsed from untrusted text into a tree, and written
// back with no more parentheses than they need.
//
//   expression := and ("OR" and)*          binding, tightest first: + WITH AND OR
//   and        := term ("AND" term)*
//   term       := id ["+"] ["WITH" exception] | reference | "(" expression ")"
//   reference  := ["DocumentRef-" name ":"] "LicenseRef-" name
//
// Ids are matched without regard to case and written as the list has them; the operators are taken
// in capitals or in small letters. A deprecated id becomes what the list says in its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lydia::atlas {

struct SpdxExpression {
  enum class Kind { License, And, Or };

  Kind kind = Kind::License;
  std::string id;         // of a licence or reference: "MIT", "LicenseRef-Own"
  bool or_later = false;  // "+"
  std::string exception;  // after WITH
  bool known = true;      // the list has the id and the exception; references are never known
  std::vector<SpdxExpression> parts;  // of And and Or: two or more, none of the same kind

  // "LicenseRef-..." or "DocumentRef-...".
  bool is_reference() const;
};

struct SpdxReading {
  SpdxExpression expression;
  std::vector<std::string> notes;  // "GPL-2.0 is deprecated: read as GPL-2.0-only"
};

inline constexpr int kMaxSpdxDepth = 64;

// ValueError with the column (from 1) for text that is no expression.
SpdxReading parse_spdx(std::string_view text);
std::string to_string(const SpdxExpression& expression);

// The id as the list writes it; empty when the list has none. Deprecated ids are found too.
std::string_view spdx_id(std::string_view any_case);
// The version of the list in this build: "3.19".
std::string_view spdx_list_version();
// Ids that are not deprecated, as the list has them.
const std::vector<std::string_view>& spdx_ids();

}  // namespace lydia::atlas
