#include "lydia/io/safetensors_tensors.h"

#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/safetensors_header.h"
#include "lydia/io/tensor_bytes.h"

namespace lydia::io {
namespace {

// What is written of each; `packed` holds the bytes.
std::vector<TensorView> views_of(const NamedTensors& tensors, std::vector<PackedTensor>& packed) {
  std::vector<TensorView> views;
  packed.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) {
    LYDIA_CHECK(tensor.defined(), ValueError, "save_safetensors: ", show_name(name),
                " is an undefined tensor");
    const auto data = packed.emplace_back(tensor).bytes();
    const Dims& sizes = tensor.sizes();
    views.push_back({name, "", tensor.dtype(), {sizes.begin(), sizes.end()}, data});
  }
  return views;
}

}  // namespace

void save_safetensors(const std::string& path, const NamedTensors& tensors,
                      const Metadata& metadata) {
  std::vector<PackedTensor> packed;
  write_safetensors(path, views_of(tensors, packed), metadata);
}

std::string pack_safetensors(const NamedTensors& tensors, const Metadata& metadata) {
  std::vector<PackedTensor> packed;
  return pack_safetensors(views_of(tensors, packed), metadata);
}

Tensor load_tensor(const SafetensorsFile& file, const TensorView& view, LoadMode mode,
                   const std::string& label) {
  LYDIA_CHECK(view.dtype.has_value(), NotImplementedError, label, ": ", show_name(view.name),
              " has the dtype ", view.format_dtype, ", which lydia does not have");
  LYDIA_CHECK(view.shape.size() <= kMaxDims, ValueError, label, ": ", show_name(view.name),
              " expected at most ", kMaxDims, " dimensions, got ", view.shape.size());
  if (*view.dtype == DType::Bool) {
    check_bool_bytes(view.data, label + ": " + show_name(view.name));
  }
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

LoadedTensors load_safetensors(const std::string& path, LoadMode mode) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  LoadedTensors loaded;
  loaded.metadata = file.metadata();
  for (const TensorView& view : file.tensors()) {
    loaded.tensors.emplace_back(view.name, load_tensor(file, view, mode, path));
  }
  return loaded;
}

}  // namespace lydia::io
