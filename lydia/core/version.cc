#include "lydia/core/version.h"

namespace lydia {

std::string_view version() { return LYDIA_VERSION; }

}  // namespace lydia
