#include "lydia/io/safetensors_tensors.h"

#include <algorithm>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/safetensors_header.h"

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

std::vector<std::byte> packed(const Tensor& tensor) {
  std::vector<std::byte> bytes(tensor.nbytes());
  if (!bytes.empty()) {
    pack(tensor, 0, static_cast<const std::byte*>(tensor.data_ptr()), bytes.data());
  }
  return bytes;
}

void check_bools(const TensorView& view, const std::string& path) {
  const auto bad = std::find_if(view.data.begin(), view.data.end(),
                                [](std::byte b) { return b > std::byte{1}; });
  LYDIA_CHECK(bad == view.data.end(), ValueError, path, ": ", show_name(view.name),
              " expected bools of 0 or 1, got ", static_cast<int>(*bad), " at element ",
              bad - view.data.begin());
}

Tensor to_tensor(const SafetensorsFile& file, const TensorView& view, LoadMode mode,
                 const std::string& path) {
  LYDIA_CHECK(view.dtype.has_value(), NotImplementedError, path, ": ", show_name(view.name),
              " has the dtype ", view.format_dtype, ", which lydia does not have");
  LYDIA_CHECK(view.shape.size() <= kMaxDims, ValueError, path, ": ", show_name(view.name),
              " expected at most ", kMaxDims, " dimensions, got ", view.shape.size());
  if (*view.dtype == DType::Bool) check_bools(view, path);
  const Dims sizes(view.shape);
  const auto address = reinterpret_cast<uintptr_t>(view.data.data());
  const bool aligned = address % item_size(*view.dtype) == 0;
  if (mode == LoadMode::Copy || !aligned || view.data.empty()) {
    const Tensor tensor = empty(sizes, *view.dtype);
    if (!view.data.empty()) std::memcpy(tensor.data_ptr(), view.data.data(), view.data.size());
    return tensor;
  }
  // Never written through: the storage is marked read-only.
  auto* data = const_cast<std::byte*>(view.data.data());
  const Tensor tensor =
      from_blob(data, sizes, contiguous_strides(sizes), *view.dtype, [owner = file.owner()] {});
  tensor.storage()->set_read_only(true);
  return tensor;
}

}  // namespace

void save_safetensors(const std::string& path, const NamedTensors& tensors,
                      const Metadata& metadata) {
  std::vector<TensorView> views;
  std::vector<std::vector<std::byte>> copies;  // of the tensors that are not contiguous
  for (const auto& [name, tensor] : tensors) {
    LYDIA_CHECK(tensor.defined(), ValueError, "save_safetensors: ", show_name(name),
                " is an undefined tensor");
    std::span<const std::byte> data(static_cast<const std::byte*>(tensor.data_ptr()),
                                    tensor.nbytes());
    if (!tensor.is_contiguous()) data = copies.emplace_back(packed(tensor));
    const Dims& sizes = tensor.sizes();
    views.push_back({name, "", tensor.dtype(), {sizes.begin(), sizes.end()}, data});
  }
  write_safetensors(path, views, metadata);
}

LoadedTensors load_safetensors(const std::string& path, LoadMode mode) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  LoadedTensors loaded;
  loaded.metadata = file.metadata();
  for (const TensorView& view : file.tensors()) {
    loaded.tensors.emplace_back(view.name, to_tensor(file, view, mode, path));
  }
  return loaded;
}

}  // namespace lydia::io
