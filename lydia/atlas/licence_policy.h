// What a policy makes of a licence in its place: a table of categories by roles, and the verdict
// over an SPDX expression. None of this is legal advice.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/licence_category.h"

namespace lydia::atlas {

enum class VerdictLevel { Allow, Obligations, Review, Deny };

struct Verdict {
  VerdictLevel level = VerdictLevel::Allow;
  // What using it asks for, when it is allowed: its notice, its source, that the user can relink.
  bool notice = false, source = false, relink = false;
  bool warn = false;     // allowed in this place only: a build tool under the GPL
  std::string licence;   // what the verdict is about: the branch of OR that was taken
  Message because = {};  // "MPL-2.0 is copyleft-file; closed-binary asks for notice and source"
};

// "allow", "allow-with-obligations", "review", "deny"; in Turkish "izin", ...
std::string_view verdict_name(VerdictLevel level, Language language = Language::English);

// One cell: "ok", "notice", "notice+source", "review+relink", "warn", "deny", "outbound".
struct PolicyCell {
  VerdictLevel level = VerdictLevel::Review;
  bool notice = false, source = false, relink = false, warn = false;
  bool outbound = false;  // allowed when the plan's own licence is the same, else review
};

class LicencePolicy {
 public:
  enum class Column { Static, Dynamic, Shipped, BuildTool, Data };
  static constexpr int kColumns = 5;

  // "closed-binary", "closed-service", "internal", "research", "open". ValueError for others.
  static LicencePolicy preset(std::string_view name);
  static std::string_view preset_text(std::string_view name);
  static std::vector<std::string_view> preset_names();
  // A table of the same form from a file; categories it leaves out are reviewed.
  static LicencePolicy read(const std::string& path);
  // The table that the plan's policy names: a file, or the preset of its goal and delivery.
  static LicencePolicy of(const Plan& plan);

  Verdict judge(const SpdxExpression& expression, Role role, const LicenceKinds& kinds) const;

  const std::string& name() const { return name_; }
  std::string outbound;  // the plan's own licence, for "outbound" cells

 private:
  Verdict judge_one(const SpdxExpression& licence, Role role, const LicenceKinds& kinds) const;
  static LicencePolicy parse(std::string_view text, const std::string& label);

  std::string name_;
  std::array<std::array<PolicyCell, kColumns>, kLicenceCategories> cells_;
};

}  // namespace lydia::atlas
