#include "lydia/io/npy.h"

#include <algorithm>
#include <cstring>

#include "lydia/core/utf8.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/npy_header.h"
#include "lydia/io/safetensors_header.h"
#include "lydia/io/swap_bytes.h"
#include "lydia/io/tensor_bytes.h"
#include "lydia/io/zip.h"

namespace lydia::io {
namespace {

constexpr std::string_view kSuffix = ".npy";

// Strides, in elements, of an array whose first index runs fastest.
Dims fortran_strides(const Dims& sizes) {
  Dims strides(sizes.size(), 1);
  for (size_t i = 1; i < sizes.size(); ++i) {
    strides[i] = strides[i - 1] * std::max<int64_t>(sizes[i - 1], 1);
  }
  return strides;
}

// Copies the elements below `dim`, read with `strides`, in row-major order.
std::byte* gather(const std::byte* from, const Dims& sizes, const Dims& strides, int dim,
                  size_t element, std::byte* to) {
  if (dim == sizes.ndim()) {
    std::memcpy(to, from, element);
    return to + element;
  }
  const auto d = static_cast<size_t>(dim);
  const int64_t step = strides[d] * static_cast<int64_t>(element);
  for (int64_t i = 0; i < sizes[d]; ++i) {
    to = gather(from + i * step, sizes, strides, dim + 1, element, to);
  }
  return to;
}

struct Array {
  NpyHeader header;
  Dims sizes;
  std::span<const std::byte> data;
};

Array parse_array(std::span<const std::byte> bytes, const std::string& label) {
  Array array;
  array.header = parse_npy_header(bytes, label);
  array.sizes = Dims(array.header.shape);
  array.data = bytes.subspan(array.header.data_start);
  const auto count = static_cast<uint64_t>(checked_numel("load_npy", array.sizes));
  const size_t element = item_size(array.header.dtype);
  LYDIA_CHECK(array.data.size() % element == 0 && array.data.size() / element == count, ValueError,
              label, ": expected ", count, " elements of ", array.header.dtype, " for shape ",
              array.sizes, ", got ", array.data.size(), " bytes");
  if (array.header.dtype == DType::Bool) check_bool_bytes(array.data, label);
  return array;
}

Tensor copy_array(const Array& array) {
  const Tensor tensor = empty(array.sizes, array.header.dtype);
  const size_t element = tensor.element_size();
  const auto count = static_cast<size_t>(tensor.numel());
  auto* to = static_cast<std::byte*>(tensor.data_ptr());
  if (!array.header.fortran || array.sizes.ndim() < 2 || count == 0) {
    copy_elements(array.data.data(), to, count, element, array.header.swap);
    return tensor;
  }
  std::vector<std::byte> ordered(array.data.size());
  gather(array.data.data(), array.sizes, fortran_strides(array.sizes), 0, element, ordered.data());
  copy_elements(ordered.data(), to, count, element, array.header.swap);
  return tensor;
}

NpyHeader header_of(const Tensor& tensor) {
  NpyHeader header;
  header.dtype = tensor.dtype();
  header.shape.assign(tensor.sizes().begin(), tensor.sizes().end());
  return header;
}

}  // namespace

Tensor parse_npy(std::span<const std::byte> bytes, const std::string& label) {
  return copy_array(parse_array(bytes, label));
}

Tensor load_npy(const std::string& path, LoadMode mode) {
  const FileBytes file = FileBytes::open(path);
  const Array array = parse_array(file.bytes(), path);
  const auto address = reinterpret_cast<uintptr_t>(array.data.data());
  const bool usable = !array.header.swap && address % item_size(array.header.dtype) == 0;
  if (mode == LoadMode::Copy || !usable || array.data.empty()) return copy_array(array);
  // Never written through: the storage is marked read-only.
  auto* data = const_cast<std::byte*>(array.data.data());
  const Dims strides =
      array.header.fortran ? fortran_strides(array.sizes) : contiguous_strides(array.sizes);
  const Tensor tensor =
      from_blob(data, array.sizes, strides, array.header.dtype, [owner = file.owner()] {});
  tensor.storage()->set_read_only(true);
  return tensor;
}

void save_npy(const std::string& path, const Tensor& tensor) {
  LYDIA_CHECK(tensor.defined(), ValueError, "save_npy: expected a defined tensor");
  const PackedTensor packed(tensor);
  AtomicFile file(path);
  file.write(npy_header_bytes(header_of(tensor)));
  file.write(packed.bytes().data(), packed.bytes().size());
  file.commit();
}

NamedTensors parse_npz(std::span<const std::byte> bytes, const std::string& label) {
  NamedTensors tensors;
  for (const ZipEntry& entry : read_zip_directory(bytes, label)) {
    const std::string where = label + ": " + show_name(entry.name);
    LYDIA_CHECK(entry.name.ends_with(kSuffix), ValueError, where,
                ": expected only .npy files in a .npz file");
    const std::vector<std::byte> content = unpack(entry, label);
    const std::string name = entry.name.substr(0, entry.name.size() - kSuffix.size());
    const bool known = std::any_of(tensors.begin(), tensors.end(),
                                   [&](const auto& other) { return other.first == name; });
    LYDIA_CHECK(!known, ValueError, where, ": appears twice");
    tensors.emplace_back(name, parse_npy(content, where));
  }
  return tensors;
}

NamedTensors load_npz(const std::string& path) {
  return parse_npz(FileBytes::open(path).bytes(), path);
}

void save_npz(const std::string& path, const NamedTensors& tensors, bool compressed) {
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const auto& [name, tensor] : tensors) {
    LYDIA_CHECK(tensor.defined(), ValueError, "save_npz: ", show_name(name),
                " is an undefined tensor");
    LYDIA_CHECK(is_valid_utf8(name), ValueError, "save_npz: ", show_name(name), " is not UTF-8");
    for (const auto& [other, unused] : tensors) {
      LYDIA_CHECK(&other == &name || other != name, ValueError, "save_npz: two arrays are named ",
                  show_name(name));
    }
    const PackedTensor packed(tensor);
    const std::string header = npy_header_bytes(header_of(tensor));
    std::vector<std::byte> content(header.size() + packed.bytes().size());
    std::memcpy(content.data(), header.data(), header.size());
    if (!packed.bytes().empty()) {
      std::memcpy(content.data() + header.size(), packed.bytes().data(), packed.bytes().size());
    }
    zip.add(name + std::string(kSuffix), content, compressed);
  }
  zip.finish();
  file.commit();
}

}  // namespace lydia::io
