// JPEG through libjpeg-turbo. Its errors jump (setjmp) over the C++ in between, so the functions
// that call it hold only plain values.
// jpeglib.h needs what cstdio declares.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/image_codec.h"

namespace lydia::io {
namespace {

// More scans than any camera writes make decoding slow on purpose.
constexpr int kMaxScans = 500;

struct Errors {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

void on_error(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  errors->base.format_message(info, errors->text);
  std::longjmp(errors->jump, 1);
}

// Warnings tell of damage that libjpeg patches over with made-up pixels: an error for us, except
// for stray bytes between segments, which cost no pixel.
void on_message(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code != JWRN_EXTRANEOUS_DATA) on_error(info);
}

struct Decoder {
  jpeg_decompress_struct info{};
  Errors errors{};
  jpeg_progress_mgr progress{};
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

void on_progress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  auto* errors = reinterpret_cast<Errors*>(info->err);
  std::strncpy(errors->text, "too many scans", sizeof(errors->text));
  std::longjmp(errors->jump, 1);
}

bool read_header(Decoder& decoder, const unsigned char* data, unsigned long size) {
  if (setjmp(decoder.errors.jump)) return false;
  jpeg_create_decompress(&decoder.info);
  decoder.info.progress = &decoder.progress;
  jpeg_mem_src(&decoder.info, data, size);
  jpeg_read_header(&decoder.info, TRUE);
  return true;
}

bool start(Decoder& decoder) {
  if (setjmp(decoder.errors.jump)) return false;
  jpeg_start_decompress(&decoder.info);
  return true;
}

bool read_rows(Decoder& decoder, unsigned char* to, size_t row_bytes) {
  if (setjmp(decoder.errors.jump)) return false;
  while (decoder.info.output_scanline < decoder.info.output_height) {
    unsigned char* row = to + decoder.info.output_scanline * row_bytes;
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  jpeg_finish_decompress(&decoder.info);
  return true;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && std::memcmp(bytes.data(), "\xFF\xD8\xFF", 3) == 0;
}

Pixels decode_jpeg(std::span<const std::byte> bytes, const std::string& label, int64_t max_pixels) {
  Decoder decoder;
  decoder.info.err = jpeg_std_error(&decoder.errors.base);
  decoder.errors.base.error_exit = on_error;
  decoder.errors.base.emit_message = on_message;
  decoder.progress.progress_monitor = on_progress;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (!read_header(decoder, data, bytes.size())) broken_image(label, decoder.errors.text);
  check_image_size(decoder.info.image_width, decoder.info.image_height, max_pixels, label);
  const int components = decoder.info.num_components;
  if (components != 1 && components != 3) {
    broken_image(label, "expected a grey or RGB JPEG file, got " + std::to_string(components) +
                            " components");
  }
  decoder.info.out_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  if (!start(decoder)) broken_image(label, decoder.errors.text);
  Pixels pixels{decoder.info.output_width, decoder.info.output_height, components, false, {}};
  const auto row = static_cast<size_t>(pixels.width * pixels.channels);
  pixels.bytes.resize(row * static_cast<size_t>(pixels.height));
  if (!read_rows(decoder, reinterpret_cast<unsigned char*>(pixels.bytes.data()), row)) {
    broken_image(label, decoder.errors.text);
  }
  return pixels;
}

}  // namespace lydia::io
