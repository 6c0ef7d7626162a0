#include "lydia/io/token_file.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "lydia/io/npy.h"

namespace lydia::io {
namespace {

constexpr std::string_view kMagic = "LYDIATOK";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeader = 24;

bool is_token_dtype(DType dtype) { return dtype == DType::U16 || dtype == DType::U32; }

Tensor over(std::shared_ptr<const MappedFile> file, size_t start, DType dtype) {
  const auto data = file->bytes().subspan(start);
  LYDIA_CHECK(data.size() % item_size(dtype) == 0, ValueError, file->path(),
              ": expected tokens of ", item_size(dtype), " bytes, got ", data.size(), " bytes");
  const auto count = static_cast<int64_t>(data.size() / item_size(dtype));
  if (count == 0) return empty({0}, dtype);
  // Never written through: the storage is marked read-only.
  auto* first = const_cast<std::byte*>(data.data());
  const Tensor tensor = from_blob(first, {count}, {1}, dtype, [file] {});
  tensor.storage()->set_read_only(true);
  return tensor;
}

Tensor with_header(std::shared_ptr<const MappedFile> file) {
  const auto bytes = file->bytes();
  const std::string& label = file->path();
  LYDIA_CHECK(bytes.size() >= kHeader, ValueError, label, ": cut off in the header");
  uint32_t version = 0, width = 0;
  uint64_t count = 0;
  std::memcpy(&version, bytes.data() + 8, 4);
  std::memcpy(&width, bytes.data() + 12, 4);
  std::memcpy(&count, bytes.data() + 16, 8);
  LYDIA_CHECK(version == kVersion && (width == 2 || width == 4), ValueError, label,
              ": expected version 1 and tokens of 2 or 4 bytes, got version ", version, " and ",
              width);
  const uint64_t data = bytes.size() - kHeader;
  LYDIA_CHECK(data % width == 0 && data / width == count, ValueError, label, ": expected ", count,
              " tokens of ", width, " bytes, got ", data, " bytes");
  return over(std::move(file), kHeader, width == 2 ? DType::U16 : DType::U32);
}

}  // namespace

Tensor open_tokens(const std::string& path, std::optional<DType> bare) {
  auto file = std::make_shared<const MappedFile>(path);
  const bool headed = file->text().starts_with(kMagic);
  const bool npy = file->text().starts_with("\x93NUMPY");
  LYDIA_CHECK(!bare || (!headed && !npy), ValueError, path,
              ": has a header of its own; give no dtype");
  if (headed) return with_header(std::move(file));
  if (npy) {
    const Tensor tokens = load_npy(path, LoadMode::Map);
    LYDIA_CHECK(tokens.ndim() == 1 && is_token_dtype(tokens.dtype()), ValueError, path,
                ": expected uint16 or uint32 tokens in one dimension, got ", tokens.dtype(), " of ",
                tokens.sizes());
    return tokens;
  }
  LYDIA_CHECK(bare && is_token_dtype(*bare), ValueError, path,
              ": a file without a header needs a dtype, uint16 or uint32");
  return over(std::move(file), 0, *bare);
}

void write_tokens(const std::string& path, std::span<const uint32_t> tokens) {
  const bool narrow =
      std::all_of(tokens.begin(), tokens.end(), [](uint32_t token) { return token <= 0xFFFF; });
  const uint32_t width = narrow ? 2 : 4;
  const uint64_t count = tokens.size();
  AtomicFile file(path);
  file.write(kMagic);
  file.write(&kVersion, 4);
  file.write(&width, 4);
  file.write(&count, 8);
  if (narrow) {
    const std::vector<uint16_t> short_tokens(tokens.begin(), tokens.end());
    file.write(short_tokens.data(), short_tokens.size() * 2);
  } else {
    file.write(tokens.data(), tokens.size_bytes());
  }
  file.commit();
}

}  // namespace lydia::io
