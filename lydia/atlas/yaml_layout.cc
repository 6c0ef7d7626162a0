#include "lydia/atlas/yaml_layout.h"

#include <algorithm>

#include "lydia/config/scalar.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::atlas {
namespace {

using config::Node;

constexpr size_t kColumns = 100;

bool is_special(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF ||
         c == kReplacementChar;
}

bool reads_as_string(const std::string& text) {
  try {
    return config::yaml_scalar(text).is_string() && text != "y" && text != "n" && text != "Y" &&
           text != "N";
  } catch (const ValueError&) {
    return false;  // an integer beyond 64 bits
  }
}

// Whether a text can stand without quotes. Stricter than YAML: a text that makes one look twice is
// quoted.
bool is_plain(const std::string& text, bool flow) {
  const auto first = static_cast<unsigned char>(text.empty() ? ' ' : text.front());
  if (!std::isalnum(first) && first < 0x80 && first != '/' && first != '_' && first != '.') {
    return false;
  }
  if (text.back() == ' ' || text.back() == ':' || text.starts_with("...")) return false;
  if (text.find_first_of(flow ? ",[]{}:#&*!|>'\"%@`=?" : "\"`") != std::string::npos) return false;
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return false;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (is_special(c.value)) return false;
    at += c.length;
  }
  return reads_as_string(text);
}

// A text of several lines fits a literal block when the block shows every character of it.
bool fits_block(const std::string& text) {
  if (text.find('\n') == std::string::npos || text.front() == ' ' || text.front() == '\n' ||
      text.back() == '\n' || text.find(" \n") != std::string::npos || text.back() == ' ') {
    return false;
  }
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (c.value != '\n' && is_special(c.value)) return false;
    at += c.length;
  }
  return true;
}

std::string block(const std::string& text, size_t indent) {
  const std::string margin(indent, ' ');
  std::string out = "|-\n";
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out += margin + text.substr(at, end - at);
    out += "\n";
    at = end + 1;
  }
  return out;
}

std::string scalar(const Node& node, bool flow) {
  switch (node.kind()) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return node.boolean() ? "true" : "false";
    case Node::Kind::String:
      return is_plain(node.string(), flow) ? node.string() : config::yaml_quoted(node.string());
    default: return config::python_text(node);
  }
}

bool has_lines(const Node& node) {
  if (node.is_string()) return fits_block(node.string());
  if (node.is_list()) return std::any_of(node.list().begin(), node.list().end(), has_lines);
  return node.is_map() && std::any_of(node.map().begin(), node.map().end(),
                                      [](const Node::Entry& e) { return has_lines(e.value); });
}

// Holds no list or map.
bool is_flat(const Node& node) {
  if (node.is_list()) {
    return std::none_of(node.list().begin(), node.list().end(),
                        [](const Node& item) { return item.is_container(); });
  }
  return std::none_of(node.map().begin(), node.map().end(),
                      [](const Node::Entry& e) { return e.value.is_container(); });
}

// Keys are texts to every reader of plans: {n: "2"} needs no quotes around n.
std::string key_text(const std::string& key) {
  const bool letter = key == "y" || key == "n" || key == "Y" || key == "N";
  return letter ? key : scalar(Node(key), true);
}

void write_map(const Node& map, size_t indent, int block_levels, std::string& out);

// What follows "key:" or "-" at `column`; items of a list stand at `indent`.
void write_value(const Node& node, size_t indent, size_t column, int block_levels,
                 std::string& out) {
  if (!node.is_container()) {
    const bool lines = node.is_string() && fits_block(node.string());
    out += " " + (lines ? block(node.string(), indent + 2) : scalar(node, false) + "\n");
    return;
  }
  const bool empty = node.is_map() ? node.map().empty() : node.list().empty();
  if (empty || ((block_levels <= 0 || (block_levels == 1 && is_flat(node))) && !has_lines(node))) {
    const std::string flow = flow_yaml(node);
    if (empty || column + flow.size() <= kColumns) {
      out += " " + flow + "\n";
      return;
    }
  }
  out += "\n";
  if (node.is_map()) {
    write_map(node, indent + 2, block_levels - 1, out);
    return;
  }
  for (const Node& item : node.list()) {
    out += std::string(indent, ' ') + "-";
    std::string inner;
    write_value(item, item.is_list() ? indent + 2 : indent, indent + 2, block_levels - 1, inner);
    // A block map or list begins on the line of its dash.
    out += inner[0] == '\n' ? " " + inner.substr(1 + indent + 2) : inner;
  }
}

void write_map(const Node& map, size_t indent, int block_levels, std::string& out) {
  for (const Node::Entry& entry : map.map()) {
    const std::string key = std::string(indent, ' ') + key_text(entry.key) + ":";
    out += key;
    write_value(entry.value, indent, key.size() + 1, block_levels, out);
  }
}

}  // namespace

std::string layout_yaml(const Node& map, int block_levels) {
  std::string out;
  write_map(map, 0, block_levels, out);
  return out;
}

std::string flow_yaml(const Node& node) {
  std::string out;
  if (node.is_list()) {
    for (const Node& item : node.list()) out += (out.empty() ? "" : ", ") + flow_yaml(item);
    return "[" + out + "]";
  }
  if (node.is_map()) {
    for (const Node::Entry& entry : node.map()) {
      out += (out.empty() ? "" : ", ") + key_text(entry.key) + ": " + flow_yaml(entry.value);
    }
    return "{" + out + "}";
  }
  return scalar(node, true);
}

}  // namespace lydia::atlas
