// Walks the tree along the mistyped path and mends it key by key.
#include "lydia/config/suggest.h"

#include <vector>

#include "lydia/config/node.h"
#include "lydia/core/nearest.h"

namespace lydia::config {
namespace {

std::string join(const std::string& prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
}

// The first path below `node` whose last key is `key`, in the order of the file.
std::string path_ending_in(const Node& node, std::string_view key, const std::string& prefix) {
  if (!node.is_map()) return "";
  if (node.child(key) != nullptr) return join(prefix, key);
  for (const Node::Entry& entry : node.map()) {
    std::string found = path_ending_in(entry.value, key, join(prefix, entry.key));
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

std::string nearest_path(const Node& root, std::string_view path) {
  const std::vector<std::string> keys = split_path(path);
  const Node* node = &root;
  std::string mended;
  for (const std::string& key : keys) {
    std::string known = key;
    if (node->child(key) == nullptr) {
      if (!node->is_map()) break;
      std::vector<std::string_view> siblings;
      for (const Node::Entry& entry : node->map()) siblings.push_back(entry.key);
      known = nearest(key, siblings);
      if (known.empty()) return path_ending_in(root, keys.back(), "");
    }
    mended = join(mended, known);
    node = node->child(known);
  }
  return mended;
}

std::string suggest_path(const Node& root, std::string_view path) {
  const std::string found = nearest_path(root, path);
  return found.empty() || found == path ? "" : "; did you mean '" + found + "'?";
}

}  // namespace lydia::config
