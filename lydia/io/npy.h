// NumPy's files: .npy (one array) and .npz (a zip of named arrays). Format: numpy.lib.format and
// PKWARE's APPNOTE for zip.
//
//   6 bytes   "\x93NUMPY"
//   2 bytes   version: 1.0, 2.0 or 3.0
//   2 or 4    length of the header (4 from version 2.0 on), little-endian
//   header    a Python dict literal: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
//   the rest  the elements, in C or Fortran order
//
// Files are untrusted: nothing is ever run (arrays of Python objects are refused), sizes are held
// against the file before memory is asked for, and checksums are checked.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lydia/core/tensor.h"
#include "lydia/io/file_bytes.h"
#include "lydia/io/safetensors_tensors.h"

namespace lydia::io {

// Either byte order and either element order are read; the tensor has C order, except that
// LoadMode::Map gives a read-only window on the file itself, in the file's order, where its byte
// order and alignment are this machine's. Throws IoError, ValueError for a broken file and
// NotImplementedError for dtypes that lydia has not (complex, text, records, objects).
Tensor load_npy(const std::string& path, LoadMode mode = LoadMode::Copy);
Tensor parse_npy(std::span<const std::byte> bytes, const std::string& label);

// Writes atomically, in C order. TypeError for bfloat16, which NumPy has not.
void save_npy(const std::string& path, const Tensor& tensor);

// The arrays in the order of the archive, their names without ".npy". Other files in the archive
// are a ValueError.
NamedTensors load_npz(const std::string& path);
NamedTensors parse_npz(std::span<const std::byte> bytes, const std::string& label);
void save_npz(const std::string& path, const NamedTensors& tensors, bool compressed = false);

}  // namespace lydia::io
