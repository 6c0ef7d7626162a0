#include "cli/command_line.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::cli {

CommandLine::CommandLine(std::string_view command, Args args, const std::vector<OptionSpec>& known)
    : command_(command) {
  bool ended = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    if (ended || !arg.starts_with('-') || arg == "-") {
      rest_.emplace_back(arg);
      continue;
    }
    if (arg == "--") {
      ended = true;
      continue;
    }
    const size_t equals = arg.find('=');
    const std::string_view name = arg.substr(0, equals);
    const auto spec = std::find_if(known.begin(), known.end(),
                                   [&](const OptionSpec& o) { return o.name == name; });
    if (spec == known.end()) {
      std::vector<std::string_view> names;
      for (const OptionSpec& option : known) names.push_back(option.name);
      const bool is_text = std::isdigit(static_cast<unsigned char>(name[1])) != 0 ||
                           name.find(' ') != std::string_view::npos;
      fail<ValueError>(
          command_, ": expected an option of --help, got '", name, "'",
          is_text ? " (what begins with - but is none goes behind --)" : nearest_hint(name, names));
    }
    std::string value;
    if (equals != std::string_view::npos) {
      LYDIA_CHECK(spec->takes_value, ValueError, command_, ": expected ", name,
                  " without a value, got '", arg, "'");
      value = arg.substr(equals + 1);
    } else if (spec->takes_value) {
      LYDIA_CHECK(i + 1 < args.size(), ValueError, command_, ": expected a value after ", name,
                  ", got none");
      value = args[++i];
    }
    values_[std::string(name)].push_back(std::move(value));
  }
}

std::string CommandLine::text(std::string_view name, std::string_view fallback) const {
  const auto there = values_.find(std::string(name));
  return there == values_.end() ? std::string(fallback) : there->second.back();
}

std::vector<std::string> CommandLine::all(std::string_view name) const {
  const auto there = values_.find(std::string(name));
  return there == values_.end() ? std::vector<std::string>() : there->second;
}

int64_t CommandLine::integer(std::string_view name, int64_t fallback, int64_t least,
                             int64_t most) const {
  if (!has(name)) return fallback;
  const std::string value = text(name);
  int64_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  LYDIA_CHECK(
      error == std::errc() && end == value.data() + value.size() && out >= least && out <= most,
      ValueError, command_, ": expected ", name, " from ", least, " to ", most, ", got '", value,
      "'");
  return out;
}

double CommandLine::number(std::string_view name, double fallback) const {
  if (!has(name)) return fallback;
  const std::string value = text(name);
  double out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  LYDIA_CHECK(error == std::errc() && end == value.data() + value.size() && out >= 0, ValueError,
              command_, ": expected ", name, " to be a number of at least 0, got '", value, "'");
  return out;
}

}  // namespace lydia::cli
