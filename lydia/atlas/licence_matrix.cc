#include "lydia/atlas/licence_matrix.h"

#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/io/json.h"

namespace lydia::atlas {
namespace {

// FSF, "Various Licenses and Comments about Them": not compatible with GPL version 2 or 3.
constexpr std::pair<std::string_view, std::string_view> kConflicts[] = {
    {"GPL-2.0-only", "Apache-2.0"},       {"GPL-2.0-only", "GPL-3.0-only"},
    {"GPL-2.0-only", "GPL-3.0-or-later"}, {"GPL-2.0-only", "AGPL-3.0-only"},
    {"GPL-2.0-only", "LGPL-3.0-only"},    {"GPL-2.0-only", "CDDL-1.0"},
    {"GPL-2.0-only", "CDDL-1.1"},         {"GPL-2.0-only", "EPL-1.0"},
    {"GPL-2.0-only", "MPL-1.1"},          {"GPL-2.0-only", "BSD-4-Clause"},
    {"GPL-3.0-only", "CDDL-1.0"},         {"GPL-3.0-only", "CDDL-1.1"},
    {"GPL-3.0-only", "EPL-1.0"},          {"GPL-3.0-only", "MPL-1.1"},
    {"GPL-3.0-only", "BSD-4-Clause"},
};

Compatibility parse(const std::string& word) {
  if (word == "Yes" || word == "Same") return Compatibility::Yes;
  if (word == "No") return Compatibility::No;
  if (word == "Check dependency") return Compatibility::CheckDependency;
  return Compatibility::Unknown;
}

}  // namespace

void LicenceMatrix::read(const std::string& path) {
  const io::Json file = io::parse_json(config::read_text(path), path);
  std::map<std::pair<std::string, std::string>, Compatibility, std::less<>> cells;
  if (const io::Json* rows = file.find("licenses")) {  // matrixseqexpl.json
    for (const io::Json& row : rows->as_list())
      for (const io::Json& cell : row.at("compatibilities").as_list())
        cells[{row.at("name").as_string(), cell.at("name").as_string()}] =
            parse(cell.at("compatibility").as_string());
  } else {  // matrix.json
    for (const auto& [outbound, row] : file.as_object())
      if (std::holds_alternative<io::Json::Object>(row.value))
        for (const auto& [inbound, cell] : row.as_object())
          cells[{outbound, inbound}] = parse(cell.as_string());
  }
  LYDIA_CHECK(!cells.empty(), ValueError, path, ": expected OSADL's licence matrix, got no cell");
  cells_ = std::move(cells);
  const io::Json* time = file.find("timestamp");
  timestamp_ = time && !time->is_null() ? time->as_string() : "";
}

Compatibility LicenceMatrix::of(std::string_view outbound, std::string_view inbound) const {
  if (outbound == inbound) return Compatibility::Yes;
  const auto found = cells_.find(std::pair(std::string(outbound), std::string(inbound)));
  return found == cells_.end() ? Compatibility::Unknown : found->second;
}

bool LicenceMatrix::conflict(std::string_view a, std::string_view b) const {
  for (const auto& [x, y] : kConflicts)
    if ((x == a && y == b) || (x == b && y == a)) return true;
  return of(a, b) == Compatibility::No && of(b, a) == Compatibility::No;
}

}  // namespace lydia::atlas
