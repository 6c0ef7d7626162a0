// The arguments of a subcommand: options by name, and the rest.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace lydia::cli {

struct OptionSpec {
  std::string_view name;
  bool takes_value = false;
};

class CommandLine {
 public:
  // `command` begins the messages. "--name value" and "--name=value" are the same; "--" ends the
  // options. Throws ValueError for names that are not in the list, suggesting the nearest.
  CommandLine(std::string_view command, Args args, const std::vector<OptionSpec>& known);

  bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  // The last value given, or `fallback`.
  std::string text(std::string_view name, std::string_view fallback = "") const;
  std::vector<std::string> all(std::string_view name) const;
  // Throw ValueError unless the whole value is a number of that kind in [least, most].
  int64_t integer(std::string_view name, int64_t fallback, int64_t least, int64_t most) const;
  double number(std::string_view name, double fallback) const;

  const std::vector<std::string>& rest() const { return rest_; }

 private:
  std::string command_;
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> rest_;
};

}  // namespace lydia::cli
