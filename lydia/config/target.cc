#include "lydia/config/target.h"

#include <algorithm>

namespace lydia::config {

std::string target_of(const Node& config, std::string_view path) {
  return config.get<std::string>(std::string(path) + "._target_");
}

Node arguments_of(const Node& config, std::string_view path) {
  Node out = config.at(path);
  if (!out.is_map()) wrong_type(out, path, "a map");
  std::erase_if(out.map(), [](const Node::Entry& entry) {
    return entry.key.size() > 2 && entry.key.front() == '_' && entry.key.back() == '_';
  });
  return out;
}

}  // namespace lydia::config
