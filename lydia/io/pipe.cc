#include "lydia/io/pipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/file_descriptor.h"

namespace lydia::io {
namespace {

std::string read_to_end(const std::string& path, size_t most) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  LYDIA_CHECK(file.get() >= 0, IoError, "open \"", path, "\": ", std::strerror(errno));
  std::string content, block(size_t{1} << 16, '\0');
  while (true) {
    const ssize_t got = read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    LYDIA_CHECK(got >= 0, IoError, "read \"", path, "\": ", std::strerror(errno));
    if (got == 0) return content;
    content.append(block, 0, static_cast<size_t>(got));
    LYDIA_CHECK(content.size() <= most, ValueError, "read \"", path, "\": expected at most ", most,
                " bytes through a pipe");
  }
}

}  // namespace

bool is_pipe(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
}

FileBytes open_or_read_pipe(const std::string& path, size_t most) {
  if (!is_pipe(path)) return FileBytes::open(path, most);
  std::string content = read_to_end(path, most);
  const auto bytes = std::as_bytes(std::span(content));
  if (is_gzip(bytes)) {
    const std::vector<std::byte> unpacked = gunzip(bytes, path, most);
    content.assign(reinterpret_cast<const char*>(unpacked.data()), unpacked.size());
  }
  return FileBytes::of(std::move(content), path);
}

}  // namespace lydia::io
