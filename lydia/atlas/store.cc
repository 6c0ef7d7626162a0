#include "lydia/atlas/store.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_descriptor.h"
#include "lydia/io/sha256.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "sha256:", kTree = "tree:";

[[noreturn]] void refuse(const std::string& path, const char* what, int error = errno) {
  fail<IoError>(path, ": ", what, ": ", std::strerror(error));
}

io::FileDescriptor open_or_fail(const std::string& path, int flags, mode_t mode = 0) {
  io::FileDescriptor file(open(path.c_str(), flags | O_CLOEXEC, mode));
  if (file.get() < 0) refuse(path, "cannot open");
  return file;
}

void sync_fd(int fd, const std::string& path) {
  if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS) refuse(path, "cannot flush");
}

void sync_folder(const std::string& path) {
  sync_fd(open_or_fail(path.empty() ? "." : path, O_RDONLY | O_DIRECTORY).get(), path);
}

void write_all(int fd, const char* data, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse(path, "cannot write");
    data += n;
    size -= static_cast<size_t>(n);
  }
}

// Copies a file; its SHA-256. Shares the blocks where the file system can, and reads them all the
// same: what is kept is what was read.
std::string copy_file(const std::string& from, const std::string& to, mode_t mode) {
  const io::FileDescriptor in = open_or_fail(from, O_RDONLY);
  const io::FileDescriptor out = open_or_fail(to, O_WRONLY | O_CREAT | O_EXCL, mode);
  const bool shared = ioctl(out.get(), FICLONE, in.get()) == 0;
  io::Sha256 hash;
  std::vector<char> buffer(size_t{1} << 18);
  for (;;) {
    const ssize_t n = read(in.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse(from, "cannot read");
    if (n == 0) break;
    hash.update(buffer.data(), static_cast<size_t>(n));
    if (!shared) write_all(out.get(), buffer.data(), static_cast<size_t>(n), to);
  }
  if (fchmod(out.get(), mode) != 0) refuse(to, "cannot set permissions");
  sync_fd(out.get(), to);
  return hash.hex();
}

struct Entry {
  char kind = 'f';          // f, x, l, d
  std::string value, path;  // value: the digest's hex, or the link's target
};

// One line; targets and paths with line breaks have no place in a listing.
std::string line_of(const Entry& e) {
  const std::string separator = e.kind == 'l' ? "\t" : " ";
  return std::string(1, e.kind) + " " + (e.kind == 'd' ? "" : e.value + separator) + e.path + "\n";
}

bool safe_path(const std::string& path) {
  if (path.empty() || path.front() == '/') return false;
  for (const fs::path& part : fs::path(path))
    if (part == ".." || part.empty()) return false;
  return true;
}

std::vector<Entry> parse_listing(const std::string& text, const std::string& name) {
  std::vector<Entry> entries;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    Entry e;
    const size_t from = 2, cut = line.find(!line.empty() && line[0] == 'l' ? '\t' : ' ', from);
    const bool folder = line.starts_with("d ");
    const bool other = line.starts_with("f ") || line.starts_with("x ") || line.starts_with("l ");
    LYDIA_CHECK(folder || (other && cut != line.npos), IoError, name, ": damaged folder listing");
    e.kind = line[0];
    e.path = folder ? line.substr(from) : line.substr(cut + 1);
    if (!folder) e.value = line.substr(from, cut - from);
    LYDIA_CHECK(safe_path(e.path), IoError, name, ": damaged folder listing: ", e.path);
    entries.push_back(std::move(e));
  }
  return entries;
}

// What a folder holds, sorted by path.
std::string list_folder(const std::string& folder, const FileDigest& of_file) {
  std::vector<Entry> entries;
  for (const auto& at : fs::recursive_directory_iterator(folder)) {
    Entry e;
    e.path = at.path().lexically_relative(folder).string();
    LYDIA_CHECK(e.path.find('\n') == e.path.npos && e.path.find('\t') == e.path.npos, IoError,
                at.path().string(), ": names with line breaks or tabs cannot be kept");
    if (at.is_symlink()) {
      e.kind = 'l';
      e.value = fs::read_symlink(at.path()).string();
      LYDIA_CHECK(e.value.find_first_of("\t\n") == e.value.npos, IoError, at.path().string(),
                  ": links to names with line breaks or tabs cannot be kept");
    } else if (at.is_directory()) {
      e.kind = 'd';
    } else if (at.is_regular_file()) {
      const bool runs = (at.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
      e.kind = runs ? 'x' : 'f';
      e.value = of_file(at.path().string()).substr(kFile.size());
    } else {
      fail<IoError>(at.path().string(), ": expected a file, folder or link, got something else");
    }
    entries.push_back(std::move(e));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  std::string text;
  for (const Entry& e : entries) text += line_of(e);
  return text;
}

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) refuse(path, "cannot read", EIO);
  return text.str();
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) refuse(path, "cannot make the folder", error.value());
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string unique_beside(const std::string& path) {
  static std::atomic<int> count{0};
  return folder_of(path) + "/." + fs::path(path).filename().string() + "." +
         std::to_string(getpid()) + "." + std::to_string(count++) + ".tmp";
}

}  // namespace

FileStamp stamp_of(const std::string& path) {
  struct stat s;
  if (stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return {};
  const auto nanoseconds = [](const timespec& t) {
    return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
  };
  return {s.st_size, nanoseconds(s.st_mtim), nanoseconds(s.st_ctim),
          static_cast<int64_t>(s.st_ino)};
}

bool is_executable(const std::string& path) {
  return fs::is_regular_file(path) && access(path.c_str(), X_OK) == 0;
}

std::string digest_file(const std::string& path) {
  return std::string(kFile) + io::sha256_file(path);
}

std::string digest_path(const std::string& path, const FileDigest& of_file) {
  const fs::file_status status = fs::status(path);
  if (fs::is_regular_file(status)) return of_file(path);
  LYDIA_CHECK(fs::exists(status), IoError, path, ": expected a file or folder, there is none");
  LYDIA_CHECK(fs::is_directory(status), IoError, path, ": expected a file or folder");
  return std::string(kTree) + io::sha256_hex(list_folder(path, of_file));
}

Store::Store(std::string folder, bool look) : folder_(std::move(folder)) {
  if (look) return;
  make_folder(folder_ + "/objects");
  make_folder(folder_ + "/tmp");
}

std::string Store::object(std::string_view hex) const {
  return folder_ + "/objects/" + std::string(hex.substr(0, 2)) + "/" + std::string(hex.substr(2));
}

void Store::put_object(const std::string& path, const std::string& hex) {
  const std::string at = object(hex);
  if (fs::exists(at)) return;
  const std::string temporary = unique_beside(folder_ + "/tmp/" + hex);
  try {
    const std::string found = copy_file(path, temporary, 0444);
    LYDIA_CHECK(found == hex, IoError, path, ": changed while it was stored");
    const bool is_new = !fs::exists(folder_of(at));
    make_folder(folder_of(at));
    if (rename(temporary.c_str(), at.c_str()) != 0) refuse(at, "cannot store");
    sync_folder(folder_of(at));
    if (is_new) sync_folder(folder_ + "/objects");
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
}

void Store::put(const std::string& path, const std::string& digest) {
  if (digest.starts_with(kFile)) return put_object(path, digest.substr(kFile.size()));
  const std::string hex = digest.substr(kTree.size());
  const std::string text = list_folder(path, digest_file);
  LYDIA_CHECK(io::sha256_hex(text) == hex, IoError, path, ": changed while it was stored");
  for (const Entry& e : parse_listing(text, path))
    if (e.kind == 'f' || e.kind == 'x') put_object(path + "/" + e.path, e.value);
  const std::string list = unique_beside(folder_ + "/tmp/" + hex);
  io::write_file_atomic(list, text);
  try {
    put_object(list, hex);
  } catch (...) {
    unlink(list.c_str());
    throw;
  }
  unlink(list.c_str());
}

std::string Store::listing(const std::string& digest) const {
  const std::string hex = digest.substr(kTree.size()), text = read_all(object(hex));
  if (io::sha256_hex(text) == hex) return text;
  unlink(object(hex).c_str());
  fail<DamagedObject>(object(hex), ": was damaged");
}

bool Store::has(const std::string& digest) const {
  if (digest.starts_with(kFile)) return fs::exists(object(digest.substr(kFile.size())));
  if (!digest.starts_with(kTree) || !fs::exists(object(digest.substr(kTree.size())))) return false;
  std::vector<Entry> entries;
  try {
    entries = parse_listing(listing(digest), digest);
  } catch (const DamagedObject&) {
    return false;
  }
  return std::all_of(entries.begin(), entries.end(), [&](const Entry& e) {
    return (e.kind != 'f' && e.kind != 'x') || fs::exists(object(e.value));
  });
}

void Store::restore(const std::string& digest, const std::string& path) const {
  make_folder(folder_of(path));
  const std::string temporary = unique_beside(path);
  const auto copy_out = [&](const std::string& hex, const std::string& to, mode_t mode) {
    if (copy_file(object(hex), to, mode) == hex) return;
    unlink(object(hex).c_str());
    fail<DamagedObject>(object(hex), ": was damaged");
  };
  try {
    if (digest.starts_with(kFile)) {
      copy_out(digest.substr(kFile.size()), temporary, 0644);
    } else {
      fs::create_directories(temporary);
      for (const Entry& e : parse_listing(listing(digest), digest)) {
        const std::string to = temporary + "/" + e.path;
        fs::create_directories(folder_of(to));
        if (e.kind == 'd') fs::create_directories(to);
        if (e.kind == 'l') fs::create_symlink(e.value, to);
        if (e.kind == 'f' || e.kind == 'x') copy_out(e.value, to, e.kind == 'x' ? 0755 : 0644);
      }
    }
    publish(temporary, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    throw;
  }
}

uint64_t Store::sweep(const std::set<std::string>& keep) {
  std::set<std::string> needed;
  for (const std::string& digest : keep) {
    if (digest.starts_with(kFile)) needed.insert(digest.substr(kFile.size()));
    if (!digest.starts_with(kTree) || !has(digest)) continue;
    needed.insert(digest.substr(kTree.size()));
    for (const Entry& e : parse_listing(listing(digest), digest)) needed.insert(e.value);
  }
  uint64_t freed = 0;
  for (const auto& at : fs::recursive_directory_iterator(folder_ + "/objects")) {
    if (!at.is_regular_file()) continue;
    const std::string hex =
        at.path().parent_path().filename().string() + at.path().filename().string();
    if (needed.count(hex)) continue;
    freed += at.file_size();
    fs::remove(at.path());
  }
  for (const auto& at : fs::directory_iterator(folder_ + "/tmp")) {
    if (at.is_regular_file()) freed += at.file_size();
    fs::remove_all(at.path());
  }
  return freed;
}

void sync_tree(const std::string& path) {
  if (fs::is_symlink(path)) return;
  if (!fs::is_directory(path)) {
    // Opening a pipe would wait for somebody to write.
    LYDIA_CHECK(fs::is_regular_file(path), IoError, path,
                ": expected a file, folder or link, got something else");
    sync_fd(open_or_fail(path, O_RDONLY).get(), path);
    return;
  }
  for (const auto& at : fs::directory_iterator(path)) sync_tree(at.path().string());
  sync_folder(path);
}

void publish(const std::string& from, const std::string& to, const std::string& aside) {
  sync_tree(from);
  make_folder(folder_of(to));
  const bool old = fs::exists(fs::symlink_status(to));
  if (old && !aside.empty()) {
    make_folder(folder_of(aside));
    fs::rename(to, aside);
  }
  if (rename(from.c_str(), to.c_str()) != 0) {
    if (errno != ENOTEMPTY && errno != EEXIST && errno != EISDIR && errno != ENOTDIR)
      refuse(to, "cannot put in place");
    const std::string old_name = unique_beside(to);  // a folder cannot be renamed over another
    fs::rename(to, old_name);
    fs::rename(from, to);
    fs::remove_all(old_name);
  }
  sync_folder(folder_of(to));
}

}  // namespace lydia::atlas
