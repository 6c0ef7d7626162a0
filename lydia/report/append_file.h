// A file that only grows, by whole pieces: each append is one write, and one that the system cuts
// short (a full disk) is taken back, so that a reader never meets half a piece.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lydia::report {

class AppendFile {
 public:
  // Opens `path` for appending, or makes it. Throws IoError when the system refuses.
  explicit AppendFile(const std::string& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // Throws IoError, with the file as it was, when not all of it can be written.
  void append(std::string_view bytes);
  // Waits until all of it is on the disk.
  void sync();
  // Cuts everything from byte `size` on.
  void truncate(uint64_t size);

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }

 private:
  [[noreturn]] void refuse(const char* action, int error_number) const;

  std::string path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

}  // namespace lydia::report
