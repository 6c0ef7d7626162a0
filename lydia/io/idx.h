// IDX files, the format of MNIST and its relatives, plain or gzip (yann.lecun.com/exdb/mnist, "The
// IDX file format"):
//
//   2 bytes   zero
//   1 byte    element type: 08 uint8, 09 int8, 0B int16, 0C int32, 0D float32, 0E float64
//   1 byte    number of dimensions
//   4 bytes   each size, big-endian
//   the rest  the elements, row-major, big-endian, to the end of the file
#pragma once

#include <string>

#include "lydia/core/tensor.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

// Throws IoError when the file cannot be read, ValueError when it breaks the format.
Tensor read_idx(const std::string& path);
Tensor parse_idx(const FileBytes& file);

}  // namespace lydia::io
