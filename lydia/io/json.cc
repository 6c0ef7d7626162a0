#include "lydia/io/json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/io/safetensors_header.h"

namespace lydia::io {
namespace {

using Parser = nlohmann::json;

// Builds a Json from the events of the parser. A stack of containers stands for the nesting, so
// depth costs no stack of the machine's.
class JsonBuilder : public nlohmann::json_sax<Parser> {
 public:
  explicit JsonBuilder(const std::string& label) : label_(label) {}
  Json take() { return std::move(root_); }

  bool null() override { return put(Json()); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(Parser::number_integer_t v) override { return put(int64_t{v}); }
  bool number_unsigned(Parser::number_unsigned_t v) override {
    return v <= static_cast<uint64_t>(INT64_MAX) ? put(static_cast<int64_t>(v))
                                                 : put(static_cast<double>(v));
  }
  bool number_float(Parser::number_float_t v, const std::string&) override { return put(v); }
  bool string(std::string& v) override { return put(std::move(v)); }
  bool binary(Parser::binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Json::Object()); }
  bool start_array(size_t) override { return open(Json::List()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (!open_.back().names.insert(name).second) {
      fail<ValueError>(label_, ": the member ", show_name(name), " appears twice");
    }
    open_.back().key = std::move(name);
    return true;
  }
  bool parse_error(size_t position, const std::string& token,
                   const nlohmann::json::exception&) override {
    fail<ValueError>(label_, ": malformed JSON at byte ", position, ", near ", show_name(token));
  }

 private:
  struct Level {
    Json container;
    std::string key;
    std::set<std::string> names;
  };

  bool put(Json v) {
    if (open_.empty()) {
      root_ = std::move(v);
    } else if (auto* list = std::get_if<Json::List>(&open_.back().container.value)) {
      list->push_back(std::move(v));
    } else {
      std::get<Json::Object>(open_.back().container.value)
          .emplace_back(std::move(open_.back().key), std::move(v));
    }
    return true;
  }
  bool open(Json container) {
    LYDIA_CHECK(open_.size() < kMaxJsonDepth, ValueError, label_, ": JSON nested more than ",
                kMaxJsonDepth, " deep");
    open_.push_back({std::move(container), "", {}});
    return true;
  }
  bool close() {
    Json done = std::move(open_.back().container);
    open_.pop_back();
    return put(std::move(done));
  }

  const std::string& label_;
  Json root_;
  std::vector<Level> open_;
};

void write_string(std::string& out, const std::string& text) {
  LYDIA_CHECK(is_valid_utf8(text), ValueError, "to_json: the string ", show_name(text),
              " is not UTF-8");
  out += Parser(text).dump();
}

void write_value(std::string& out, const Json& json);

void write_list(std::string& out, const Json::List& list) {
  out += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i) out += ", ";
    write_value(out, list[i]);
  }
  out += ']';
}

void write_object(std::string& out, const Json::Object& object) {
  out += '{';
  for (size_t i = 0; i < object.size(); ++i) {
    if (i) out += ", ";
    write_string(out, object[i].first);
    out += ": ";
    write_value(out, object[i].second);
  }
  out += '}';
}

void write_value(std::string& out, const Json& json) {
  if (json.is_null()) {
    out += "null";
  } else if (const auto* flag = std::get_if<bool>(&json.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<int64_t>(&json.value)) {
    out += std::to_string(*integer);
  } else if (const auto* number = std::get_if<double>(&json.value)) {
    LYDIA_CHECK(std::isfinite(*number), ValueError, "to_json: JSON has no number for ", *number);
    out += Parser(*number).dump();
  } else if (const auto* text = std::get_if<std::string>(&json.value)) {
    write_string(out, *text);
  } else if (const auto* list = std::get_if<Json::List>(&json.value)) {
    write_list(out, *list);
  } else {
    write_object(out, std::get<Json::Object>(json.value));
  }
}

template <class T>
const T& as(const Json& json, const char* expected) {
  const T* found = std::get_if<T>(&json.value);
  LYDIA_CHECK(found != nullptr, TypeError, "json: expected ", expected, ", got ", json.kind());
  return *found;
}

}  // namespace

const char* Json::kind() const {
  constexpr const char* kKinds[] = {"null",     "a bool", "an integer", "a number",
                                    "a string", "a list", "an object"};
  return kKinds[value.index()];
}

const Json* Json::find(std::string_view name) const {
  const auto* object = std::get_if<Object>(&value);
  if (object == nullptr) return nullptr;
  for (const auto& [key, member] : *object) {
    if (key == name) return &member;
  }
  return nullptr;
}

const Json& Json::at(std::string_view name) const {
  const Json* found = find(name);
  LYDIA_CHECK(found != nullptr, ValueError, "json: expected an object with the member ",
              show_name(name), ", got ",
              std::holds_alternative<Object>(value) ? "one without it" : kind());
  return *found;
}

bool Json::as_bool() const { return as<bool>(*this, "a bool"); }
int64_t Json::as_int() const { return as<int64_t>(*this, "an integer"); }
double Json::as_double() const {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  return as<double>(*this, "a number");
}
const std::string& Json::as_string() const { return as<std::string>(*this, "a string"); }
const Json::List& Json::as_list() const { return as<List>(*this, "a list"); }
const Json::Object& Json::as_object() const { return as<Object>(*this, "an object"); }

Json parse_json(std::string_view text, const std::string& label) {
  // The parser takes a zero byte for the end of its input; JSON has no such thing.
  LYDIA_CHECK(text.find('\0') == std::string_view::npos, ValueError, label,
              ": malformed JSON: a zero byte");
  JsonBuilder builder(label);
  Parser::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string to_json(const Json& value) {
  std::string out;
  write_value(out, value);
  return out;
}

}  // namespace lydia::io
