// One more waiver in a plan's YAML file, everything else left as it was, comments too.
#pragma once

#include <string>

#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// The text with the waiver first in its `waivers`, block list or flow list, or with a list of its
// own at the end where it has none. ValueError when the text is no YAML map, or holds its waivers
// in a form that nothing can be added to.
std::string add_waiver(std::string yaml, const Waiver& waiver);

}  // namespace lydia::atlas
