// PNG through libpng. Its errors jump (setjmp) over the C++ in between, so the functions that call
// it hold only plain values; what must outlive a jump lies in the caller.
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/image_codec.h"

namespace lydia::io {
namespace {

struct Input {
  const std::byte* at;
  size_t left;
};

struct Failure {
  char text[160] = "";
};

void on_error(png_structp png, png_const_charp message) {
  auto* failure = static_cast<Failure*>(png_get_error_ptr(png));
  std::strncpy(failure->text, message, sizeof(failure->text) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, size_t size) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (size > input->left) png_error(png, "the file is cut off");
  std::memcpy(to, input->at, size);
  input->at += size;
  input->left -= size;
}

void write_bytes(png_structp png, png_bytep from, size_t size) {
  auto* out = static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* bytes = reinterpret_cast<const std::byte*>(from);
  out->insert(out->end(), bytes, bytes + size);
}

void flush_bytes(png_structp) {}

// Reads the header and asks for plain grey or RGB values, with alpha where the file has it.
bool read_header(png_structp png, png_infop info, Pixels& pixels) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_info(png, info);
  png_set_expand(png);  // palettes, few bits, transparent colours
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  pixels.width = png_get_image_width(png, info);
  pixels.height = png_get_image_height(png, info);
  pixels.channels = png_get_channels(png, info);
  pixels.wide = png_get_bit_depth(png, info) == 16;
  return true;
}

bool read_rows(png_structp png, png_infop info, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_read_image(png, rows);
  png_read_end(png, info);
  return true;
}

bool write_rows(png_structp png, png_infop info, const Pixels& pixels, png_bytepp rows) {
  static constexpr int kColours[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                     PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_IHDR(png, info, static_cast<png_uint_32>(pixels.width),
               static_cast<png_uint_32>(pixels.height), pixels.wide ? 16 : 8,
               kColours[pixels.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (std::endian::native == std::endian::little && pixels.wide) png_set_swap(png);
  png_write_image(png, rows);
  png_write_end(png, info);
  return true;
}

std::vector<png_bytep> rows_of(Pixels& pixels) {
  const auto height = static_cast<size_t>(pixels.height);
  std::vector<png_bytep> rows(height);
  for (size_t y = 0; y < height; ++y) {
    rows[y] = reinterpret_cast<png_bytep>(pixels.bytes.data() + y * (pixels.bytes.size() / height));
  }
  return rows;
}

struct Reader {
  Failure failure;
  png_structp png;
  png_infop info = nullptr;
  Reader() : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, on_error, on_warning)) {
    if (png) info = png_create_info_struct(png);
    LYDIA_CHECK(info, OutOfMemoryError, "read_image: no memory for a PNG reader");
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
};

struct Writer {
  Failure failure;
  png_structp png;
  png_infop info = nullptr;
  Writer() : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, on_error, on_warning)) {
    if (png) info = png_create_info_struct(png);
    LYDIA_CHECK(info, OutOfMemoryError, "write_png: no memory for a PNG writer");
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8) == 0;
}

Pixels decode_png(std::span<const std::byte> bytes, const std::string& label, int64_t max_pixels) {
  Reader reader;
  Input input{bytes.data(), bytes.size()};
  png_set_read_fn(reader.png, &input, read_bytes);
  Pixels pixels;
  if (!read_header(reader.png, reader.info, pixels)) broken_image(label, reader.failure.text);
  check_image_size(pixels.width, pixels.height, max_pixels, label);
  pixels.bytes.resize(static_cast<size_t>(pixels.height) *
                      png_get_rowbytes(reader.png, reader.info));
  std::vector<png_bytep> rows = rows_of(pixels);
  if (!read_rows(reader.png, reader.info, rows.data())) broken_image(label, reader.failure.text);
  return pixels;
}

std::vector<std::byte> encode_png(const Pixels& pixels) {
  Writer writer;
  std::vector<std::byte> out;
  Pixels copy = pixels;
  std::vector<png_bytep> rows = rows_of(copy);
  png_set_write_fn(writer.png, &out, write_bytes, flush_bytes);
  LYDIA_CHECK(write_rows(writer.png, writer.info, pixels, rows.data()), ValueError,
              "write_png: ", writer.failure.text);
  return out;
}

}  // namespace lydia::io
