// The docstrings of docs.inc, by name.
#include <string>
#include <unordered_map>

#include "python/define.h"

namespace lydia::python {
namespace {

using Table = std::unordered_map<std::string, std::string>;

Table read_table() {
  Table table;
#define LYDIA_DOC(name, text) table.emplace(name, text);
#include "python/docs.inc"
#undef LYDIA_DOC
  return table;
}

}  // namespace

const char* doc_of(const char* name) {
  static Table table = read_table();
  std::string key(name);
  if (key.rfind("_nn_", 0) == 0) key.erase(0, 4);  // what lydia.nn.functional offers
  auto found = table.find(key);
  // add_ is add written into its first argument, unless it has a text of its own.
  if (found == table.end() && key.size() > 2 && key.back() == '_' && key.front() != '_') {
    const std::string plain = key.substr(0, key.size() - 1);
    const auto of = table.find(plain);
    if (of != table.end())
      found = table.emplace(key, plain + " written into this tensor, which it returns.").first;
  }
  return found == table.end() ? "" : found->second.c_str();
}

}  // namespace lydia::python
