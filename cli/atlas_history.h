// What the journal knows of a plan's runs, for whoever shows the plan.
#pragma once

#include <vector>

#include "lydia/atlas/resolver.h"
#include "lydia/atlas/show.h"

namespace lydia::cli {

// States, past attempts, times and the calibration of persons into `options`. `probes`: of all
// tasks.
void add_history(atlas::Resolver& resolver, const std::vector<atlas::TaskProbe>& probes,
                 atlas::ShowOptions& options);

}  // namespace lydia::cli
