// Typed reading of values, with messages that name the key, the wanted type, the value and its
// place.
#include <cmath>
#include <limits>

#include "lydia/config/node.h"
#include "lydia/config/scalar.h"
#include "lydia/core/error.h"

namespace lydia::config {

std::string_view kind_name(Node::Kind kind) {
  constexpr std::string_view kNames[] = {"null",     "a boolean", "an integer", "a float",
                                         "a string", "a list",    "a map"};
  return kNames[static_cast<size_t>(kind)];
}

std::string show_value(const Node& node) {
  constexpr size_t kMaxShown = 60;
  switch (node.kind()) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return node.boolean() ? "true" : "false";
    case Node::Kind::Int:
    case Node::Kind::Float: return "the number " + python_text(node);
    case Node::Kind::String:
      return "the string '" +
             (node.string().size() > kMaxShown ? node.string().substr(0, kMaxShown) + "..."
                                               : node.string()) +
             "'";
    case Node::Kind::List: return "a list of " + std::to_string(node.list().size());
    case Node::Kind::Map: break;
  }
  return "a map of " + std::to_string(node.map().size()) + " keys";
}

void wrong_type(const Node& node, std::string_view path, std::string_view expected) {
  fail<TypeError>("config: ", path, ": expected ", expected, ", got ", show_value(node),
                  show_place(node.place()));
}

void check_given(const Node& node, std::string_view path) {
  LYDIA_CHECK(!node.is_missing(), ValueError, "config: ", path,
              ": mandatory value is not given; give it as ", path, "=VALUE",
              show_place(node.place()));
  LYDIA_CHECK(!node.is_interpolation(), ValueError, "config: ", path, ": ", node.string(),
              " is not resolved yet", show_place(node.place()));
}

template <>
bool Reader<bool>::read(const Node& node, std::string_view path) {
  if (node.kind() != Node::Kind::Bool) wrong_type(node, path, "true or false");
  return node.boolean();
}

template <>
int64_t Reader<int64_t>::read(const Node& node, std::string_view path) {
  if (node.kind() == Node::Kind::Int) return node.integer();
  constexpr double kLimit = 9007199254740992.0;  // 2^53: below it every whole float is exact
  if (node.kind() == Node::Kind::Float && std::abs(node.real()) <= kLimit &&
      node.real() == std::trunc(node.real())) {
    return static_cast<int64_t>(node.real());
  }
  wrong_type(node, path, "an integer");
}

template <>
int Reader<int>::read(const Node& node, std::string_view path) {
  const int64_t value = Reader<int64_t>::read(node, path);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    wrong_type(node, path, "an integer of 32 bits");
  }
  return static_cast<int>(value);
}

template <>
double Reader<double>::read(const Node& node, std::string_view path) {
  if (node.kind() == Node::Kind::Int) return static_cast<double>(node.integer());
  if (node.kind() != Node::Kind::Float) wrong_type(node, path, "a number");
  return node.real();
}

template <>
std::string Reader<std::string>::read(const Node& node, std::string_view path) {
  const bool number = node.kind() == Node::Kind::Int || node.kind() == Node::Kind::Float;
  if (!number && !node.is_string()) wrong_type(node, path, "a string");
  return python_text(node);
}

}  // namespace lydia::config
