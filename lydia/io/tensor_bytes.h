// The bytes of a tensor in row-major order, for writers of files.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::io {

// A tensor's own bytes where they are contiguous, a copy otherwise.
class PackedTensor {
 public:
  explicit PackedTensor(const Tensor& tensor);
  std::span<const std::byte> bytes() const {
    return copy_.empty()
               ? std::span(static_cast<const std::byte*>(tensor_.data_ptr()), tensor_.nbytes())
               : std::span<const std::byte>(copy_);
  }

 private:
  Tensor tensor_;
  std::vector<std::byte> copy_;
};

// ValueError, beginning with `where`, unless every byte is 0 or 1: others are no bools in C++.
void check_bool_bytes(std::span<const std::byte> bytes, const std::string& where);

}  // namespace lydia::io
