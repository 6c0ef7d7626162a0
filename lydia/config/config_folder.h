// Folders of configuration files: `model/mlp.yaml` is the option `mlp` of the group `model`.
// Several folders make one: a file is looked for in each in turn.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::config {

// One line of a defaults list.
struct DefaultItem {
  std::string path;                    // the group, or for an item without options the config
  bool is_group = false;               // "group: option"
  bool is_self = false;                // "_self_"
  std::optional<std::string> package;  // what follows '@'
  std::vector<std::string> options;    // of a group; one unless it is a list; none: null
  bool is_list = false;
  bool optional = false, is_override = false;
  bool external = false;  // came as "+group=option"
  Place place = {};
};

struct ConfigFile {
  std::optional<std::string> package;  // of the head line "# @package NAME"
  std::vector<DefaultItem> defaults;
  Node config;  // without the defaults list; a map or a list
};

class ConfigFolder {
 public:
  // Throws IoError for a folder that is not there.
  explicit ConfigFolder(std::vector<std::string> folders);

  bool is_group(const std::string& path) const;
  bool is_config(const std::string& path) const;
  // Names of the options of a group, sorted.
  std::vector<std::string> options(const std::string& group) const;
  // Reads a file once. Throws as read_yaml, and ValueError for a wrong defaults list.
  const ConfigFile& load(const std::string& path);
  // "conf, ~/conf": where was looked.
  std::string show() const;

 private:
  std::optional<std::string> find(const std::string& path) const;

  std::vector<std::string> folders_;
  std::map<std::string, ConfigFile> loaded_;
};

}  // namespace lydia::config
