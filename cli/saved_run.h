// The configuration of a run that was made before, from the folder it left: whatever became of the
// configuration files since, the run is what it was.
#pragma once

#include <string>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::cli {

struct SavedRun {
  config::Node config;                 // resolved
  std::vector<std::string> overrides;  // of the run, then those given now
};

// config.yaml of the folder `run` with `overrides` over it. `data=OPTION` takes the data of another
// file of `conf`, the only thing that is read there; other groups are refused unless they repeat
// what the run was started with.
SavedRun saved_run(const std::string& run, const std::vector<std::string>& overrides,
                   const std::string& conf);

// Throws ValueError, saying how to name one, unless `conf` is a folder.
void check_conf(const std::string& conf);

}  // namespace lydia::cli
