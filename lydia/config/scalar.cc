// Small recognisers instead of regular expressions: each takes the whole text or refuses it.
#include "lydia/config/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "lydia/config/node.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 9> kTrue = {"yes",  "Yes", "YES", "true", "True",
                                                   "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 9> kFalse = {"no",    "No",  "NO",  "false", "False",
                                                    "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};

std::string without_underscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

// Takes an optional sign from the front.
bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

int64_t to_integer(std::string_view digits, int base, bool negative, std::string_view whole) {
  const std::string text = (negative ? "-" : "") + without_underscores(digits);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  LYDIA_CHECK(error == std::errc() && end == text.data() + text.size(), ValueError,
              "expected an integer of 64 bits, got ", whole);
  return value;
}

double to_float(std::string_view text) {
  const bool negative = take_sign(text);
  const std::string plain = without_underscores(text);
  double value = 0;
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too large or too small: as strtod, infinity or zero.
    const size_t e = plain.find_first_of("eE");
    value = e != std::string::npos && plain[e + 1] == '-' ? 0 : HUGE_VAL;
  }
  return negative ? -value : value;
}

bool all_of_set(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos &&
         text.find_first_not_of('_') != std::string_view::npos;
}

// [0-9]+ with single underscores between digits.
bool is_grouped_digits(std::string_view text) {
  return all_of_set(text, "0123456789_") && text.front() != '_' && text.back() != '_' &&
         text.find("__") == std::string_view::npos;
}

// The exponent that begins `text`: [eE][-+]?[0-9]+ or nothing.
bool is_exponent(std::string_view text, bool sign_needed) {
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  const size_t before = text.size();
  take_sign(text);
  return (!sign_needed || text.size() < before) && !text.empty() &&
         std::all_of(text.begin(), text.end(), is_digit);
}

bool is_yaml_float(std::string_view text) {
  if (one_of(text, std::array<std::string_view, 3>{".nan", ".NaN", ".NAN"})) return true;
  std::string_view body = text;
  take_sign(body);
  if (one_of(body, std::array<std::string_view, 3>{".inf", ".Inf", ".INF"})) return true;
  const size_t end = std::min(body.find_first_not_of("0123456789_"), body.size());
  if (end == 0) {  // .5: without a sign, and its exponent needs one
    if (body.size() != text.size() || !body.starts_with('.') || body.size() < 2) return false;
    if (!is_digit(body[1])) return false;
    body.remove_prefix(1);
    const size_t digits = std::min(body.find_first_not_of("0123456789_"), body.size());
    return is_exponent(body.substr(digits), true);
  }
  if (!is_digit(body[0])) return false;
  if (body.substr(end).starts_with('.')) {
    const size_t fraction = std::min(body.find_first_not_of("0123456789_", end + 1), body.size());
    return is_exponent(body.substr(fraction), false);
  }
  return end < body.size() && is_grouped_digits(body.substr(0, end)) &&
         is_exponent(body.substr(end), false);
}

double yaml_float(std::string_view text) {
  if (text.size() == 4 && (text[1] == 'n' || text[1] == 'N')) return std::nan("");
  std::string_view body = text;
  const bool negative = take_sign(body);
  if (body.size() == 4 && (body[1] == 'i' || body[1] == 'I'))
    return negative ? -HUGE_VAL : HUGE_VAL;
  return to_float(text);
}

// 1:30 and 1:30:15.5, numbers in base 60 by YAML 1.1.
std::optional<Node> base_sixty(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return std::nullopt;
  std::string_view body = text;
  const bool negative = take_sign(body);
  const size_t point = body.find('.');
  const bool real = point != std::string_view::npos;
  std::string_view whole = body.substr(0, point);
  if (whole.empty() || !is_digit(whole[0]) || (!real && whole[0] == '0')) return std::nullopt;
  if (real && body.find_first_not_of("0123456789_", point + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  for (bool first = true;; first = false) {
    const size_t colon = whole.find(':');
    const std::string_view part = whole.substr(0, colon);
    if (!all_of_set(part, first ? "0123456789_" : "0123456789")) return std::nullopt;
    if (!first && (part.size() > 2 || (part.size() == 2 && part[0] > '5'))) return std::nullopt;
    value = value * 60 + to_float(part);
    if (colon == std::string_view::npos) break;
    whole.remove_prefix(colon + 1);
  }
  if (real)
    value += point + 1 < body.size() ? to_float("0." + std::string(body.substr(point + 1))) : 0;
  value = negative ? -value : value;
  if (real) return Node(value);
  LYDIA_CHECK(std::abs(value) < 9e15, ValueError, "expected an integer of 64 bits, got ", text);
  return Node(static_cast<int64_t>(value));
}

std::optional<int64_t> yaml_integer(std::string_view text) {
  std::string_view body = text;
  const bool negative = take_sign(body);
  if (body.empty() || !is_digit(body[0])) return std::nullopt;
  if (body == "0") return 0;
  const auto in_base = [&](size_t skip, int base,
                           std::string_view digits) -> std::optional<int64_t> {
    const std::string_view rest = body.substr(skip);
    if (!all_of_set(rest, digits)) return std::nullopt;
    return to_integer(rest, base, negative, text);
  };
  if (body.starts_with("0b")) return in_base(2, 2, "01_");
  if (body.starts_with("0x")) return in_base(2, 16, "0123456789abcdefABCDEF_");
  if (body[0] == '0') return in_base(1, 8, "01234567_");
  return in_base(0, 10, "0123456789_");
}

}  // namespace

Node yaml_scalar(std::string_view text) {
  if (one_of(text, kNull)) return Node();
  if (one_of(text, kTrue)) return Node(true);
  if (one_of(text, kFalse)) return Node(false);
  if (const auto value = yaml_integer(text)) return Node(*value);
  if (is_yaml_float(text)) return Node(yaml_float(text));
  if (auto value = base_sixty(text)) return *std::move(value);
  return Node(text);
}

std::optional<Node> word_scalar(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "null") return Node();
  if (lower == "true") return Node(true);
  if (lower == "false") return Node(false);
  std::string_view body = lower;
  const bool negative = take_sign(body);
  if (body == "inf") return Node(negative ? -HUGE_VAL : HUGE_VAL);
  if (body == "nan") return Node(std::nan(""));
  const size_t e = body.find('e');
  const std::string_view mantissa = body.substr(0, e);
  const size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const bool whole_fits = is_grouped_digits(whole) && (whole == "0" || whole[0] != '0');
  if (e == std::string_view::npos && point == std::string_view::npos) {
    if (!whole_fits) return std::nullopt;
    return Node(to_integer(whole, 10, negative, text));
  }
  const std::string_view fraction =
      point == std::string_view::npos ? "" : mantissa.substr(point + 1);
  if (!(whole_fits || (whole.empty() && !fraction.empty()))) return std::nullopt;
  if (!fraction.empty() && !is_grouped_digits(fraction)) return std::nullopt;
  if (e != std::string_view::npos) {
    std::string_view exponent = body.substr(e + 1);
    take_sign(exponent);
    if (!is_grouped_digits(exponent)) return std::nullopt;
  }
  return Node(to_float(lower));
}

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  std::string text(buffer, end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string python_text(const Node& scalar) {
  switch (scalar.kind()) {
    case Node::Kind::Null: return "None";
    case Node::Kind::Bool: return scalar.boolean() ? "True" : "False";
    case Node::Kind::Int: return std::to_string(scalar.integer());
    case Node::Kind::Float: return float_text(scalar.real());
    case Node::Kind::String: return scalar.string();
    default:
      fail<TypeError>("config: a list or map cannot be part of a string",
                      show_place(scalar.place()));
  }
}

}  // namespace lydia::config
