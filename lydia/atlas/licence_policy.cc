#include "lydia/atlas/licence_policy.h"

#include <algorithm>
#include <tuple>

#include "lydia/atlas/plan_paths.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

struct Preset {
  std::string_view name, text;
};

// Columns: linked-static, linked-dynamic, shipped, build-tool, data.
constexpr Preset kPresets[] = {
    {"closed-binary", R"(# Closed source, handed to others as a binary.
policy: closed-binary
cells:
  permissive:       [notice, notice, notice, ok, notice]
  copyleft-file:    [notice+source, notice+source, notice+source, ok, review]
  copyleft-module:  [notice+source, notice+source, notice+source, ok, review]
  copyleft-LGPL:    [review+relink, notice+source, notice+source, ok, review]
  copyleft-strong:  [deny, deny, review+source, warn, deny]
  network:          [deny, deny, deny, warn, deny]
  free-restricted:  [review, review, review, review, review]
  non-commercial:   [deny, deny, deny, deny, deny]
  source-available: [deny, deny, deny, deny, deny]
  proprietary-free: [review, review, review, review, review]
  commercial:       [review, review, review, review, review]
  own:              [ok, ok, ok, ok, ok]
  unknown:          [review, review, review, review, review]
)"},
    {"closed-service", R"(# Closed source, run as a service; nobody outside gets a copy.
policy: closed-service
cells:
  permissive:       [ok, ok, notice, ok, notice]
  copyleft-file:    [ok, ok, notice+source, ok, notice]
  copyleft-module:  [ok, ok, notice+source, ok, notice]
  copyleft-LGPL:    [ok, ok, notice+source, ok, notice]
  copyleft-strong:  [warn, warn, review+source, ok, review]
  network:          [deny, deny, deny, warn, deny]
  free-restricted:  [review, review, review, review, review]
  non-commercial:   [deny, deny, deny, deny, deny]
  source-available: [review, review, deny, review, review]
  proprietary-free: [review, review, review, review, review]
  commercial:       [review, review, review, review, review]
  own:              [ok, ok, ok, ok, ok]
  unknown:          [review, review, review, review, review]
)"},
    {"internal", R"(# Stays inside one organisation.
policy: internal
cells:
  permissive:       [ok, ok, ok, ok, ok]
  copyleft-file:    [ok, ok, ok, ok, ok]
  copyleft-module:  [ok, ok, ok, ok, ok]
  copyleft-LGPL:    [ok, ok, ok, ok, ok]
  copyleft-strong:  [ok, ok, ok, ok, ok]
  network:          [warn, warn, warn, ok, review]
  free-restricted:  [review, review, review, review, review]
  non-commercial:   [review, review, review, review, review]
  source-available: [review, review, review, review, review]
  proprietary-free: [review, review, review, review, review]
  commercial:       [review, review, review, review, review]
  own:              [ok, ok, ok, ok, ok]
  unknown:          [review, review, review, review, review]
)"},
    {"research", R"(# Not for gain; results are published, copies are not sold.
policy: research
cells:
  permissive:       [notice, notice, notice, ok, notice]
  copyleft-file:    [notice+source, notice+source, notice+source, ok, notice]
  copyleft-module:  [notice+source, notice+source, notice+source, ok, notice]
  copyleft-LGPL:    [notice+source, notice+source, notice+source, ok, notice]
  copyleft-strong:  [notice+source, notice+source, notice+source, ok, notice]
  network:          [notice+source, notice+source, notice+source, ok, notice]
  free-restricted:  [review, review, review, review, review]
  non-commercial:   [notice, notice, notice, ok, notice]
  source-available: [review, review, review, review, review]
  proprietary-free: [review, review, review, review, review]
  commercial:       [review, review, review, review, review]
  own:              [ok, ok, ok, ok, ok]
  unknown:          [review, review, review, review, review]
)"},
    {"open", R"(# Open source under the plan's outbound licence.
policy: open
cells:
  permissive:       [notice, notice, notice, ok, notice]
  copyleft-file:    [notice+source, notice+source, notice+source, ok, notice]
  copyleft-module:  [notice+source, notice+source, notice+source, ok, notice]
  copyleft-LGPL:    [notice+source, notice+source, notice+source, ok, notice]
  copyleft-strong:  [outbound, outbound, notice+source, ok, review]
  network:          [outbound, outbound, notice+source, ok, review]
  free-restricted:  [review, review, review, review, review]
  non-commercial:   [deny, deny, deny, deny, deny]
  source-available: [deny, deny, deny, deny, deny]
  proprietary-free: [review, review, review, review, review]
  commercial:       [review, review, review, review, review]
  own:              [ok, ok, ok, ok, ok]
  unknown:          [review, review, review, review, review]
)"},
};

const Preset& find_preset(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return preset;
    names.push_back(preset.name);
  }
  fail<ValueError>("licence policy: unknown preset '", name, "'", nearest_hint(name, names));
}

PolicyCell parse_cell(const std::string& text, const std::string& where) {
  PolicyCell cell;
  bool levelled = false;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('+', begin), text.size());
    const std::string_view word = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const bool level = word == "ok" || word == "warn" || word == "review" || word == "deny";
    if (level) {
      levelled = true;
      cell.level = word == "deny"     ? VerdictLevel::Deny
                   : word == "review" ? VerdictLevel::Review
                                      : VerdictLevel::Allow;
    }
    bool* flag = word == "notice"     ? &cell.notice
                 : word == "source"   ? &cell.source
                 : word == "relink"   ? &cell.relink
                 : word == "warn"     ? &cell.warn
                 : word == "outbound" ? &cell.outbound
                                      : nullptr;
    if (flag) *flag = true;
    LYDIA_CHECK(level || flag, ValueError, where,
                ": expected ok, notice, source, relink, warn, review, deny or outbound joined by "
                "'+', got '",
                text, "'");
  }
  if (!levelled && !cell.outbound) cell.level = VerdictLevel::Obligations;
  return cell;
}

LicencePolicy::Column column_of(Role role) {
  using Column = LicencePolicy::Column;
  switch (role) {
    case Role::LinkedDynamic: return Column::Dynamic;
    case Role::Shipped: return Column::Shipped;
    case Role::BuildTool: return Column::BuildTool;
    case Role::Dataset:
    case Role::Weights: return Column::Data;
    default: return Column::Static;  // unsaid: the place that asks for most
  }
}

Message explain(const std::string& licence, LicenceCategory category, const std::string& policy,
                Role role, const Verdict& v) {
  const std::string_view place = role == Role::Unsaid ? "linked-static" : role_name(role);
  const std::string kind(category_name(category)), where(place);
  std::string asks_en, asks_tr;
  for (const auto& [on, en, tr] :
       {std::tuple{v.notice, "notice", "bildirim"}, std::tuple{v.source, "source", "kaynak kod"},
        std::tuple{v.relink, "relinking", "yeniden bağlama"}}) {
    if (!on) continue;
    asks_en += (asks_en.empty() ? " (" : ", ") + std::string(en);
    asks_tr += (asks_tr.empty() ? " (" : ", ") + std::string(tr);
  }
  if (!asks_en.empty()) asks_en += ")", asks_tr += ")";
  return {licence + " is " + kind + "; policy " + policy + " for " + where + ": " +
              std::string(verdict_name(v.level)) + asks_en,
          licence + ": " + kind + "; " + policy + " ilkesi, " + where +
              " için: " + std::string(verdict_name(v.level, Language::Turkish)) + asks_tr};
}

}  // namespace

std::string_view verdict_name(VerdictLevel level, Language language) {
  static constexpr std::string_view kEnglish[] = {"allow", "allow-with-obligations", "review",
                                                  "deny"};
  static constexpr std::string_view kTurkish[] = {"izin", "yükümlülükle izin", "inceleme", "ret"};
  return (language == Language::Turkish ? kTurkish : kEnglish)[static_cast<int>(level)];
}

std::string_view LicencePolicy::preset_text(std::string_view name) {
  return find_preset(name).text;
}

std::vector<std::string_view> LicencePolicy::preset_names() {
  std::vector<std::string_view> names;
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return names;
}

LicencePolicy LicencePolicy::preset(std::string_view name) {
  return parse(find_preset(name).text, "policy " + std::string(name));
}

LicencePolicy LicencePolicy::read(const std::string& path) {
  return parse(config::read_text(path), path);
}

LicencePolicy LicencePolicy::parse(std::string_view text, const std::string& label) {
  const config::Node file = config::parse_yaml(text, label);
  LicencePolicy policy;
  policy.name_ = file.get<std::string>("policy");
  const config::Node& cells = file.at("cells");
  LYDIA_CHECK(cells.is_map(), ValueError, label, ": expected 'cells' as a map of categories");
  for (const auto& [name, row, place] : cells.map()) {
    const auto category = parse_category(name);
    LYDIA_CHECK(category, ValueError, label, ": unknown licence category '", name, "'",
                show_place(place));
    LYDIA_CHECK(row.is_list() && row.list().size() == kColumns, ValueError, label, ": expected ",
                kColumns, " cells for '", name, "'", show_place(place));
    for (size_t i = 0; i < kColumns; ++i)
      policy.cells_[static_cast<size_t>(*category)][i] =
          parse_cell(row.list()[i].as<std::string>(name), label + show_place(place));
  }
  return policy;
}

LicencePolicy LicencePolicy::of(const Plan& plan) {
  const Policy& said = plan.policy;
  const std::string& goal = said.goal.value;
  LicencePolicy policy = [&] {
    if (!said.table.empty()) return read(file_in_root(plan, said.table, "policy.table"));
    if (goal == "open-source") return preset("open");
    if (goal == "internal" || goal == "research") return preset(goal);
    return preset(said.delivery.value == "service" ? "closed-service" : "closed-binary");
  }();
  policy.outbound = said.outbound.value;
  return policy;
}

Verdict LicencePolicy::judge_one(const SpdxExpression& licence, Role role,
                                 const LicenceKinds& kinds) const {
  const LicenceKind kind = kinds.of(licence);
  const auto column = static_cast<size_t>(column_of(role));
  const PolicyCell& cell = cells_[static_cast<size_t>(kind.category)][column];
  Verdict v;
  v.licence = to_string(licence);
  v.level = cell.level;
  if (cell.outbound)
    v.level = v.licence == outbound ? VerdictLevel::Obligations : VerdictLevel::Review;
  v.warn = cell.warn;
  v.notice = (cell.notice || cell.outbound) && kind.notice;
  v.source = (cell.source || cell.outbound) && kind.source;
  v.relink = cell.relink;
  if (v.level == VerdictLevel::Obligations && !v.notice && !v.source && !v.relink)
    v.level = VerdictLevel::Allow;  // CC0 asks for nothing
  v.because = explain(v.licence, kind.category, name_, role, v);
  return v;
}

Verdict LicencePolicy::judge(const SpdxExpression& e, Role role, const LicenceKinds& kinds) const {
  if (e.kind == SpdxExpression::Kind::License) return judge_one(e, role, kinds);
  const bool best = e.kind == SpdxExpression::Kind::Or;
  const auto weight = [](const Verdict& v) {
    return std::tuple(v.level, v.warn, v.notice + v.source + v.relink);
  };
  Verdict out = judge(e.parts[0], role, kinds);
  for (size_t i = 1; i < e.parts.size(); ++i) {
    Verdict part = judge(e.parts[i], role, kinds);
    if (best ? weight(part) < weight(out) : weight(part) > weight(out)) std::swap(part, out);
    if (best) continue;
    out.notice |= part.notice;  // all parts of AND bind
    out.source |= part.source;
    out.relink |= part.relink;
    out.warn |= part.warn;
  }
  if (!best) out.licence = to_string(e);
  return out;
}

}  // namespace lydia::atlas
