// The decoders behind image.h, one per library.
#pragma once

#include <span>
#include <vector>

#include "lydia/io/image.h"

namespace lydia::io {

// Pixels as the file has them: rows of interleaved channels, uint8 or uint16.
struct Pixels {
  int64_t width = 0, height = 0, channels = 0;
  bool wide = false;             // two bytes a value
  std::vector<std::byte> bytes;  // height * width * channels * (wide ? 2 : 1)
};

bool is_png(std::span<const std::byte> bytes);
bool is_jpeg(std::span<const std::byte> bytes);
// CorruptRecord (named `label`) for broken data and for more than `max_pixels`.
Pixels decode_png(std::span<const std::byte> bytes, const std::string& label, int64_t max_pixels);
Pixels decode_jpeg(std::span<const std::byte> bytes, const std::string& label, int64_t max_pixels);
std::vector<std::byte> encode_png(const Pixels& pixels);

// Throws unless both sizes are positive and their product is at most `max_pixels`.
void check_image_size(int64_t width, int64_t height, int64_t max_pixels, const std::string& label);
[[noreturn]] void broken_image(const std::string& label, const std::string& what);

}  // namespace lydia::io
