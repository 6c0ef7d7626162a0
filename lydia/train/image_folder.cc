#include "lydia/train/image_folder.h"

#include <algorithm>
#include <filesystem>

namespace lydia::train {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  LYDIA_CHECK(!error, IoError, "ImageFolder: \"", folder.string(), "\": ", error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_picture(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return (ending == ".png" || ending == ".jpg" || ending == ".jpeg") && fs::is_regular_file(path);
}

}  // namespace

ImageFolder::ImageFolder(const std::string& folder, io::ImageMode mode) : mode_(mode) {
  for (const fs::path& entry : sorted_entries(folder)) {
    if (!fs::is_directory(entry)) continue;
    classes_.push_back(entry.filename().string());
    for (const fs::path& file : sorted_entries(entry)) {
      if (is_picture(file)) files_.push_back({file.string(), std::ssize(classes_) - 1});
    }
  }
  LYDIA_CHECK(!files_.empty(), ValueError, "ImageFolder: expected pictures in sub-folders of \"",
              folder, "\", found none");
}

std::string ImageFolder::where(int64_t index) const {
  check_index(index);
  return files_[static_cast<size_t>(index)].path;
}

int64_t ImageFolder::label(int64_t index) const {
  check_index(index);
  return files_[static_cast<size_t>(index)].label;
}

Example ImageFolder::get(int64_t index) const {
  check_index(index);
  const File& file = files_[static_cast<size_t>(index)];
  const Tensor label = empty({}, DType::I64);
  *label.data<int64_t>() = file.label;
  return {{"image", io::read_image(file.path, mode_)}, {"label", label}};
}

}  // namespace lydia::train
