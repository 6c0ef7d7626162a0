// A folder of pictures sorted into sub-folders, one for each class: folder/<class>/<file>.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lydia/io/image.h"
#include "lydia/train/dataset.h"

namespace lydia::train {

// Examples {"image": uint8 [channels, height, width], "label": int64}. Classes are numbered, and
// files come, in the order of their names; files that are not .png, .jpg or .jpeg are left out.
class ImageFolder final : public Dataset {
 public:
  // IoError when the folder cannot be read, ValueError when it holds no picture.
  explicit ImageFolder(const std::string& folder, io::ImageMode mode = io::ImageMode::Rgb);
  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  // io::CorruptRecord for a broken picture.
  Example get(int64_t index) const override;
  std::string where(int64_t index) const override;
  const std::vector<std::string>& classes() const { return classes_; }
  int64_t label(int64_t index) const;

 private:
  struct File {
    std::string path;
    int64_t label;
  };
  io::ImageMode mode_;
  std::vector<std::string> classes_;
  std::vector<File> files_;
};

}  // namespace lydia::train
