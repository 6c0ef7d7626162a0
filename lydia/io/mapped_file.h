// A whole file mapped read-only into memory, so that large weights are read page by page as they
// are touched and shared between processes.
//
// The mapping is of the file as it was opened: replacing the file (as AtomicFile does) leaves it
// intact, but a program that shortens the file in place makes reads past the new end fatal
// (SIGBUS).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lydia::io {

class MappedFile {
 public:
  // Throws IoError when `path` cannot be opened or is not a regular file.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const;
  // `length` bytes from `offset`; throws IndexError when they reach past the end.
  std::span<const std::byte> slice(uint64_t offset, uint64_t length) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::span<const std::byte> bytes_;
};

}  // namespace lydia::io
