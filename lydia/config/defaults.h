// From the defaults lists to the order of composition: which files, at which places of the tree.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lydia/config/config_folder.h"
#include "lydia/config/override.h"

namespace lydia::config {

// A file of the result and the package (dotted path) it goes under; later ones win.
struct Part {
  std::string path, package;
  std::optional<std::string> group_key;  // of a group's option: group or group@package
};

struct DefaultsResult {
  std::vector<Part> parts;
  // The option that each group came to: {"model": "mlp"}; null for none.
  std::map<std::string, std::optional<std::string>> choices;
  // The overrides that concern values, not groups.
  std::vector<Override> value_overrides;
};

// Walks the defaults lists from the primary config `name`, as Hydra 1.3 does:
// - `_self_` stands for the file itself; without it the file comes after its defaults;
// - an `override group: option` and a `group=option` of the command line replace an option wherever
// the
//   group comes; the command line wins, then the outer file, then the later one;
// - a relative group or package continues that of the file it stands in.
// `skip_missing`: options "???" are left out instead of refused (for the frame of a multirun).
DefaultsResult expand_defaults(ConfigFolder& folder, const std::string& name,
                               const std::vector<Override>& overrides, bool skip_missing = false);

}  // namespace lydia::config
