#include "lydia/report/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "lydia/core/error.h"

namespace lydia::report {

AppendFile::AppendFile(const std::string& path) : path_(path) {
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) refuse("opened", errno);
  struct stat status {};
  const bool regular = ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
  if (!regular) {
    ::close(fd_);
    refuse("opened", EINVAL);
  }
  size_ = static_cast<uint64_t>(status.st_size);
}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::refuse(const char* action, int error_number) const {
  fail<IoError>(path_, ": could not be ", action, ": ",
                std::generic_category().message(error_number));
}

void AppendFile::append(std::string_view bytes) {
  const uint64_t before = size_;
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int reason = written < 0 ? errno : ENOSPC;
      truncate(before);
      refuse("written", reason);
    }
    size_ += static_cast<uint64_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AppendFile::sync() {
  if (::fsync(fd_) != 0) refuse("synced", errno);
}

void AppendFile::truncate(uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) refuse("cut", errno);
  size_ = size;
}

}  // namespace lydia::report
