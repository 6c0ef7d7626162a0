// Block style, two spaces a level; lists stand below their key without further indent, as PyYAML
// writes them. Strings are plain where they read back as the same string, else quoted.
#include <algorithm>

#include "lydia/config/scalar.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::config {
namespace {

bool reads_as_string(const std::string& text) {
  try {
    return yaml_scalar(text).is_string();
  } catch (const ValueError&) {
    return false;  // an integer beyond 64 bits
  }
}

// A plain scalar must not begin with an indicator, hold ": " or " #", or look like something else.
bool fits_plain(const std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text == "=" || text == "<<") {
    return false;
  }
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`=").find(text[0]) != std::string_view::npos) {
    const bool word = (text[0] == '-' || text[0] == '?' || text[0] == ':') && text.size() > 1 &&
                      std::isalnum(static_cast<unsigned char>(text[1]));
    if (!word) return false;
  }
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return false;
  if (text.back() == ':' || text.starts_with("---") || text.starts_with("...")) return false;
  const bool printable =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
  // What other readers of YAML may take for a boolean counts as well.
  return printable && text != "y" && text != "Y" && text != "n" && text != "N" &&
         reads_as_string(text);
}

// Whether single quotes can hold it: one line, printable (line ends of Unicode count as ends).
bool fits_single_quotes(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0) || c.value == 0x2028 ||
        c.value == 0x2029 || c.value == 0xFEFF) {
      return false;
    }
    at += c.length;
  }
  return true;
}

std::string string_text(const std::string& text) {
  if (fits_single_quotes(text) && fits_plain(text)) return text;
  if (!fits_single_quotes(text)) return yaml_quoted(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string scalar_text(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return node.boolean() ? "true" : "false";
    case Node::Kind::Float: {
      std::string text = float_text(node.real());
      if (text == "inf" || text == "nan") return "." + text;
      if (text == "-inf") return "-.inf";
      // YAML 1.1 wants a point before the exponent.
      const size_t e = text.find('e');
      if (e == std::string::npos || text.find('.') != std::string::npos) return text;
      return text.substr(0, e) + ".0" + text.substr(e);
    }
    case Node::Kind::String: return string_text(node.string());
    default: return python_text(node);
  }
}

void write(const Node& node, size_t indent, std::string& out);

// What follows "key:" or "-": on the same line, or on the lines below.
void write_value(const Node& node, size_t indent, std::string& out) {
  if (node.is_map() && !node.map().empty()) {
    out += "\n";
    write(node, indent + 2, out);
  } else if (node.is_list() && !node.list().empty()) {
    out += "\n";
    write(node, indent, out);
  } else {
    out += " ";
    write(node, 0, out);
  }
}

void write(const Node& node, size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  if (node.is_map()) {
    if (node.map().empty()) out += "{}\n";
    for (const Node::Entry& entry : node.map()) {
      out += margin + string_text(entry.key) + ":";
      write_value(entry.value, indent, out);
    }
  } else if (node.is_list()) {
    if (node.list().empty()) out += "[]\n";
    for (const Node& item : node.list()) {
      if (item.is_container()) {
        // "- " takes the place of the first two spaces of the item's own margin.
        std::string inner;
        write(item, indent + 2, inner);
        const bool empty = inner == "{}\n" || inner == "[]\n";
        out += margin + "- " + (empty ? inner : inner.substr(indent + 2));
      } else {
        out += margin + "- " + scalar_text(item) + "\n";
      }
    }
  } else {
    out += scalar_text(node) + "\n";
  }
}

}  // namespace

std::string yaml_quoted(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (c.value == '"' || c.value == '\\') {
      out += '\\';
      out += static_cast<char>(c.value);
    } else if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (!fits_single_quotes(text.substr(at, c.length))) {
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(c.value >> shift) & 15];
    } else {
      append_utf8(out, c.value);
    }
    at += c.length;
  }
  return out + "\"";
}

std::string to_yaml(const Node& node) {
  std::string out;
  write(node, 0, out);
  return out;
}

}  // namespace lydia::config
