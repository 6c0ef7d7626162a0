// The folder of a run: made, and given the configuration that the run was started with.
#pragma once

#include <string>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::config {

// Makes `folder` and writes config.yaml (the resolved configuration) and overrides.yaml (the list
// of overrides) in it. Throws IoError when the system refuses.
void save_run(const std::string& folder, const Node& resolved,
              const std::vector<std::string>& overrides);

// The folder of run `index` of a multirun: `sweep_dir`/3.
std::string sweep_folder(const std::string& sweep_dir, size_t index);

}  // namespace lydia::config
