#include "lydia/io/tensor_bytes.h"

#include <algorithm>
#include <cstring>

namespace lydia::io {
namespace {

// Copies the elements below `dim` in row-major order; returns where the next one goes.
std::byte* pack(const Tensor& tensor, int dim, const std::byte* from, std::byte* to) {
  const size_t element = tensor.element_size();
  if (dim == tensor.ndim()) {
    std::memcpy(to, from, element);
    return to + element;
  }
  const int64_t step = tensor.stride(dim) * static_cast<int64_t>(element);
  for (int64_t i = 0; i < tensor.size(dim); ++i) to = pack(tensor, dim + 1, from + i * step, to);
  return to;
}

}  // namespace

PackedTensor::PackedTensor(const Tensor& tensor) : tensor_(tensor) {
  if (tensor.is_contiguous() || tensor.numel() == 0) return;
  copy_.resize(tensor.nbytes());
  pack(tensor, 0, static_cast<const std::byte*>(tensor.data_ptr()), copy_.data());
}

void check_bool_bytes(std::span<const std::byte> bytes, const std::string& where) {
  const auto bad =
      std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; });
  LYDIA_CHECK(bad == bytes.end(), ValueError, where, " expected bools of 0 or 1, got ",
              static_cast<int>(*bad), " at element ", bad - bytes.begin());
}

}  // namespace lydia::io
