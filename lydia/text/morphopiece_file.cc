#include "lydia/text/morphopiece_file.h"

#include <bit>

namespace lydia::text {
namespace {

static_assert(std::endian::native == std::endian::little, "models are mapped as they are");

constexpr char kMagic[8] = {'M', 'O', 'R', 'P', 'H', 'P', 'C', 'E'};
constexpr uint64_t kAlignment = 64;
constexpr uint32_t kMaxSections = 1024;

struct FileHead {
  char magic[8];
  uint32_t major, minor;
  uint32_t sections, reserved;
  uint64_t file_bytes;
  uint64_t table_checksum;
  uint64_t head_checksum;  // of the bytes before it
};
static_assert(sizeof(FileHead) == 48);

struct SectionRow {
  uint64_t offset, size, checksum;
};

uint64_t aligned(uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

uint64_t load64(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// A bijection of 64 bits that spreads every bit (the finaliser of SplitMix64; G. Steele, D. Lea,
// C. Flood, OOPSLA 2014).
uint64_t spread(uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

std::string_view bytes_of(const void* data, size_t size) {
  return {static_cast<const char*>(data), size};
}

}  // namespace

// Four lanes, so that the multiplications overlap. Each step is a bijection of its lane: a single
// changed word always shows.
uint64_t checksum64(std::string_view bytes) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15u;
  uint64_t lanes[4] = {1, 2, 3, 4};
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 32; at += 32, left -= 32) {
    for (size_t i = 0; i < 4; ++i) {
      lanes[i] = std::rotl((lanes[i] ^ load64(at + 8 * i)) * kFactor, 29);
    }
  }
  char tail[32] = {};
  std::memcpy(tail, at, left);
  uint64_t sum = spread(bytes.size());
  for (size_t i = 0; i < 4; ++i) {
    sum = spread(sum ^ std::rotl((lanes[i] ^ load64(tail + 8 * i)) * kFactor, 29));
  }
  return sum;
}

std::string ModelWriter::finish() const {
  std::vector<SectionRow> rows;
  uint64_t end = sizeof(FileHead) + kSections * sizeof(SectionRow);
  for (const std::string& section : sections_) {
    const uint64_t offset = aligned(end);
    rows.push_back({offset, section.size(), checksum64(section)});
    end = offset + section.size();
  }
  FileHead head = {};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.major = kModelFormatMajor;
  head.minor = kModelFormatMinor;
  head.sections = static_cast<uint32_t>(kSections);
  head.file_bytes = end;
  head.table_checksum = checksum64(bytes_of(rows.data(), rows.size() * sizeof(SectionRow)));
  head.head_checksum = checksum64(bytes_of(&head, offsetof(FileHead, head_checksum)));
  std::string file(bytes_of(&head, sizeof head));
  file += bytes_of(rows.data(), rows.size() * sizeof(SectionRow));
  for (size_t i = 0; i < kSections; ++i) {
    file.resize(rows[i].offset);
    file += sections_[i];
  }
  return file;
}

ModelReader::ModelReader(std::string_view file, std::string label) : label_(std::move(label)) {
  const auto expect = [&](bool holds, const auto&... what) {
    LYDIA_CHECK(holds, ValueError, label_, ": ", what...);
  };
  FileHead head;
  expect(file.size() >= sizeof head && std::memcmp(file.data(), kMagic, sizeof kMagic) == 0,
         "expected a MorphoPiece model, got ", file.size(), " bytes of something else");
  std::memcpy(&head, file.data(), sizeof head);
  expect(head.major == kModelFormatMajor, "expected model format ", kModelFormatMajor, ", got ",
         head.major, head.major > kModelFormatMajor ? ": written by a newer lydia; update" : "");
  expect(head.head_checksum == checksum64(file.substr(0, offsetof(FileHead, head_checksum))),
         "the head of the file is damaged");
  expect(head.file_bytes == file.size(), "expected a file of ", head.file_bytes, " bytes, got ",
         file.size(), file.size() < head.file_bytes ? ": it was cut short" : "");
  expect(head.sections >= kSections && head.sections <= kMaxSections, "expected at least ",
         kSections, " sections, got ", head.sections);
  const uint64_t table_size = head.sections * sizeof(SectionRow);
  expect(file.size() >= sizeof head + table_size, "the table of sections is cut short");
  const std::string_view table = file.substr(sizeof head, table_size);
  expect(head.table_checksum == checksum64(table), "the table of sections is damaged");
  for (size_t i = 0; i < kSections; ++i) {
    SectionRow row;
    std::memcpy(&row, table.data() + i * sizeof row, sizeof row);
    expect(row.offset % kAlignment == 0 && row.offset <= file.size() &&
               row.size <= file.size() - row.offset,
           "section ", i, " reaches past the end of the file");
    sections_[i] = file.substr(row.offset, row.size);
    expect(checksum64(sections_[i]) == row.checksum, "section ", i,
           " is damaged: its checksum is wrong");
  }
  minor_ = head.minor;
}

}  // namespace lydia::text
