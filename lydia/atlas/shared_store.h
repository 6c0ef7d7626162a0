// A store that machines share: a folder that all of them mount. Beside the contents (store.h) it
// holds, as files that appear whole or not at all:
//   actions/<key>   what the action of that key gave (action_record.h), as JSON
//   nodes/<key>     one task of an emitted plan (node.h); the key is the SHA-256 of the file
//   results/<key>   by the key of a node: the key of the action that its run ended with
//   persist, locks  kept folders and locks of tasks, see resolver.h
// SQLite stays out of it: its locks are not made for network file systems.
#pragma once

#include <optional>
#include <string>

#include "lydia/atlas/action_record.h"

namespace lydia::atlas {

// The folder of "/a/folder", "a/folder" or "file:///a/folder", absolute. ValueError for other URIs.
std::string store_folder(const std::string& uri);

class SharedStore {
 public:
  // Makes the folder, unless it is only looked at.
  explicit SharedStore(std::string folder, bool look = false);

  const std::string& folder() const { return folder_; }

  // ValueError for a file that is there but is no record of that key.
  std::optional<ActionRecord> action(const std::string& key) const;
  void add_action(const ActionRecord& record);

  std::string add_node(const std::string& text);   // its key
  std::string node(const std::string& key) const;  // ValueError when there is none
  std::optional<ActionRecord> result(const std::string& node) const;
  void set_result(const std::string& node, const std::string& action);

 private:
  std::string path(const char* kind, const std::string& key) const;

  std::string folder_;
};

}  // namespace lydia::atlas
