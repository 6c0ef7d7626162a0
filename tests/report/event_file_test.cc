// Event files are read back by a reader of their own: records, checksums bit by bit, fields by
// number.
#include "lydia/report/event_file.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "lydia/core/error.h"
#include "lydia/report/metrics_log.h"

namespace lydia::report {
namespace {

namespace fs = std::filesystem;

struct TempFolder {
  TempFolder() {
    std::string pattern = (fs::temp_directory_path() / "lydia_report_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TempFolder() { fs::remove_all(path); }
  fs::path path;
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The definition of CRC-32C: division by the polynomial, one bit at a time.
uint32_t slow_masked_crc(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

template <class T>
T take(std::string_view& bytes) {
  T value;
  REQUIRE(bytes.size() >= sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

// The fields of one message: what a varint, a fixed number or a length-delimited field holds.
struct Fields {
  explicit Fields(std::string_view bytes) {
    while (!bytes.empty()) {
      const uint64_t key = varint(bytes);
      const int field = static_cast<int>(key >> 3);
      if ((key & 7) == 0) numbers[field] = static_cast<int64_t>(varint(bytes));
      if ((key & 7) == 1) reals[field] = take<double>(bytes);
      if ((key & 7) == 5) reals[field] = take<float>(bytes);
      if ((key & 7) == 2) {
        const uint64_t size = varint(bytes);
        REQUIRE(size <= bytes.size());
        texts[field].emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
      }
    }
  }
  static uint64_t varint(std::string_view& bytes) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = take<uint8_t>(bytes);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  Fields inner(int field, size_t index = 0) const { return Fields(texts.at(field).at(index)); }
  std::map<int, int64_t> numbers;
  std::map<int, double> reals;
  std::map<int, std::vector<std::string>> texts;
};

std::vector<Fields> events(const std::string& path) {
  const std::string file = content(path);
  std::string_view bytes = file;
  std::vector<Fields> out;
  while (!bytes.empty()) {
    const std::string_view head = bytes.substr(0, 8);
    const auto length = take<uint64_t>(bytes);
    CHECK(take<uint32_t>(bytes) == slow_masked_crc(head));
    REQUIRE(length <= bytes.size());
    const std::string_view data = bytes.substr(0, length);
    bytes.remove_prefix(length);
    CHECK(take<uint32_t>(bytes) == slow_masked_crc(data));
    out.emplace_back(data);
  }
  return out;
}

TEST_CASE("the checksum is CRC-32C, masked") {
  // The check value of CRC-32C is E3069283 (its catalogue entry).
  CHECK(masked_crc32c("123456789") == std::rotr(0xE3069283u, 15) + 0xa282ead8u);
  CHECK(masked_crc32c("") == slow_masked_crc(""));
}

TEST_CASE("scalars, texts and settings come back") {
  const TempFolder folder;
  EventFile file(folder.path);
  CHECK(fs::path(file.path()).filename().string().starts_with("events.out.tfevents."));
  file.scalar("train/loss", 0.5, 3, 100.25);
  file.scalar("train/loss", std::nan(""), int64_t{1} << 40);
  file.text("note", "**ğ**", 1);
  file.settings({{"lr", 0.1}, {"bias", true}, {"model", "mlp"}}, {"train/loss"});
  file.flush();
  const std::vector<Fields> all = events(file.path());
  REQUIRE(all.size() == 6);
  CHECK(all[0].texts.at(3).at(0) == "brain.Event:2");
  CHECK(all[1].reals.at(1) == 100.25);
  CHECK(all[1].numbers.at(2) == 3);
  const Fields value = all[1].inner(5).inner(1);
  CHECK(value.texts.at(1).at(0) == "train/loss");
  CHECK(value.reals.at(2) == 0.5);
  CHECK(all[2].numbers.at(2) == int64_t{1} << 40);
  CHECK(std::isnan(all[2].inner(5).inner(1).reals.at(2)));
  const Fields text = all[3].inner(5).inner(1);
  CHECK(text.texts.at(1).at(0) == "note/text_summary");
  CHECK(text.inner(8).texts.at(8).at(0) == "**ğ**");
  CHECK(text.inner(9).inner(1).texts.at(1).at(0) == "text");
  const Fields start = all[5].inner(5).inner(1).inner(9).inner(1).inner(2).inner(3);
  CHECK(start.inner(1, 0).inner(2).reals.at(2) == 0.1);
  CHECK(start.inner(1, 1).inner(2).numbers.at(4) == 1);
  CHECK(start.inner(1, 2).inner(2).texts.at(3).at(0) == "mlp");
}

TEST_CASE("a histogram counts every finite value once") {
  const TempFolder folder;
  EventFile file(folder.path);
  const std::vector<double> values = {-1e30, -2, -1e-13, 0, 0, 1e-13, 2, 2.5, 1e30, INFINITY, NAN};
  file.histogram("w", values, 7);
  file.histogram("none", {}, 7);
  const std::vector<Fields> all = events(file.path());
  const Fields histogram = all[1].inner(5).inner(1).inner(5);
  CHECK(histogram.reals.at(1) == -1e30);
  CHECK(histogram.reals.at(2) == 1e30);
  CHECK(histogram.reals.at(3) == 9);
  std::string_view limits = histogram.texts.at(6).at(0), counts = histogram.texts.at(7).at(0);
  REQUIRE(limits.size() == counts.size());
  std::vector<double> expected(limits.size() / 8), got;
  double below = -INFINITY;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double limit = take<double>(limits);
    CHECK(limit > below);
    for (const double v : values) expected[i] += std::isfinite(v) && v > below && v <= limit;
    below = limit;
    got.push_back(take<double>(counts));
  }
  CHECK(got == expected);
  CHECK(got.front() > 0);
  CHECK(got.back() > 0);
  CHECK(all[2].inner(5).inner(1).inner(5).reals.at(3) == 0);
}

TEST_CASE("a run that goes on tells readers where") {
  const TempFolder folder;
  EventFile file(folder.path, 40);
  const std::vector<Fields> all = events(file.path());
  CHECK(all[1].numbers.at(2) == 40);
  CHECK(all[1].inner(7).numbers.at(1) == 1);
  CHECK_THROWS_AS(EventFile("/nowhere/at/all"), IoError);
}

TEST_CASE("metrics.jsonl: whole lines, mended and cut when it is opened again") {
  const TempFolder folder;
  const std::string path = folder.path / "metrics.jsonl";
  {
    MetricsLog log(path);
    log.append(1, {{"loss", 0.1}, {"note", "a\"\\\n\x01ğ"}, {"ok", true}, {"n", int64_t{5}}});
    log.append(2, {{"loss", std::nan("")}, {"lr", 1e-5}});
    log.append(3, {});
    CHECK_THROWS_AS(log.append(4, {{"a", 1.0}, {"a", 2.0}}), ValueError);
    CHECK_THROWS_AS(log.append(4, {{"step", 1.0}}), ValueError);
  }
  const std::string first =
      "{\"step\":1,\"loss\":0.1,\"note\":\"a\\\"\\\\\\u000a\\u0001ğ\",\"ok\":true,\"n\":5}\n";
  const std::string second = "{\"step\":2,\"loss\":null,\"lr\":1e-05}\n";
  CHECK(content(path) == first + second + "{\"step\":3}\n");
  std::ofstream(path, std::ios::app) << "{\"step\":4,\"lo";
  { const MetricsLog log(path); }
  CHECK(content(path) == first + second + "{\"step\":3}\n");
  MetricsLog log(path, 1);
  CHECK(content(path) == first);
  log.append(2, {{"loss", 7.0}});
  CHECK(content(path) == first + "{\"step\":2,\"loss\":7}\n");
  CHECK_THROWS_AS(MetricsLog("/dev/full"), IoError);
}

}  // namespace
}  // namespace lydia::report
