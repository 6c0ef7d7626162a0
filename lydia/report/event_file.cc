// The few protocol-buffer messages are written by hand: a field is its number and wire type, then a
// varint (0), eight bytes (1), four bytes (5), or a length and that many bytes (2).
#include "lydia/report/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>

#include "lydia/core/error.h"

namespace lydia::report {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

template <class T>
std::string little_endian(T value) {
  std::string out;
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

// One protocol-buffer message as it is written.
class Message {
 public:
  Message& integer(int field, int64_t value) {
    key(field, 0);
    varint(static_cast<uint64_t>(value));
    return *this;
  }
  Message& real(int field, double value) {
    key(field, 1);
    bytes_ += little_endian(std::bit_cast<uint64_t>(value));
    return *this;
  }
  Message& real32(int field, float value) {
    key(field, 5);
    bytes_ += little_endian(std::bit_cast<uint32_t>(value));
    return *this;
  }
  Message& text(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  Message& reals(int field, const std::vector<double>& values) {
    std::string packed;
    for (const double value : values) packed += little_endian(std::bit_cast<uint64_t>(value));
    return text(field, packed);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, int wire_type) { varint(static_cast<uint64_t>(field << 3 | wire_type)); }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

double now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

std::string file_name(const std::string& folder) {
  static std::atomic<int> count{0};
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  return folder + "/events.out.tfevents." + std::to_string(static_cast<int64_t>(now())) + "." +
         host + "." + std::to_string(::getpid()) + "." + std::to_string(count++);
}

// Upper ends of the bins: ±1e-12 · 1.1^k up to ±1e20, and the largest doubles at both ends.
const std::vector<double>& histogram_limits() {
  static const std::vector<double> limits = [] {
    std::vector<double> positive;
    for (double limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push_back(limit);
    positive.push_back(std::numeric_limits<double>::max());
    std::vector<double> all;
    for (auto limit = positive.rbegin(); limit != positive.rend(); ++limit) all.push_back(-*limit);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    return all;
  }();
  return limits;
}

Message histogram_message(std::span<const double> values) {
  const std::vector<double>& limits = histogram_limits();
  std::vector<double> counts(limits.size());
  double low = HUGE_VAL, high = -HUGE_VAL, number = 0, sum = 0, squares = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
    ++number;
    sum += value;
    squares += value * value;
    const auto bin = std::lower_bound(limits.begin(), limits.end(), value) - limits.begin();
    ++counts[static_cast<size_t>(bin)];
  }
  Message out;
  if (number == 0) return out.real(1, 0).real(2, 0).real(3, 0);
  // Only the bins from the first to the last that hold something.
  const auto filled = [](double count) { return count > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), filled) - counts.begin();
  const auto last = counts.rend() - std::find_if(counts.rbegin(), counts.rend(), filled);
  out.real(1, low).real(2, high).real(3, number).real(4, sum).real(5, squares);
  out.reals(6, {limits.begin() + first, limits.begin() + last});
  return out.reals(7, {counts.begin() + first, counts.begin() + last});
}

Message plugin(std::string_view name, const Message& content) {
  return Message().message(1, Message().text(1, name).message(2, content));
}

// A google.protobuf.Value.
Message setting_message(const EventFile::Setting& setting) {
  if (const double* number = std::get_if<double>(&setting)) return Message().real(2, *number);
  if (const bool* flag = std::get_if<bool>(&setting)) return Message().integer(4, *flag ? 1 : 0);
  return Message().text(3, std::get<std::string>(setting));
}

}  // namespace

uint32_t masked_crc32c(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) crc = kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF] ^ (crc >> 8);
  crc = ~crc;
  return std::rotr(crc, 15) + 0xa282ead8u;
}

EventFile::EventFile(const std::string& folder, std::optional<int64_t> purge_from)
    : file_(file_name(folder)) {
  write_event(0, 0, Message().text(3, "brain.Event:2").bytes());
  if (purge_from) {
    constexpr int kStart = 1;
    write_event(0, *purge_from, Message().message(7, Message().integer(1, kStart)).bytes());
  }
}

void EventFile::write_event(double time, int64_t step, std::string_view content) {
  std::string event = Message().real(1, time != 0 ? time : now()).integer(2, step).bytes();
  event += content;
  const std::string length = little_endian(static_cast<uint64_t>(event.size()));
  file_.append(length + little_endian(masked_crc32c(length)) + event +
               little_endian(masked_crc32c(event)));
}

void EventFile::write_summary(std::string_view value, int64_t step, double time) {
  write_event(time, step, Message().message(5, Message().text(1, value)).bytes());
}

void EventFile::scalar(std::string_view tag, double value, int64_t step, double time) {
  write_summary(Message().text(1, tag).real32(2, static_cast<float>(value)).bytes(), step, time);
}

void EventFile::histogram(std::string_view tag, std::span<const double> values, int64_t step,
                          double time) {
  write_summary(Message().text(1, tag).message(5, histogram_message(values)).bytes(), step, time);
}

void EventFile::text(std::string_view tag, std::string_view markdown, int64_t step, double time) {
  constexpr int kString = 7;  // DT_STRING
  const Message shape = Message().message(2, Message().integer(1, 1));
  const Message tensor = Message().integer(1, kString).message(2, shape).text(8, markdown);
  const std::string name = std::string(tag) + "/text_summary";
  write_summary(
      Message().text(1, name).message(8, tensor).message(9, plugin("text", Message())).bytes(),
      step, time);
}

void EventFile::settings(const std::vector<std::pair<std::string, Setting>>& settings,
                         const std::vector<std::string>& metrics, double time) {
  constexpr int kTypes[] = {3, 2, 1};  // double, bool, string in the order of Setting
  Message experiment, start;
  for (const auto& [name, setting] : settings) {
    experiment.message(4, Message().text(1, name).integer(4, kTypes[setting.index()]));
    start.message(1, Message().text(1, name).message(2, setting_message(setting)));
  }
  for (const std::string& metric : metrics) {
    experiment.message(5, Message().message(1, Message().text(2, metric)));
  }
  start.real(5, time != 0 ? time : now());
  const auto write = [&](std::string_view tag, int field, const Message& content) {
    const Message metadata = plugin("hparams", Message().message(field, content));
    write_summary(Message().text(1, tag).message(9, metadata).bytes(), 0, time);
  };
  write("_hparams_/experiment", 2, experiment);
  write("_hparams_/session_start_info", 3, start);
}

}  // namespace lydia::report
