// Children, paths and places of the value tree.
#include "lydia/config/node.h"

#include <algorithm>
#include <charconv>

#include "lydia/config/suggest.h"
#include "lydia/core/error.h"

namespace lydia::config {

Node::Node() = default;
Node::Node(bool value) : value_(value) {}
Node::Node(int value) : value_(int64_t{value}) {}
Node::Node(int64_t value) : value_(value) {}
Node::Node(double value) : value_(value) {}
Node::Node(std::string value) : value_(std::move(value)) {}
Node::Node(std::string_view value) : value_(std::string(value)) {}
Node::Node(const char* value) : value_(std::string(value)) {}
Node::Node(List value) : value_(std::move(value)) {}
Node::Node(Map value) : value_(std::move(value)) {}
Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

bool operator==(const Node& a, const Node& b) { return a.value_ == b.value_; }

std::string show_place(const Place& place) {
  if (!place.origin) return "";
  std::string text = " (" + *place.origin;
  if (place.line > 0) {
    text += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  return text + ")";
}

bool Node::is_missing() const { return is_string() && string() == "???"; }

bool Node::is_interpolation() const {
  return is_string() && string().find("${") != std::string::npos;
}

const Node* Node::child(std::string_view key) const {
  if (is_map()) {
    for (const Entry& entry : map()) {
      if (entry.key == key) return &entry.value;
    }
  } else if (is_list()) {
    int64_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error != std::errc() || end != key.data() + key.size()) return nullptr;
    const auto count = static_cast<int64_t>(list().size());
    if (index < 0) index += count;
    if (index >= 0 && index < count) return &list()[static_cast<size_t>(index)];
  }
  return nullptr;
}

Node* Node::child(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).child(key));
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> keys(1);
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      keys.emplace_back();
    } else if (path[i] == '[') {
      const size_t close = path.find(']', i);
      LYDIA_CHECK(close != std::string_view::npos, ValueError, "config: expected ']' in the key '",
                  path, "'");
      if (i > 0 && path[i - 1] != '.') keys.emplace_back();
      keys.back() = path.substr(i + 1, close - i - 1);
      i = close;
    } else {
      keys.back() += path[i];
    }
  }
  LYDIA_CHECK(keys.size() <= static_cast<size_t>(kMaxDepth), ValueError,
              "config: expected at most ", kMaxDepth, " keys in a path, got ", keys.size());
  return keys;
}

const Node* Node::find(std::string_view path) const {
  const Node* node = this;
  for (const std::string& key : split_path(path)) {
    node = node->child(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

const Node& Node::at(std::string_view path) const {
  const Node* node = this;
  std::string reached;
  for (const std::string& key : split_path(path)) {
    if (!node->is_container()) check_given(*node, reached);
    const Node* next = node->child(key);
    if (next == nullptr) {
      fail<ValueError>("config: no key '", path, "'", suggest_path(*this, path),
                       show_place(node->place()));
    }
    reached += (reached.empty() ? "" : ".") + key;
    node = next;
  }
  return *node;
}

void Node::set(std::string_view key, Node value) {
  if (Node* old = child(key)) {
    *old = std::move(value);
  } else {
    map().push_back({std::string(key), std::move(value)});
  }
}

bool Node::erase(std::string_view key) {
  const Node* found = std::as_const(*this).child(key);
  if (found == nullptr) return false;
  if (is_list()) {
    list().erase(list().begin() + (found - list().data()));
  } else {
    std::erase_if(map(), [&](const Entry& entry) { return entry.key == key; });
  }
  return true;
}

Node& Node::at_place(Place place) {
  place_ = std::move(place);
  return *this;
}

}  // namespace lydia::config
