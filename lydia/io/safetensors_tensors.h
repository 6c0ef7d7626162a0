// Tensors saved to and loaded from safetensors files (safetensors.h has the format).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/io/safetensors.h"

namespace lydia::io {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

// Writes atomically; any strides will do. Throws ValueError for undefined tensors and bad names.
void save_safetensors(const std::string& path, const NamedTensors& tensors,
                      const Metadata& metadata = {});
// The same file in memory.
std::string pack_safetensors(const NamedTensors& tensors, const Metadata& metadata = {});

enum class LoadMode {
  Copy,  // tensors of their own, which may be written to
  Map    // read-only tensors on the mapped file, read as they are touched; a tensor that the file
         // does not align to its element is copied
};

struct LoadedTensors {
  NamedTensors tensors;  // in the order of the file's data
  Metadata metadata;
};

// Throws IoError and ValueError as SafetensorsFile::open does, ValueError also for bools other than
// 0 and 1, and NotImplementedError for dtypes that lydia has not.
LoadedTensors load_safetensors(const std::string& path, LoadMode mode = LoadMode::Copy);
// One tensor of an open file, with the same errors; `label` stands for the path in them.
Tensor load_tensor(const SafetensorsFile& file, const TensorView& view, LoadMode mode,
                   const std::string& label);

}  // namespace lydia::io
