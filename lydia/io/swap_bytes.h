// Elements of a file into memory, their bytes turned around where the file has the other order.
#pragma once

#include <cstddef>
#include <cstring>

namespace lydia::io {

inline void copy_elements(const std::byte* from, std::byte* to, size_t count, size_t element,
                          bool swap) {
  if (count == 0) return;
  if (!swap || element == 1) {
    std::memcpy(to, from, count * element);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t b = 0; b < element; ++b) to[i * element + b] = from[(i + 1) * element - 1 - b];
  }
}

}  // namespace lydia::io
