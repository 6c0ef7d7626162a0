// Token ids on disk, mapped into memory: a corpus larger than memory is read as it is touched.
//
//   8 bytes   "LYDIATOK"
//   4 bytes   version: 1
//   4 bytes   bytes of a token: 2 or 4
//   8 bytes   number of tokens
//   the rest  the tokens, unsigned; all numbers little-endian
//
// Also read: 1-d .npy files of uint16 or uint32, and, where a dtype is given, bare tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lydia/core/tensor.h"

namespace lydia::io {

// uint16 or uint32 [count], read-only. Throws IoError, ValueError for a broken file. `bare`: the
// dtype of a file without a header; must not be given for files with one.
Tensor open_tokens(const std::string& path, std::optional<DType> bare = std::nullopt);

// Writes atomically, with 2 bytes a token where all fit.
void write_tokens(const std::string& path, std::span<const uint32_t> tokens);

}  // namespace lydia::io
