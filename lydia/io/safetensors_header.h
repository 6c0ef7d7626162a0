// The JSON header of a safetensors file as plain data, before its offsets are held against the
// file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/core/dtype.h"
#include "lydia/io/safetensors.h"

namespace lydia::io {

struct HeaderTensor {
  std::string name, dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

struct Header {
  std::vector<HeaderTensor> tensors;  // in the order of the file
  Metadata metadata;
};

// Throws ValueError, its text starting with `label`, when the JSON is malformed, has fields that
// the format does not know, lacks one that it wants, or says anything twice.
Header parse_header(std::string_view json, const std::string& label);
std::string header_json(const Header& header);

struct FormatDType {
  std::string_view name;
  unsigned bits;
  std::optional<DType> dtype;
};

// Null when the format has no dtype of that name.
const FormatDType* find_format_dtype(std::string_view name);
const FormatDType& format_dtype_of(DType dtype);

// `name` in quotes for a message: control characters escaped, long names cut.
std::string show_name(std::string_view name);

}  // namespace lydia::io
