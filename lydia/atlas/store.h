// Files and folders by content. A digest names both what it is of and what is in it:
//   "sha256:<hex>"  a file's bytes
//   "tree:<hex>"    a folder: the SHA-256 of its listing, one line per entry, sorted by path:
//                   "f <hex> <path>", "x <hex> <path>" (executable), "l <target>\t<path>", "d
//                   <path>"
// Objects lie read-only under <store>/objects/ab/<rest of hex>; a folder's listing is an object as
// its files are. Nothing appears there but whole and on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "lydia/core/error.h"

namespace lydia::atlas {

// Size, times and inode of a file: while they stay the same, its digest is believed. The time of
// the last change of the inode is among them: modification times can be set back, as `cp -p` does.
struct FileStamp {
  int64_t bytes = -1, mtime_ns = 0, ctime_ns = 0, inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
bool is_executable(const std::string& path);  // a regular file that may be run
FileStamp stamp_of(const std::string& path);  // bytes -1 when there is no regular file

// The digest of one file; callers may remember digests by stamp.
using FileDigest = std::function<std::string(const std::string& path)>;
std::string digest_file(const std::string& path);

// The digest of a file or folder. IoError when there is neither, and for anything but regular
// files, folders and symbolic links inside.
std::string digest_path(const std::string& path, const FileDigest& of_file = digest_file);

// An object that is not what its name says; it has been removed.
class DamagedObject : public IoError {
 public:
  using IoError::IoError;
};

class Store {
 public:
  // Makes the folder, unless it is only looked at.
  explicit Store(std::string folder, bool look = false);

  // Keeps the file or folder, whose digest the caller knows. IoError when the disk is full, and
  // when the content is not the digest's.
  void put(const std::string& path, const std::string& digest);
  // Whether it is all there.
  bool has(const std::string& digest) const;
  // Writes the content to `path` in place of what is there, whole or not at all. DamagedObject when
  // the store no longer has what it had.
  void restore(const std::string& digest, const std::string& path) const;

  // Removes objects that none of the digests needs, and what writers that were killed left behind;
  // the bytes freed. Nobody else may use the store meanwhile.
  uint64_t sweep(const std::set<std::string>& keep);

 private:
  std::string object(std::string_view hex) const;
  void put_object(const std::string& path, const std::string& hex);
  std::string listing(const std::string& digest) const;

  std::string folder_;
};

// Moves `from` (a file or folder on the same file system) to `to`. What was at `to` is moved to
// `aside` first when that is given, else replaced. All of it is on the disk afterwards.
void publish(const std::string& from, const std::string& to, const std::string& aside = "");
// Flushes a file, or a folder with all it holds. IoError for what is neither file, folder nor link.
void sync_tree(const std::string& path);

}  // namespace lydia::atlas
