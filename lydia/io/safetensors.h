// The safetensors file format (github.com/huggingface/safetensors, "Format"): named tensors and a
// few strings, readable without running anything and without copying.
//
//   8 bytes   N, the length of the header, little-endian
//   N bytes   JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
//             "__metadata__": {"key": "value", ...}}, may be padded with spaces at the end
//   the rest  the data; offsets count from its start; little-endian, row-major
//
// The data is covered exactly: tensors neither overlap nor leave gaps, and end where the file ends.
// Files are untrusted: every rule is checked when the file is opened, and a breach is a ValueError
// that names the file, the tensor and what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/core/dtype.h"

namespace lydia::io {

using Metadata = std::map<std::string, std::string>;

// One tensor in a file. `data` lives as long as the SafetensorsFile (or its owner()) and is aligned
// only as the file happens to be.
struct TensorView {
  std::string name;
  std::string format_dtype;    // as in the file: "F32", "BF16", "F8_E4M3", ...
  std::optional<DType> dtype;  // absent for types that the format has and lydia has not
  std::vector<int64_t> shape;
  std::span<const std::byte> data;
};

class SafetensorsFile {
 public:
  // Maps the file. Throws IoError when it cannot be read, ValueError when it breaks the format.
  static SafetensorsFile open(const std::string& path);
  // Reads the format from memory; `label` stands for the path in messages.
  static SafetensorsFile parse(std::vector<std::byte> bytes, const std::string& label);

  // In the order of their data.
  const std::vector<TensorView>& tensors() const { return tensors_; }
  // Null when there is none of that name.
  const TensorView* find(std::string_view name) const;
  const Metadata& metadata() const { return metadata_; }
  // Keeps the data alive for as long as it is held, beyond this object if need be.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  SafetensorsFile(std::shared_ptr<const void> owner, std::span<const std::byte> bytes,
                  const std::string& label);

  std::shared_ptr<const void> owner_;
  std::vector<TensorView> tensors_;
  std::map<std::string, size_t, std::less<>> by_name_;
  Metadata metadata_;
};

// Writes atomically (see atomic_file.h). The tensors' data is laid out from the largest element to
// the smallest, then by name, so that each is aligned to its element. `format_dtype` may be left
// empty where `dtype` is set. Throws ValueError for names that appear twice, are "__metadata__" or
// are not UTF-8, and for data that does not have the size of its shape.
void write_safetensors(const std::string& path, std::span<const TensorView> tensors,
                       const Metadata& metadata = {});

// The same file in memory.
std::string pack_safetensors(std::span<const TensorView> tensors, const Metadata& metadata = {});

}  // namespace lydia::io
