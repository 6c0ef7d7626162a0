#include "lydia/io/left_overs.h"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>

#include "lydia/io/file_descriptor.h"

namespace lydia::io {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTarget = 200;  // leaves room for the rest within 255 bytes

// The target in ".<target>.<process>-<number>.tmp"; "" for every other name.
std::string_view target_of(std::string_view name) {
  constexpr std::string_view kSuffix = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(kSuffix)) return "";
  name.remove_suffix(kSuffix.size());
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return "";
  if (name.find_first_not_of("0123456789-", dot + 1) != std::string_view::npos) return "";
  return name.substr(1, dot - 1);
}

}  // namespace

std::string temporary_prefix(std::string_view target) {
  return "." + std::string(target.substr(0, kMaxTarget)) + ".";
}

void remove_left_overs(const std::string& folder,
                       const std::function<bool(std::string_view)>& is_target) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    const std::string_view target = target_of(name);
    if (target.empty() || !is_target(target)) continue;
    const FileDescriptor file(
        open(it->path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0 || flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
    unlink(it->path().c_str());
  }
}

}  // namespace lydia::io
