// The header of a .npy file as plain data.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lydia/core/dtype.h"

namespace lydia::io {

struct NpyHeader {
  DType dtype = DType::F32;
  bool swap = false;  // the elements have the other byte order
  bool fortran = false;
  std::vector<int64_t> shape;
  size_t data_start = 0;  // in the file
};

// Throws ValueError, beginning with `label`, for a broken header, NotImplementedError for a dtype
// that lydia has not.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& label);
// Magic, version, length and dict, padded so that the data starts at a multiple of 64 bytes.
std::string npy_header_bytes(const NpyHeader& header);

}  // namespace lydia::io
