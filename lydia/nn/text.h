// Short texts for extra_repr(), as Python writes them.
#pragma once

#include <sstream>
#include <string>

namespace lydia::nn {

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

inline const char* python_bool(bool value) { return value ? "True" : "False"; }

}  // namespace lydia::nn
