// One override of the command line, in Hydra's grammar:
//   a.b=1     change what is there        +a.b=1    add what is not there
//   ++a.b=1   change or add               ~a.b      delete   (~a.b=1: delete where it is 1)
//   group=option  group@package=option  group=[one,two]  +group=option  ~group
// Values are words, 'quoted' or "quoted" strings, [lists], {maps: x} and int(), float(), str(),
// bool() of these. Sweeps give several values: a=1,2,3  a=choice(x,y)  a=range(1,10,2)
// a=sort(3,1,2) group=glob(name*).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lydia/config/node.h"

namespace lydia::config {

struct Override {
  enum class Type { Change, Add, ForceAdd, Delete };

  Type type = Type::Change;
  std::string key;      // a.b, group or group/subgroup
  std::string package;  // what follows '@'
  bool has_package = false;
  bool has_value = false;
  Node value;
  bool is_sweep = false;
  std::vector<std::string> choices;             // of a sweep, each as text to go after '='
  std::vector<std::string> glob, glob_exclude;  // of glob(): patterns over the group's options
  std::string line;                             // as it was given

  // "+group@package": everything before '='.
  std::string key_text() const;
  bool is(Type t) const { return type == t; }
};

// Throws ValueError, with the character where reading stopped, for what is not in the grammar.
Override parse_override(std::string_view line);

}  // namespace lydia::config
