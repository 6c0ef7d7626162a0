// SHA-256 (FIPS 180-4): what tells a file from one that was changed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace lydia::io {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, size_t size);
  // 64 lower-case hexadecimal digits. Once, after all updates.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view text);
// Of a file's content. Throws IoError when it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace lydia::io
