#include "lydia/io/zip.h"

#include <algorithm>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/compress.h"
#include "lydia/io/safetensors_header.h"

namespace lydia::io {
namespace {

constexpr uint32_t kLocalMark = 0x04034b50, kCentralMark = 0x02014b50, kEndMark = 0x06054b50;
constexpr uint32_t kEnd64Mark = 0x06064b50, kLocator64Mark = 0x07064b50;
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56;
constexpr size_t kLocatorSize = 20, kMaxComment = 65535;
constexpr uint32_t kFull32 = 0xFFFFFFFF;
constexpr uint16_t kFull16 = 0xFFFF, kZip64Field = 0x0001, kStored = 0, kDeflated = 8;
constexpr uint16_t kFlagEncrypted = 1, kFlagUtf8 = 1 << 11;
constexpr uint16_t kVersionPlain = 20, kVersion64 = 45;
constexpr uint32_t kDosEpoch = 0x00210000;  // 1980-01-01: equal contents give equal archives

// Little-endian fields of the archive, every read checked.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& label)
      : bytes_(bytes), label_(label) {}

  template <class T>
  T get(uint64_t at) const {
    T value{};
    std::memcpy(&value, slice(at, sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::span<const std::byte> slice(uint64_t at, uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) broken("a part lies outside the file");
    return bytes_.subspan(at, size);
  }
  std::string text(uint64_t at, uint64_t size) const {
    const auto part = slice(at, size);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  void expect_mark(uint64_t at, uint32_t mark) const {
    if (get<uint32_t>(at) != mark) broken("a header does not begin with its mark");
  }
  [[noreturn]] void broken(const char* what) const {
    fail<ValueError>(label_, ": broken zip archive: ", what);
  }
  uint64_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  const std::string& label_;
};

struct Directory {
  uint64_t offset = 0, entries = 0, end = 0;
};

Directory find_directory(const Reader& file) {
  if (file.size() < kEndSize) file.broken("too short");
  uint64_t at = file.size() - kEndSize;
  const uint64_t lowest = at > kMaxComment ? at - kMaxComment : 0;
  while (file.get<uint32_t>(at) != kEndMark ||
         at + kEndSize + file.get<uint16_t>(at + 20) != file.size()) {
    if (at == lowest) file.broken("no end record (is the file cut off?)");
    --at;
  }
  Directory found{file.get<uint32_t>(at + 16), file.get<uint16_t>(at + 10), at};
  if (at >= kLocatorSize && file.get<uint32_t>(at - kLocatorSize) == kLocator64Mark) {
    const auto end64 = file.get<uint64_t>(at - kLocatorSize + 8);
    file.expect_mark(end64, kEnd64Mark);
    file.slice(end64, kEnd64Size);
    found = {file.get<uint64_t>(end64 + 48), file.get<uint64_t>(end64 + 32), end64};
  }
  if (found.entries > file.size() / kCentralSize) file.broken("more entries than fit the file");
  return found;
}

// Sizes and offsets that do not fit 32 bits stand in an extra field, in this order.
void read_zip64(const Reader& file, uint64_t at, uint64_t length, uint64_t* const (&fields)[3]) {
  for (const uint64_t end = at + length; at + 4 <= end;) {
    const auto id = file.get<uint16_t>(at), size = file.get<uint16_t>(at + 2);
    if (id == kZip64Field) {
      uint64_t from = at + 4;
      for (int i = 0; i < 3; ++i) {
        if (*fields[i] != kFull32) continue;
        if (from + 8 > at + 4 + size) file.broken("a 64-bit field is missing");
        *fields[i] = file.get<uint64_t>(from);
        from += 8;
      }
    }
    at += 4 + size;
  }
}

ZipEntry read_entry(const Reader& file, uint64_t& at, uint64_t& offset, uint64_t& end) {
  file.expect_mark(at, kCentralMark);
  file.slice(at, kCentralSize);
  const auto flags = file.get<uint16_t>(at + 8), method = file.get<uint16_t>(at + 10);
  if (flags & kFlagEncrypted) file.broken("an entry is encrypted");
  if (method != kStored && method != kDeflated) file.broken("an unknown compression");
  ZipEntry entry;
  entry.deflated = method == kDeflated;
  entry.crc = file.get<uint32_t>(at + 16);
  uint64_t packed = file.get<uint32_t>(at + 20);
  entry.size = file.get<uint32_t>(at + 24);
  const auto name = file.get<uint16_t>(at + 28), extra = file.get<uint16_t>(at + 30);
  const auto comment = file.get<uint16_t>(at + 32);
  offset = file.get<uint32_t>(at + 42);
  entry.name = file.text(at + kCentralSize, name);
  uint64_t* const fields[3] = {&entry.size, &packed, &offset};
  file.slice(at + kCentralSize + name, extra);
  read_zip64(file, at + kCentralSize + name, extra, fields);
  at += kCentralSize + name + extra + comment;

  file.expect_mark(offset, kLocalMark);
  const auto local_name = file.get<uint16_t>(offset + 26);
  const auto local_extra = file.get<uint16_t>(offset + 28);
  if (file.text(offset + kLocalSize, local_name) != entry.name) file.broken("two names differ");
  const uint64_t start = offset + kLocalSize + local_name + local_extra;
  entry.data = file.slice(start, packed);
  end = start + packed;
  const bool reachable =
      entry.deflated ? entry.size / kMaxDeflateRatio <= packed : entry.size == packed;
  if (!reachable) file.broken("an entry claims more bytes than its data holds");
  return entry;
}

template <class T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

uint32_t fit32(uint64_t value) { return value >= kFull32 ? kFull32 : static_cast<uint32_t>(value); }

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> bytes,
                                         const std::string& label) {
  const Reader file(bytes, label);
  const Directory directory = find_directory(file);
  std::vector<ZipEntry> entries;
  std::vector<std::pair<uint64_t, uint64_t>> taken;
  uint64_t at = directory.offset;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    uint64_t begin = 0, end = 0;
    entries.push_back(read_entry(file, at, begin, end));
    taken.emplace_back(begin, end);
  }
  std::sort(taken.begin(), taken.end());
  for (size_t i = 1; i < taken.size(); ++i) {
    if (taken[i].first < taken[i - 1].second) file.broken("two entries share bytes");
  }
  return entries;
}

std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& label) {
  const std::string where = label + ": " + show_name(entry.name);
  std::vector<std::byte> bytes;
  if (entry.deflated) {
    bytes.resize(entry.size);
    inflate_raw(entry.data, bytes, where);
  } else {
    bytes.assign(entry.data.begin(), entry.data.end());
  }
  LYDIA_CHECK(crc32(bytes) == entry.crc, ValueError, where, ": the checksum is wrong");
  return bytes;
}

void ZipWriter::put(std::string_view bytes) {
  file_.write(bytes);
  offset_ += bytes.size();
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> content, bool compressed) {
  LYDIA_CHECK(name.size() < kFull16, ValueError, "zip: expected a name below 65535 bytes");
  std::vector<std::byte> packed;
  if (compressed) packed = deflate_raw(content);
  const std::span<const std::byte> data = compressed ? packed : content;
  const Written entry{name, compressed, crc32(content), data.size(), content.size(), offset_};
  const bool big = std::max(entry.packed, entry.size) >= kFull32;
  std::string head;
  append(head, kLocalMark);
  append(head, big ? kVersion64 : kVersionPlain);
  append(head, kFlagUtf8);
  append(head, compressed ? kDeflated : kStored);
  append(head, kDosEpoch);
  append(head, entry.crc);
  append(head, big ? kFull32 : fit32(entry.packed));
  append(head, big ? kFull32 : fit32(entry.size));
  append(head, static_cast<uint16_t>(name.size()));
  append(head, static_cast<uint16_t>(big ? 20 : 0));
  head += name;
  if (big) {
    append(head, kZip64Field);
    append(head, uint16_t{16});
    append(head, entry.size);
    append(head, entry.packed);
  }
  put(head);
  put({reinterpret_cast<const char*>(data.data()), data.size()});
  entries_.push_back(entry);
}

void ZipWriter::put_entry(const Written& entry) {
  std::string extra;
  for (const uint64_t field : {entry.size, entry.packed, entry.offset}) {
    if (field >= kFull32) append(extra, field);
  }
  std::string head;
  append(head, kCentralMark);
  append(head, kVersion64);
  append(head, extra.empty() ? kVersionPlain : kVersion64);
  append(head, kFlagUtf8);
  append(head, entry.deflated ? kDeflated : kStored);
  append(head, kDosEpoch);
  append(head, entry.crc);
  append(head, fit32(entry.packed));
  append(head, fit32(entry.size));
  append(head, static_cast<uint16_t>(entry.name.size()));
  append(head, static_cast<uint16_t>(extra.empty() ? 0 : extra.size() + 4));
  head.append(10, '\0');  // no comment, disk 0, no attributes
  append(head, fit32(entry.offset));
  head += entry.name;
  if (!extra.empty()) {
    append(head, kZip64Field);
    append(head, static_cast<uint16_t>(extra.size()));
    head += extra;
  }
  put(head);
}

void ZipWriter::finish() {
  const uint64_t start = offset_, count = entries_.size();
  for (const Written& entry : entries_) put_entry(entry);
  const uint64_t size = offset_ - start, end = offset_;
  std::string tail;
  if (count >= kFull16 || start >= kFull32 || size >= kFull32) {
    append(tail, kEnd64Mark);
    append(tail, uint64_t{kEnd64Size - 12});
    append(tail, kVersion64);
    append(tail, kVersion64);
    append(tail, uint64_t{0});  // disks
    append(tail, count);
    append(tail, count);
    append(tail, size);
    append(tail, start);
    append(tail, kLocator64Mark);
    append(tail, uint32_t{0});
    append(tail, end);
    append(tail, uint32_t{1});
  }
  const auto count16 = static_cast<uint16_t>(std::min<uint64_t>(count, kFull16));
  append(tail, kEndMark);
  append(tail, uint32_t{0});  // disks
  append(tail, count16);
  append(tail, count16);
  append(tail, fit32(size));
  append(tail, fit32(start));
  append(tail, uint16_t{0});  // no comment
  put(tail);
}

}  // namespace lydia::io
