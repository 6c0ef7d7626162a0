// Zip archives (PKWARE APPNOTE 6.3), as far as .npz needs them: stored and deflated entries, zip64.
//
// Reading takes the central directory as the truth, holds every local header against it, and
// refuses what only trouble-makers write: entries that share bytes, sizes that the compressed data
// cannot reach, encryption.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/io/atomic_file.h"

namespace lydia::io {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  uint32_t crc = 0;
  uint64_t size = 0;                // unpacked
  std::span<const std::byte> data;  // as it lies in the archive
};

// Throws ValueError, beginning with `label`, for a broken archive.
std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> bytes,
                                         const std::string& label);
// The unpacked bytes, their checksum checked.
std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& label);

// Writes an archive, entry by entry, to a file.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}
  void add(const std::string& name, std::span<const std::byte> content, bool compressed);
  // The directory; nothing can be added after it.
  void finish();

 private:
  struct Written {
    std::string name;
    bool deflated;
    uint32_t crc;
    uint64_t packed, size, offset;
  };
  void put(std::string_view bytes);
  void put_entry(const Written& entry);

  AtomicFile& file_;
  uint64_t offset_ = 0;
  std::vector<Written> entries_;
};

}  // namespace lydia::io
