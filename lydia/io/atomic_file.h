// Writes a file so that, whatever happens, its path holds either the old content or the new one,
// whole: never a part, never nothing.
//
// The bytes go to a temporary file in the same folder (".<name>.<unique>.tmp"), which is synced to
// the disk and renamed over the path; then the folder is synced. A process that is killed leaves
// its temporary file behind; the next AtomicFile for the same path removes it. (The file is locked
// while it is written, so that the file of a living writer is never taken for a left-over.)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lydia/io/file_descriptor.h"

namespace lydia::io {

class AtomicFile {
 public:
  // Starts a new content for `path`. A symbolic link is followed: its target is replaced, the link
  // stays. Permissions of an existing file are kept. Throws IoError when the folder is missing or
  // not writable, or `path` is something other than a regular file.
  explicit AtomicFile(const std::string& path);
  // Without commit(): removes the temporary file and leaves `path` as it was.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Appends. Throws IoError when the system refuses (a full disk, a quota).
  void write(const void* data, size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  // Puts the new content in place, on the disk. Nothing can be written after it.
  void commit();

 private:
  void create_temporary();
  [[noreturn]] void fail_with(const char* action, int error_number) const;

  std::string path_, folder_, prefix_, temporary_;
  FileDescriptor file_;
  size_t written_ = 0;
};

void write_file_atomic(const std::string& path, std::string_view content);

}  // namespace lydia::io
