// A value of a configuration that names one of several things: words, or the rows of a table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/config/node.h"
#include "lydia/config/schema.h"
#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::cli {

// The place of the value of `key` among `options`; ValueError, suggesting the nearest, otherwise.
inline size_t choice(const config::Node& config, const std::string& key,
                     std::span<const std::string_view> options) {
  const std::string value = config.get<std::string>(key);
  std::string names;
  for (size_t i = 0; i < options.size(); ++i) {
    if (options[i] == value) return i;
    names += (i ? ", " : "") + std::string(options[i]);
  }
  fail<ValueError>(key, ": expected one of ", names, ", got '", value, "'",
                   nearest_hint(value, options));
}

// The row of a table whose name is the value of `key`.
template <class Row, size_t N>
const Row& choose(const config::Node& config, const std::string& key,
                  const Row* const (&table)[N]) {
  std::vector<std::string_view> names;
  for (const Row* row : table) names.push_back(row->name);
  return *table[choice(config, key, names)];
}

// Checks a section against the keys that all rows have and those of this one.
template <class Row>
void check_row(const config::Node& config, std::string_view section,
               std::span<const config::Field> common, const Row& row) {
  std::vector<config::Field> fields(common.begin(), common.end());
  fields.insert(fields.end(), row.fields.begin(), row.fields.end());
  config::check_section(config, section, fields);
}

}  // namespace lydia::cli
