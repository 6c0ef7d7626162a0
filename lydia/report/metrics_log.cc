// The step stands first in a line, so that it is read without a JSON reader.
#include "lydia/report/metrics_log.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::report {
namespace {

constexpr std::string_view kStepKey = "{\"step\":";

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (c.value == '"' || c.value == '\\') {
      out += '\\';
      out += static_cast<char>(c.value);
    } else if (c.value < 0x20) {
      out += "\\u00";
      out += kHex[c.value >> 4];
      out += kHex[c.value & 15];
    } else {
      append_utf8(out, c.value);
    }
    at += c.length;
  }
  return out + "\"";
}

// The shortest digits that read back as the same number.
std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end};
}

std::string json_value(const MetricValue& value) {
  if (const double* number = std::get_if<double>(&value)) return json_number(*number);
  if (const int64_t* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return json_string(std::get<std::string>(value));
}

// The bytes that stay: whole lines, up to the first whose step is after `last_step`.
uint64_t kept_bytes(const std::string& path, std::optional<int64_t> last_step) {
  std::ifstream in(path, std::ios::binary);
  uint64_t kept = 0;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    int64_t step = 0;
    const bool has_step =
        line.starts_with(kStepKey) &&
        std::from_chars(line.data() + kStepKey.size(), line.data() + line.size(), step).ec ==
            std::errc();
    if (last_step && has_step && step > *last_step) break;
    kept += line.size() + 1;
  }
  return kept;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& path, std::optional<int64_t> last_step) : file_(path) {
  const uint64_t kept = kept_bytes(path, last_step);
  if (kept < file_.size()) file_.truncate(kept);
}

void MetricsLog::append(int64_t step, std::span<const Metric> metrics) {
  std::string line = std::string(kStepKey) + std::to_string(step);
  std::set<std::string_view> names = {"step"};
  for (const auto& [name, value] : metrics) {
    LYDIA_CHECK(names.insert(name).second, ValueError, "metrics: '", name, "' comes twice in step ",
                step);
    line += "," + json_string(name) + ":" + json_value(value);
  }
  file_.append(line + "}\n");
}

}  // namespace lydia::report
