// `_target_`: which object a section of the configuration describes. Who knows the objects keeps a
// table of factories; this gives the name and what is left as arguments.
//
//   optimizer: {_target_: adamw, lr: 1e-3}
//   make_optimizer(config::target_of(cfg, "optimizer"), config::arguments_of(cfg, "optimizer"))
#pragma once

#include <string>
#include <string_view>

#include "lydia/config/node.h"

namespace lydia::config {

// The string under `_target_` of the map at `path`. Throws as Node::get.
std::string target_of(const Node& config, std::string_view path);
// The map at `path` without the keys that begin and end with '_' (`_target_`, `_partial_`, ...).
Node arguments_of(const Node& config, std::string_view path);

}  // namespace lydia::config
