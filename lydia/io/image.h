// JPEG and PNG files to pixels and back.
#pragma once

#include <cstdint>
#include <string>

#include "lydia/core/tensor.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

enum class ImageMode {
  Unchanged,  // the channels of the file: grey 1, grey + alpha 2, RGB 3, RGBA 4
  Grey,
  Rgb
};

struct ImageLimits {
  int64_t max_pixels = 178'956'970;  // against files that unpack to more than memory (PIL's limit)
};

// uint8 [channels, height, width]; uint16 for PNG files of 16 bits with ImageMode::Unchanged. The
// kind is told by the first bytes. Colours turn grey as 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601),
// alpha is dropped by Grey and Rgb; palettes are expanded; CMYK JPEG files are refused.
//
// Throws IoError when the file cannot be read, CorruptRecord when it is broken, too large or no
// image.
Tensor read_image(const std::string& path, ImageMode mode = ImageMode::Unchanged,
                  const ImageLimits& limits = {});
Tensor parse_image(const FileBytes& file, ImageMode mode = ImageMode::Unchanged,
                   const ImageLimits& limits = {});

// Writes a PNG file atomically: uint8 or uint16 [channels, height, width], 1 to 4 channels.
void write_png(const std::string& path, const Tensor& image);

}  // namespace lydia::io
