// Walks the section and the table at once.
#include "lydia/config/schema.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/core/nearest.h"

namespace lydia::config {
namespace {

std::string join(std::string_view prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : std::string(prefix) + "." + std::string(key);
}

void check_type(const Node& value, const std::string& path, const Field& field) {
  if (value.is_null() && field.need != Need::Required) return;
  if (field.type == Type::Any && !value.is_null()) return;
  check_given(value, path);
  switch (field.type) {
    case Type::Bool: value.as<bool>(path); break;
    case Type::Int: value.as<int64_t>(path); break;
    case Type::Float: value.as<double>(path); break;
    case Type::String: value.as<std::string>(path); break;
    case Type::List:
      if (!value.is_list()) wrong_type(value, path, "a list");
      break;
    case Type::Map:
      if (!value.is_map()) wrong_type(value, path, "a map");
      break;
    case Type::Any: wrong_type(value, path, "a value");
  }
}

// Whether a field lies below `key`.
bool leads_to_field(std::string_view key, std::span<const Field> fields) {
  return std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
    return field.key.size() > key.size() && field.key.starts_with(key) &&
           field.key[key.size()] == '.';
  });
}

void check_keys(const Node& map, const std::string& below, std::string_view path,
                std::span<const Field> fields) {
  for (const Node::Entry& entry : map.map()) {
    const std::string key = join(below, entry.key);
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
    if (field != fields.end()) {
      check_type(entry.value, join(path, key), *field);
    } else if (leads_to_field(key, fields)) {
      if (!entry.value.is_map()) wrong_type(entry.value, join(path, key), "a map");
      check_keys(entry.value, key, path, fields);
    } else {
      std::vector<std::string_view> known;
      for (const Field& f : fields) known.push_back(f.key);
      fail<ValueError>("config: unknown key '", join(path, key), "'", nearest_hint(key, known),
                       show_place(entry.place.origin ? entry.place : entry.value.place()));
    }
  }
}

}  // namespace

void check_section(const Node& config, std::string_view path, std::span<const Field> fields) {
  const Node& section = path.empty() ? config : config.at(path);
  if (!section.is_map()) wrong_type(section, path.empty() ? "configuration" : path, "a map");
  check_keys(section, "", path, fields);
  for (const Field& field : fields) {
    LYDIA_CHECK(field.need == Need::Optional || section.contains(field.key), ValueError,
                "config: expected the key '", join(path, field.key), "'",
                show_place(section.place()));
  }
}

}  // namespace lydia::config
