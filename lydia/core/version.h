// The version of lydia, as CMakeLists.txt states it.
#pragma once

#include <string_view>

namespace lydia {

// "0.1.0".
std::string_view version();

}  // namespace lydia
