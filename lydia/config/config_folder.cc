// Paths come from the command line and from files, so they may not leave the folder: no "..", no
// hidden parts, no absolute paths.
#include "lydia/config/config_folder.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

namespace fs = std::filesystem;

void check_inside(const std::string& path) {
  std::istringstream parts(path);
  std::string part;
  bool inside = !path.empty() && path.front() != '/' && path.back() != '/';
  while (inside && std::getline(parts, part, '/')) {
    inside = !part.empty() && part[0] != '.' && part.find('\0') == std::string::npos;
  }
  LYDIA_CHECK(inside, ValueError, "config: expected a path inside the configuration folder, got '",
              path, "'");
}

std::string file_name(const std::string& path) {
  return path.ends_with(".yaml") ? path : path + ".yaml";
}

// The words of a header line such as "# @package _global_"; empty for any other line.
std::vector<std::string> header_words(std::string line) {
  const size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos || line[begin] != '#') return {};
  line.erase(0, line.find_first_not_of('#', begin));
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  if (words.empty() || words[0][0] != '@') words.clear();
  return words;
}

// "# @package NAME" among the header lines that begin a file.
std::optional<std::string> package_of(const std::string& text, const std::string& name) {
  std::istringstream in(text);
  std::optional<std::string> package;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::vector<std::string> words = header_words(line);
    if (words.empty()) break;
    LYDIA_CHECK(words.size() == 2, ValueError, "config: ", name,
                ": expected '# @package NAME', got '", line, "'");
    if (words[0] == "@package") package = words[1];
  }
  return package;
}

// Splits "group@package"; an old-style "@package:rename" keeps its first half.
void split_package(const std::string& text, DefaultItem& item) {
  const size_t at = text.find('@');
  item.path = text.substr(0, at);
  if (at == std::string::npos) return;
  item.package = text.substr(at + 1, text.find(':', at) - at - 1);
  if (item.package == "_here_") item.package = "";
}

DefaultItem group_item(const Node::Entry& entry, const std::string& where) {
  DefaultItem item;
  item.is_group = true;
  std::istringstream words(entry.key);
  std::string last;
  for (std::string word; words >> word; last = word) {
    if (last == "optional") item.optional = true;
    if (last == "override") item.is_override = true;
    LYDIA_CHECK(last.empty() || last == "optional" || last == "override", ValueError,
                "config: ", where, ": expected 'optional', 'override' or a group, got '", last, "'",
                show_place(entry.place));
  }
  split_package(last, item);
  const Node& value = entry.value;
  item.is_list = value.is_list();
  if (value.is_list()) {
    item.options = value.as<std::vector<std::string>>(where);
  } else if (!value.is_null()) {
    if (!value.is_string())
      wrong_type(value, where + ": defaults: " + last, "an option's name or a list of names");
    item.options = {value.string()};
  }
  LYDIA_CHECK(!item.path.empty(), ValueError, "config: ", where,
              ": an item of defaults has no group", show_place(entry.place));
  return item;
}

DefaultItem default_item(const Node& node, const std::string& where) {
  DefaultItem item;
  if (node.is_string()) {
    split_package(node.string(), item);
    item.is_self = item.path == "_self_";
    LYDIA_CHECK(!item.is_self || !item.package, ValueError, "config: ", where,
                ": _self_ takes no package", show_place(node.place()));
  } else {
    if (!node.is_map() || node.map().size() != 1) {
      wrong_type(node, where + ": defaults", "items such as 'group: option', a config or _self_");
    }
    item = group_item(node.map()[0], where);
  }
  item.place = node.place();
  return item;
}

ConfigFile parse_config(const std::string& text, const std::string& name) {
  ConfigFile file;
  file.package = package_of(text, name);
  file.config = parse_yaml(text, name);
  if (file.config.is_null()) file.config = Node(Node::Map());
  if (!file.config.is_container()) wrong_type(file.config, name, "a map");
  if (const Node* defaults = file.config.is_map() ? file.config.child("defaults") : nullptr) {
    if (!defaults->is_list()) wrong_type(*defaults, name + ": defaults", "a list");
    for (const Node& item : defaults->list()) file.defaults.push_back(default_item(item, name));
    file.config.erase("defaults");
  }
  return file;
}

}  // namespace

ConfigFolder::ConfigFolder(std::vector<std::string> folders) : folders_(std::move(folders)) {
  for (const std::string& folder : folders_) {
    std::error_code error;
    LYDIA_CHECK(fs::is_directory(folder, error), IoError, "config: ", folder, ": no such folder");
  }
}

std::string ConfigFolder::show() const {
  std::string out;
  for (const std::string& folder : folders_) out += (out.empty() ? "" : ", ") + folder;
  return out;
}

bool ConfigFolder::is_group(const std::string& path) const {
  if (path.empty() || path.find("..") != std::string::npos) return false;
  return std::any_of(folders_.begin(), folders_.end(), [&](const std::string& folder) {
    std::error_code error;
    return fs::is_directory(fs::path(folder) / path, error);
  });
}

std::optional<std::string> ConfigFolder::find(const std::string& path) const {
  check_inside(path);
  for (const std::string& folder : folders_) {
    const fs::path file = fs::path(folder) / file_name(path);
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error))) return file.string();
  }
  return std::nullopt;
}

bool ConfigFolder::is_config(const std::string& path) const { return find(path).has_value(); }

std::vector<std::string> ConfigFolder::options(const std::string& group) const {
  std::set<std::string> names;
  for (const std::string& folder : folders_) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / group, error)) {
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

const ConfigFile& ConfigFolder::load(const std::string& path) {
  if (const auto found = loaded_.find(path); found != loaded_.end()) return found->second;
  const std::optional<std::string> file = find(path);
  LYDIA_CHECK(file, IoError, "config: no file ", file_name(path), " in ", show());
  return loaded_.emplace(path, parse_config(read_text(*file), *file)).first->second;
}

}  // namespace lydia::config
