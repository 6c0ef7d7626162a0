// The value tree that configuration is made of: null, bool, int, float, string, list and map. Maps
// keep the order of their keys. Every value knows the place it came from, so that a message can
// name it.
//
// Reading is typed and by dotted path: `config.get<int64_t>("training.max_steps")`. A value of
// another type, a key that is not there and a mandatory value that was never given ("???") are
// errors that name the path and the place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lydia::config {

// Where a value was written: "conf/model/mlp.yaml:3:8", or "override 'model.width=8'" (line 0).
struct Place {
  std::shared_ptr<const std::string> origin;
  int line = 0, column = 0;  // from 1; 0: the origin has no lines
};
// " (conf/model/mlp.yaml:3:8)", or nothing for a value that a program made.
std::string show_place(const Place& place);

class Node {
 public:
  enum class Kind { Null, Bool, Int, Float, String, List, Map };
  struct Entry;
  using List = std::vector<Node>;
  using Map = std::vector<Entry>;

  Node();
  Node(bool value);
  Node(int value);
  Node(int64_t value);
  Node(double value);
  Node(std::string value);
  Node(std::string_view value);
  Node(const char* value);
  Node(List value);
  Node(Map value);
  Node(const Node& other);
  Node(Node&& other) noexcept;
  Node& operator=(const Node& other);
  Node& operator=(Node&& other) noexcept;
  ~Node();

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::Null; }
  bool is_string() const { return kind() == Kind::String; }
  bool is_list() const { return kind() == Kind::List; }
  bool is_map() const { return kind() == Kind::Map; }
  bool is_container() const { return is_list() || is_map(); }
  // The string "???": a mandatory value that is not given yet.
  bool is_missing() const;
  // A string with "${": it stands for something else until resolve() (interpolation.h).
  bool is_interpolation() const;

  // The value itself; call them only for a node of that kind.
  bool boolean() const { return std::get<bool>(value_); }
  int64_t integer() const { return std::get<int64_t>(value_); }
  double real() const { return std::get<double>(value_); }
  const std::string& string() const { return std::get<std::string>(value_); }
  const List& list() const { return std::get<List>(value_); }
  List& list() { return std::get<List>(value_); }
  const Map& map() const { return std::get<Map>(value_); }
  Map& map() { return std::get<Map>(value_); }

  // The child under a map's key or a list's index ("0", "-1"); null when there is none.
  const Node* child(std::string_view key) const;
  Node* child(std::string_view key);
  // The value under a dotted path; null when there is none.
  const Node* find(std::string_view path) const;
  bool contains(std::string_view path) const { return find(path) != nullptr; }
  // As find, but a path that leads nowhere is a ValueError that suggests the nearest key.
  const Node& at(std::string_view path) const;

  // T: bool, int64_t, int, double, std::string, std::optional or std::vector of these. A float
  // takes an int; an int takes a float without fraction (1e6); a string takes a number.
  template <class T>
  T get(std::string_view path) const;
  // `fallback` when the path leads nowhere.
  template <class T>
  T get(std::string_view path, T fallback) const {
    return contains(path) ? get<T>(path) : std::move(fallback);
  }
  // This value as a T; `path` is what messages call it.
  template <class T>
  T as(std::string_view path) const;

  // Sets a map's key, in its place when it is there, at the end when it is new.
  void set(std::string_view key, Node value);
  bool erase(std::string_view key);

  const Place& place() const { return place_; }
  Node& at_place(Place place);

  // Equal values; places do not count. 1 and 1.0 are different.
  friend bool operator==(const Node& a, const Node& b);

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Map> value_;
  Place place_;
};

struct Node::Entry {
  std::string key;
  Node value;
  Place place = {};  // of the key
  friend bool operator==(const Entry& a, const Entry& b) {
    return a.key == b.key && a.value == b.value;
  }
};

// "an integer", "the string 'abc'": what a message calls a kind, and a value.
std::string_view kind_name(Node::Kind kind);
std::string show_value(const Node& node);

// "a.b.c" and "a[b].c" as keys. Throws ValueError for more keys than a configuration nests.
std::vector<std::string> split_path(std::string_view path);
// The deepest nesting of maps and lists that is read, composed or resolved.
inline constexpr int kMaxDepth = 100;

// Throws unless `node` is a given value: not "???" and not an unresolved interpolation.
void check_given(const Node& node, std::string_view path);
[[noreturn]] void wrong_type(const Node& node, std::string_view path, std::string_view expected);

// Reads `node` as a T.
template <class T>
struct Reader {
  static T read(const Node& node, std::string_view path);
};
template <class T>
struct Reader<std::optional<T>> {
  static std::optional<T> read(const Node& node, std::string_view path) {
    if (node.is_null()) return std::nullopt;
    return node.as<T>(path);
  }
};
template <class T>
struct Reader<std::vector<T>> {
  static std::vector<T> read(const Node& node, std::string_view path) {
    if (!node.is_list()) wrong_type(node, path, "a list");
    std::vector<T> out;
    for (size_t i = 0; i < node.list().size(); ++i) {
      out.push_back(node.list()[i].template as<T>(std::string(path) + "." + std::to_string(i)));
    }
    return out;
  }
};

template <>
bool Reader<bool>::read(const Node& node, std::string_view path);
template <>
int64_t Reader<int64_t>::read(const Node& node, std::string_view path);
template <>
int Reader<int>::read(const Node& node, std::string_view path);
template <>
double Reader<double>::read(const Node& node, std::string_view path);
template <>
std::string Reader<std::string>::read(const Node& node, std::string_view path);

template <class T>
T Node::as(std::string_view path) const {
  check_given(*this, path);
  return Reader<T>::read(*this, path);
}

template <class T>
T Node::get(std::string_view path) const {
  return at(path).as<T>(path);
}

}  // namespace lydia::config
