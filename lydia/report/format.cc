// std::to_chars throughout: printf would follow the locale and write a decimal comma in some.
#include "lydia/report/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lydia::report {
namespace {

std::string print(double value, std::chars_format format, int digits) {
  std::array<char, 512> buffer;  // the largest double takes 309 digits before the point
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value, format, digits);
  return {buffer.data(), end.ptr};
}

// "3m 05s": `big` and `small` with their units, the second with two digits.
std::string two_units(int64_t big, char big_unit, int64_t small, char small_unit) {
  return std::to_string(big) + big_unit + (small < 10 ? " 0" : " ") + std::to_string(small) +
         small_unit;
}

}  // namespace

std::string format_number(double value, int digits) {
  return print(value == 0 ? 0.0 : value, std::chars_format::general, digits);  // -0 becomes 0
}

std::string format_fixed(double value, int decimals) {
  // Past 17 significant digits a double has nothing more to say.
  return print(value, std::chars_format::fixed, std::min(decimals, 100));
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "?";
  const int64_t s = std::llround(seconds);
  if (s < 60) return std::to_string(s) + "s";
  if (s < 3600) return two_units(s / 60, 'm', s % 60, 's');
  if (s < 86400) return two_units(s / 3600, 'h', s / 60 % 60, 'm');
  return two_units(s / 86400, 'd', s / 3600 % 24, 'h');
}

std::string format_bytes(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return format_fixed(value, 1) + " " + kUnits[unit];
}

std::string format_count(double value) {
  constexpr std::array kUnits = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  for (; std::fabs(value) >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  const bool small = std::fabs(value) < 10;
  return format_fixed(value, (unit == 0 ? 0 : 1) + (small ? 1 : 0)) + kUnits[unit];
}

}  // namespace lydia::report
