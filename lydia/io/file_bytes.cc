#include "lydia/io/file_bytes.h"

#include "lydia/io/mapped_file.h"

namespace lydia::io {

FileBytes FileBytes::open(const std::string& path, size_t max_unpacked) {
  auto file = std::make_shared<const MappedFile>(path);
  const auto bytes = file->bytes();
  if (!is_gzip(bytes)) return FileBytes(std::move(file), bytes, path);
  auto unpacked = std::make_shared<const std::vector<std::byte>>(gunzip(bytes, path, max_unpacked));
  const std::span<const std::byte> view(*unpacked);
  return FileBytes(std::move(unpacked), view, path);
}

FileBytes FileBytes::of(std::string content, const std::string& label) {
  auto owner = std::make_shared<const std::string>(std::move(content));
  const auto bytes = std::as_bytes(std::span(*owner));
  return FileBytes(std::move(owner), bytes, label);
}

}  // namespace lydia::io
