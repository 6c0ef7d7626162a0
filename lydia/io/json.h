// JSON values (RFC 8259) as plain C++: parsed from untrusted text and written back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lydia::io {

// null, true or false, an integer that int64 holds, any other number, a string, a list, an object
// (in the order of the text).
class Json {
 public:
  using List = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  using Value = std::variant<std::nullptr_t, bool, int64_t, double, std::string, List, Object>;

  Json() : value(nullptr) {}
  Json(bool v) : value(v) {}
  Json(int64_t v) : value(v) {}
  Json(double v) : value(v) {}
  Json(std::string v) : value(std::move(v)) {}
  Json(const char* v) : value(std::string(v)) {}
  Json(List v) : value(std::move(v)) {}
  Json(Object v) : value(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
  // The member of that name; null when there is none, or this is no object.
  const Json* find(std::string_view name) const;
  // The member of that name. ValueError when there is none or this is no object.
  const Json& at(std::string_view name) const;
  // Each throws TypeError when the value is of another kind; as_double() takes integers too.
  bool as_bool() const;
  int64_t as_int() const;
  double as_double() const;
  const std::string& as_string() const;
  const List& as_list() const;
  const Object& as_object() const;
  // "null", "a bool", "an integer", ... for messages.
  const char* kind() const;

  Value value;
};

inline constexpr int kMaxJsonDepth = 256;

// Throws ValueError, beginning with `label`, for malformed text, a repeated member, invalid UTF-8
// and more than kMaxJsonDepth levels.
Json parse_json(std::string_view text, const std::string& label);
// On one line. Numbers keep every bit; ValueError for what JSON cannot say (NaN, infinity) and for
// strings that are not UTF-8.
std::string to_json(const Json& value);

}  // namespace lydia::io
