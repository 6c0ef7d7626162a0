// The options of a subcommand: "--name value" and "--flag", by a table of names.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::cli {

class Options {
 public:
  // `valued` options take a value, `flags` none; what does not begin with "--" is positional.
  Options(Args args, std::initializer_list<std::string_view> valued,
          std::initializer_list<std::string_view> flags) {
    std::vector<std::string_view> known(valued);
    known.insert(known.end(), flags.begin(), flags.end());
    const auto among = [](std::initializer_list<std::string_view> list, std::string_view name) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    for (size_t i = 0; i < args.size(); ++i) {
      if (!args[i].starts_with("--") || args[i].size() == 2) {
        positional.emplace_back(args[i]);
        continue;
      }
      const std::string_view name = args[i].substr(2);
      if (among(flags, name)) {
        values_[std::string(name)] = "";
        continue;
      }
      LYDIA_CHECK(among(valued, name), ValueError, "expected an option of --help, got '", args[i],
                  "'", nearest_hint(name, known));
      LYDIA_CHECK(i + 1 < args.size(), ValueError, args[i], ": expected a value, got none");
      values_[std::string(name)] = args[++i];
    }
  }

  bool has(const std::string& name) const { return values_.contains(name); }
  const std::string& text(const std::string& name) const {
    LYDIA_CHECK(has(name), ValueError, "expected --", name);
    return values_.at(name);
  }
  double number(const std::string& name) const {
    size_t end = 0;
    double value = 0;
    try {
      value = std::stod(text(name), &end);
    } catch (const std::exception&) {
    }
    LYDIA_CHECK(end > 0 && end == text(name).size(), ValueError, "--", name,
                ": expected a number, got '", text(name), "'");
    return value;
  }
  int64_t integer(const std::string& name) const {
    const double value = number(name);
    LYDIA_CHECK(value == static_cast<double>(static_cast<int64_t>(value)), ValueError, "--", name,
                ": expected an integer, got '", text(name), "'");
    return static_cast<int64_t>(value);
  }

  std::vector<std::string> positional;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace lydia::cli
