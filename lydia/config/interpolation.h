// Interpolations: what "${...}" in a string stands for.
//   ${a.b} ${a[0]}   the value at a path from the root      ${.x} ${..x}   from the map around it
//   ${a.${b}}        a path made of another value           \${            the characters
//   themselves
//   ${oc.env:NAME,default}  an environment variable         ${oc.select:path,default}
//   ${now:%Y-%m-%d}  the time of the run                    ${oc.decode:text}  ${oc.create:[..]}
//   ${oc.dict.keys:path}  ${oc.dict.values:path}
// A string that is one interpolation takes the value's type; others become text.
#pragma once

#include <ctime>

#include "lydia/config/node.h"

namespace lydia::config {

struct ResolveOptions {
  std::time_t now = 0;  // what ${now:...} shows in local time; 0: when resolve() was called
};

// `root` with every interpolation replaced. "???" stays and is an error when it is read or stood
// for. Throws ValueError, naming key and place, for keys that are not there, cycles, unknown
// resolvers, unset variables, malformed text, and results beyond all use (a million values).
Node resolve(const Node& root, const ResolveOptions& options = {});

// The value at `path` alone, resolved; the rest of the tree may hold errors.
Node resolve_at(const Node& root, std::string_view path, const ResolveOptions& options = {});

}  // namespace lydia::config
