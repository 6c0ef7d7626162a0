// The bytes of a data file: a mapped file, or what a gzip file unpacks to.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lydia/io/compress.h"

namespace lydia::io {

class FileBytes {
 public:
  // Throws IoError when `path` cannot be read, ValueError for damaged gzip data and for more than
  // `max_unpacked` bytes of it.
  static FileBytes open(const std::string& path, size_t max_unpacked = kMaxUnpacked);
  // Bytes from memory; `label` stands for the path in messages.
  static FileBytes of(std::string content, const std::string& label);

  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  // The path, for messages.
  const std::string& label() const { return label_; }
  // Keeps the bytes alive for as long as it is held, beyond this object if need be.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  FileBytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes, std::string label)
      : owner_(std::move(owner)), bytes_(bytes), label_(std::move(label)) {}

  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
  std::string label_;
};

}  // namespace lydia::io
