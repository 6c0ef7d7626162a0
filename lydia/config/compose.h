// Composition: a primary config, the files that its defaults list names, and overrides make one
// tree.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::config {

struct Composed {
  Node config;                         // interpolations are not resolved yet: see resolve()
  std::vector<std::string> overrides;  // as they were given
  std::map<std::string, std::optional<std::string>> choices;  // {"model": "mlp"}
};

// Composes `name` (without .yaml) from `folders`, looked through in that order. Throws ValueError
// and TypeError that name file and line; a sweep among the overrides is an error (see
// expand_sweeps).
Composed compose(const std::vector<std::string>& folders, const std::string& name,
                 const std::vector<std::string>& overrides = {});

// `config` with `overrides` of values over it, as compose applies them. Throws as compose does;
// there are no groups.
Node override_values(Node config, const std::vector<std::string>& overrides);

// The override lists of the runs of a sweep: the product of all sweeps, the last one fastest, as
// Hydra's basic sweeper orders them. Without a sweep: the one list itself. Each run is composed
// once, so that what is wrong is known before the first begins; throws then as compose does.
std::vector<std::vector<std::string>> expand_sweeps(const std::vector<std::string>& folders,
                                                    const std::string& name,
                                                    const std::vector<std::string>& overrides);

// `from` over `into`: maps join key by key, all else replaces; "???" does not replace what is
// there.
void merge(Node& into, const Node& from);

}  // namespace lydia::config
