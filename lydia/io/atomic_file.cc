#include "lydia/io/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "lydia/core/error.h"
#include "lydia/io/left_overs.h"

namespace lydia::io {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxWrite = size_t{1} << 30;  // Linux takes at most 2 GiB in one call

// Where the bytes really go: the end of a chain of symbolic links.
std::string resolve(const std::string& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::weakly_canonical(path, error);
  LYDIA_CHECK(!error, IoError, "write \"", path, "\": ", error.message());
  return target.string();
}

// True when the locked file still has a name: another writer may have removed it as a left-over
// between its creation and its lock.
bool has_name(int fd) {
  struct stat info {};
  return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(resolve(path)) {
  const fs::path target(path_);
  LYDIA_CHECK(target.has_filename(), IoError, "write \"", path, "\": expected the path of a file");
  folder_ = target.has_parent_path() ? target.parent_path().string() : ".";
  prefix_ = temporary_prefix(target.filename().native());
  struct stat old {};
  const bool exists = stat(path_.c_str(), &old) == 0;
  LYDIA_CHECK(!exists || S_ISREG(old.st_mode), IoError, "write \"", path,
              "\": expected a regular file or nothing there");
  remove_left_overs(folder_, [this](std::string_view target_name) {
    return temporary_prefix(target_name) == prefix_;
  });
  create_temporary();
  if (exists) fchmod(file_.get(), old.st_mode & 07777);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::create_temporary() {
  static std::atomic<unsigned> counter{0};
  while (true) {
    const std::string name = folder_ + "/" + prefix_ + std::to_string(getpid()) + "-" +
                             std::to_string(counter.fetch_add(1)) + ".tmp";
    FileDescriptor file(open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    if (file.get() < 0 && errno == EEXIST) continue;
    if (file.get() < 0) fail_with("create a file beside it", errno);
    // A refused lock (some network file systems have none) costs only the removal of left-overs.
    flock(file.get(), LOCK_EX);
    if (!has_name(file.get())) continue;
    file_ = std::move(file);
    temporary_ = name;
    return;
  }
}

void AtomicFile::fail_with(const char* action, int error_number) const {
  fail<IoError>("write \"", path_, "\": could not ", action, ": ", std::strerror(error_number),
                " (after ", written_, " bytes; what was there before is untouched)");
}

void AtomicFile::write(const void* data, size_t size) {
  LYDIA_CHECK(file_.get() >= 0, Error, "AtomicFile::write to \"", path_, "\": already committed");
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t taken = ::write(file_.get(), at, std::min(size, kMaxWrite));
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) fail_with("write", errno);
    at += taken;
    size -= static_cast<size_t>(taken);
    written_ += static_cast<size_t>(taken);
  }
}

void AtomicFile::commit() {
  LYDIA_CHECK(file_.get() >= 0, Error, "AtomicFile::commit of \"", path_, "\": already committed");
  if (fsync(file_.get()) != 0) fail_with("sync", errno);
  // Renamed before it is closed, hence while locked: no other writer can take it for a left-over.
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail_with("rename", errno);
  temporary_.clear();
  LYDIA_CHECK(file_.reset(), IoError, "write \"", path_, "\": close: ", std::strerror(errno));
  const FileDescriptor folder(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  LYDIA_CHECK(folder.get() >= 0 && (fsync(folder.get()) == 0 || errno == EINVAL), IoError,
              "write \"", path_, "\": sync of its folder: ", std::strerror(errno));
}

void write_file_atomic(const std::string& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace lydia::io
