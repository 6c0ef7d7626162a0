#include "lydia/atlas/plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "lydia/config/scalar.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

template <class Items>
const typename Items::value_type* find_by_id(const Items& items, std::string_view id) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return *item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

struct Unit {
  std::string_view name;
  double factor;
};

// A number and one of the units; what is no such thing is negative.
template <size_t N>
double with_unit(std::string_view text, const std::array<Unit, N>& units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return -1;
  const std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (rest == unit.name) return number * unit.factor;
  }
  return -1;
}

// The part of a purl between its last '/' and '@', and the part after '@'. A scope is written
// "%40scope" or "@scope", so an '@' before the last '/' separates nothing.
std::pair<std::string_view, std::string_view> name_and_version(std::string_view purl) {
  purl = purl.substr(0, purl.find_first_of("?#"));
  const size_t slash = purl.rfind('/');
  std::string_view last = slash == std::string_view::npos ? purl : purl.substr(slash + 1);
  const size_t at = last.find('@');
  if (at == std::string_view::npos) return {last, {}};
  return {last.substr(0, at), last.substr(at + 1)};
}

}  // namespace

const Group* Plan::find_group(std::string_view id) const { return find_by_id(groups, id); }
const Task* Plan::find_task(std::string_view id) const { return find_by_id(tasks, id); }

std::string Plan::resolve(std::string_view path) const {
  return (std::filesystem::path(folder) / *root / path).lexically_normal().string();
}

std::string_view kind_name(GroupKind kind) {
  constexpr std::string_view kNames[] = {"main", "sub", "macro", "micro"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view role_name(Role role) {
  constexpr std::string_view kNames[] = {"",        "build-tool", "linked-static", "linked-dynamic",
                                         "shipped", "dataset",    "weights"};
  return kNames[static_cast<size_t>(role)];
}

std::string_view state_name(ModuleState state) {
  constexpr std::string_view kNames[] = {"", "create", "modify", "use"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view delivery_name(Delivery delivery) {
  constexpr std::string_view kNames[] = {"", "deploy", "distribute"};
  return kNames[static_cast<size_t>(delivery)];
}

std::string use_name(const Use& use) {
  return std::string(use.purl.empty() ? *use.name : name_and_version(*use.purl).first);
}

std::string use_version(const Use& use) {
  if (!use.version.empty()) return *use.version;
  return std::string(name_and_version(*use.purl).second);
}

double parse_duration(std::string_view text) {
  constexpr std::array<Unit, 4> kUnits = {{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
  constexpr double kMost = 1e9;  // thirty years
  const double seconds = with_unit(text, kUnits);
  LYDIA_CHECK(seconds >= 0 && seconds <= kMost, ValueError,
              "expected a time such as 30s, 15m, 2h or 3d, got '", text, "'");
  return seconds;
}

uint64_t parse_bytes(std::string_view text) {
  constexpr double kKi = 1024;
  constexpr std::array<Unit, 9> kUnits = {{{"", 1},
                                           {"K", kKi},
                                           {"M", kKi * kKi},
                                           {"G", kKi * kKi * kKi},
                                           {"T", kKi * kKi * kKi * kKi},
                                           {"Ki", kKi},
                                           {"Mi", kKi * kKi},
                                           {"Gi", kKi * kKi * kKi},
                                           {"Ti", kKi * kKi * kKi * kKi}}};
  const double bytes = with_unit(text, kUnits);
  LYDIA_CHECK(bytes >= 0 && bytes < 0x1p63, ValueError, "expected a size such as 512M or 8G, got '",
              text, "'");
  return static_cast<uint64_t>(bytes);
}

std::string duration_text(double seconds) {
  constexpr Unit kUnits[] = {{"d", 86400}, {"h", 3600}, {"m", 60}};
  for (const Unit& unit : kUnits) {
    const double count = seconds / unit.factor;
    if (seconds > 0 && count < 1e15 && std::floor(count) == count) {
      return std::to_string(static_cast<int64_t>(count)) + std::string(unit.name);
    }
  }
  const std::string text = config::float_text(seconds);
  return (text.ends_with(".0") ? text.substr(0, text.size() - 2) : text) + "s";
}

std::string bytes_text(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"", "K", "M", "G", "T"};
  size_t unit = 0;
  while (unit < 4 && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + std::string(kUnits[unit]);
}

}  // namespace lydia::atlas
