// "Did you mean ...?" for paths of a configuration.
#pragma once

#include <string>
#include <string_view>

namespace lydia::config {

class Node;

// The path of `root` that `path` was probably meant to be, or nothing: each key that is not there
// is replaced by the nearest one beside it ("trainig.lr" -> "training.lr"); failing that, a path
// anywhere that ends in the same key ("lr" -> "training.lr").
std::string nearest_path(const Node& root, std::string_view path);

// "; did you mean 'training.lr'?", or nothing.
std::string suggest_path(const Node& root, std::string_view path);

}  // namespace lydia::config
