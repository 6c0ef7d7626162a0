#include "lydia/io/idx.h"

#include <optional>

#include "lydia/io/swap_bytes.h"

namespace lydia::io {
namespace {

std::optional<DType> dtype_of_code(unsigned code) {
  switch (code) {
    case 0x08: return DType::U8;
    case 0x09: return DType::I8;
    case 0x0B: return DType::I16;
    case 0x0C: return DType::I32;
    case 0x0D: return DType::F32;
    case 0x0E: return DType::F64;
    default: return std::nullopt;
  }
}

int64_t big_endian_32(const std::byte* at) {
  int64_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<int64_t>(at[i]);
  return value;
}

}  // namespace

Tensor parse_idx(const FileBytes& file) {
  const auto bytes = file.bytes();
  const std::string& label = file.label();
  LYDIA_CHECK(bytes.size() >= 4, ValueError, label, ": expected an IDX header, got ", bytes.size(),
              " bytes");
  const auto code = std::to_integer<unsigned>(bytes[2]);
  const auto dtype = dtype_of_code(code);
  LYDIA_CHECK(bytes[0] == std::byte{0} && bytes[1] == std::byte{0} && dtype, ValueError, label,
              ": expected an IDX file, got other first bytes");
  const auto dims = std::to_integer<size_t>(bytes[3]);
  LYDIA_CHECK(dims <= kMaxDims && bytes.size() >= 4 + 4 * dims, ValueError, label,
              ": the IDX header says ", dims, " dimensions, which do not fit");
  Dims sizes;
  for (size_t i = 0; i < dims; ++i) sizes.push_back(big_endian_32(bytes.data() + 4 + 4 * i));
  const auto data = bytes.subspan(4 + 4 * dims);
  const auto count = static_cast<uint64_t>(checked_numel("read_idx", sizes));
  const size_t element = item_size(*dtype);
  LYDIA_CHECK(data.size() % element == 0 && count == data.size() / element, ValueError, label,
              ": expected ", count, " elements of ", element, " bytes for shape ", sizes, ", got ",
              data.size(), " bytes");
  const Tensor tensor = empty(sizes, *dtype);
  copy_elements(data.data(), static_cast<std::byte*>(tensor.data_ptr()), count, element, true);
  return tensor;
}

Tensor read_idx(const std::string& path) { return parse_idx(FileBytes::open(path)); }

}  // namespace lydia::io
