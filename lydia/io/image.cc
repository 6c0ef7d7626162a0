#include "lydia/io/image.h"

#include <cstring>

#include "lydia/io/atomic_file.h"
#include "lydia/io/corrupt.h"
#include "lydia/io/image_codec.h"
#include "lydia/io/tensor_bytes.h"

namespace lydia::io {
namespace {

// One value of row-interleaved pixels, as an integer.
template <class T>
uint32_t at(const Pixels& pixels, int64_t pixel, int64_t channel) {
  T value;
  std::memcpy(
      &value,
      pixels.bytes.data() + static_cast<size_t>(pixel * pixels.channels + channel) * sizeof(T),
      sizeof(T));
  return value;
}

// ITU-R BT.601 in whole numbers, rounded; the weights sum to 65536.
uint32_t grey_of(uint32_t red, uint32_t green, uint32_t blue) {
  return (uint32_t{19595} * red + uint32_t{38470} * green + uint32_t{7471} * blue + 32768) >> 16;
}

// Channel `c` of what `mode` makes of a pixel, 8 bits where the mode is not Unchanged.
template <class T>
uint32_t value(const Pixels& pixels, int64_t pixel, int64_t c, ImageMode mode) {
  if (mode == ImageMode::Unchanged) return at<T>(pixels, pixel, c);
  const auto narrow = [&](int64_t channel) {
    const uint32_t v = at<T>(pixels, pixel, channel);
    return sizeof(T) == 2 ? (v * 255 + 32767) / 65535 : v;
  };
  const bool colour = pixels.channels >= 3;
  if (mode == ImageMode::Rgb) return narrow(colour ? c : 0);
  return colour ? grey_of(narrow(0), narrow(1), narrow(2)) : narrow(0);
}

template <class T, class Out>
Tensor arranged(const Pixels& pixels, ImageMode mode) {
  const int64_t channels = mode == ImageMode::Unchanged ? pixels.channels
                           : mode == ImageMode::Rgb     ? 3
                                                        : 1;
  const Tensor out = empty({channels, pixels.height, pixels.width}, dtype_of<Out>());
  Out* to = out.data<Out>();
  const int64_t count = pixels.height * pixels.width;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t i = 0; i < count; ++i) *to++ = static_cast<Out>(value<T>(pixels, i, c, mode));
  }
  return out;
}

}  // namespace

void broken_image(const std::string& label, const std::string& what) {
  throw CorruptRecord(label, "image", what);
}

void check_image_size(int64_t width, int64_t height, int64_t max_pixels, const std::string& label) {
  if (width <= 0 || height <= 0 || width > max_pixels / height) {
    broken_image(label, "expected at most " + std::to_string(max_pixels) + " pixels, got " +
                            std::to_string(width) + " x " + std::to_string(height));
  }
}

Tensor parse_image(const FileBytes& file, ImageMode mode, const ImageLimits& limits) {
  const auto bytes = file.bytes();
  if (!is_png(bytes) && !is_jpeg(bytes)) broken_image(file.label(), "expected a PNG or JPEG file");
  const Pixels pixels = is_png(bytes) ? decode_png(bytes, file.label(), limits.max_pixels)
                                      : decode_jpeg(bytes, file.label(), limits.max_pixels);
  if (!pixels.wide) return arranged<uint8_t, uint8_t>(pixels, mode);
  return mode == ImageMode::Unchanged ? arranged<uint16_t, uint16_t>(pixels, mode)
                                      : arranged<uint16_t, uint8_t>(pixels, mode);
}

Tensor read_image(const std::string& path, ImageMode mode, const ImageLimits& limits) {
  return parse_image(FileBytes::open(path), mode, limits);
}

void write_png(const std::string& path, const Tensor& image) {
  LYDIA_CHECK(image.defined() && image.ndim() == 3 && image.size(0) >= 1 && image.size(0) <= 4 &&
                  image.numel() > 0 && (image.dtype() == DType::U8 || image.dtype() == DType::U16),
              ValueError,
              "write_png: expected uint8 or uint16 [channels, height, width] of 1 to 4 channels");
  Pixels pixels{image.size(2), image.size(1), image.size(0), image.dtype() == DType::U16, {}};
  const PackedTensor packed(image);
  const size_t width = image.element_size();
  const auto count = static_cast<size_t>(pixels.width * pixels.height);
  const auto channels = static_cast<size_t>(pixels.channels);
  pixels.bytes.resize(image.nbytes());
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < count; ++i) {
      std::memcpy(pixels.bytes.data() + (i * channels + c) * width,
                  packed.bytes().data() + (c * count + i) * width, width);
    }
  }
  const std::vector<std::byte> file = encode_png(pixels);
  write_file_atomic(path, {reinterpret_cast<const char*>(file.data()), file.size()});
}

}  // namespace lydia::io
