// What kind of licence an SPDX id is, and what it asks of those who pass the work on. The table is
// lydia's own reading of the commonest licences, not legal advice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lydia/atlas/spdx.h"

namespace lydia::atlas {

enum class LicenceCategory {
  Permissive,
  CopyleftFile,    // changed files stay under the licence: MPL-2.0; of data: share alike
  CopyleftModule,  // the module does: EPL-2.0
  CopyleftLgpl,    // the library does, and can be replaced: LGPL
  CopyleftStrong,  // the whole work does: GPL
  Network,         // and whoever uses it over a network gets the source: AGPL
  FreeRestricted,  // free of charge, for some uses or without changes
  NonCommercial,
  SourceAvailable,
  ProprietaryFree,  // free of charge, under an agreement
  Commercial,
  Own,  // LicenseRef-Own: the plan's owner holds the rights
  Unknown,
};
inline constexpr int kLicenceCategories = static_cast<int>(LicenceCategory::Unknown) + 1;

struct LicenceKind {
  LicenceCategory category = LicenceCategory::Unknown;
  bool notice = false;  // its text and the names of the holders go with the work
  bool source = false;  // so does the source, or an offer of it
  bool network = false;
};

// "copyleft-file"; and back, nullopt for what is none.
std::string_view category_name(LicenceCategory category);
std::optional<LicenceCategory> parse_category(std::string_view name);

// Kinds by id; starts with the built-in table.
class LicenceKinds {
 public:
  LicenceKinds();

  // The kind of one licence of an expression, its exception seen: "GPL-2.0-only WITH
  // Classpath-exception-2.0" binds like a file-level licence. Unknown for what no table has.
  LicenceKind of(const SpdxExpression& licence) const;

  // Adds what the built-in table lacks from a file of the form that the OSS Review Toolkit's
  // `license-classifications.yml` has: `categorizations: [{id, categories: [...]}]`. IoError,
  // ValueError for a file that is not so.
  void add_classifications(const std::string& path);

  size_t size() const { return kinds_.size(); }
  const std::map<std::string, LicenceKind, std::less<>>& all() const { return kinds_; }

 private:
  std::map<std::string, LicenceKind, std::less<>> kinds_;
};

}  // namespace lydia::atlas
