#include "lydia/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lydia/core/error.h"
#include "lydia/io/file_descriptor.h"

namespace lydia::io {

MappedFile::MappedFile(const std::string& path) : path_(path) {
  // A pipe nobody writes to must not hold us up; regular files do not know O_NONBLOCK.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  LYDIA_CHECK(file.get() >= 0, IoError, "open \"", path, "\": ", std::strerror(errno));
  struct stat info {};
  LYDIA_CHECK(fstat(file.get(), &info) == 0, IoError, "stat \"", path,
              "\": ", std::strerror(errno));
  LYDIA_CHECK(S_ISREG(info.st_mode), IoError, "open \"", path, "\": expected a regular file");
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return;  // mmap refuses empty ranges
  void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  LYDIA_CHECK(address != MAP_FAILED, IoError, "map \"", path, "\": ", std::strerror(errno));
  bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::string_view MappedFile::text() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::span<const std::byte> MappedFile::slice(uint64_t offset, uint64_t length) const {
  LYDIA_CHECK(offset <= bytes_.size() && length <= bytes_.size() - offset, IndexError,
              "MappedFile::slice of \"", path_, "\": expected a range within ", bytes_.size(),
              " bytes, got ", length, " bytes from ", offset);
  return bytes_.subspan(offset, length);
}

}  // namespace lydia::io
