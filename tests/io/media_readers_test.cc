// WAV, PNG and JPEG: what is read, what is written, what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "lydia/io/atomic_file.h"
#include "lydia/io/corrupt.h"
#include "lydia/io/image.h"
#include "lydia/io/wav.h"
#include "tests/io/mutate.h"
#include "tests/io/temp_folder.h"

namespace lydia::io {
namespace {

using std::string_literals::operator""s;

template <class T>
std::vector<T> values(const Tensor& tensor) {
  return std::vector<T>(tensor.data<T>(), tensor.data<T>() + tensor.numel());
}

template <class T>
std::string raw(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(T));
}

std::string chunk(const std::string& tag, const std::string& content) {
  return tag + raw(static_cast<uint32_t>(content.size())) + content +
         (content.size() % 2 ? "\0"s : "");
}

std::string format(uint16_t encoding, uint16_t channels, uint16_t bits,
                   const std::string& more = "") {
  const auto frame = static_cast<uint16_t>(channels * bits / 8);
  return chunk("fmt ", raw(encoding) + raw(channels) + raw(uint32_t{8000}) +
                           raw(uint32_t{8000} * frame) + raw(frame) + raw(bits) + more);
}

std::string wav(const std::string& chunks) {
  return "RIFF" + raw(static_cast<uint32_t>(chunks.size() + 4)) + "WAVE" + chunks;
}

Audio parsed(const std::string& bytes) { return parse_wav(FileBytes::of(bytes, "f")); }

TEST_CASE("WAV: every encoding comes out in [-1, 1)") {
  const auto one = [](uint16_t encoding, uint16_t bits, const std::string& data) {
    return values<float>(parsed(wav(format(encoding, 1, bits) + chunk("data", data))).samples);
  };
  CHECK(one(1, 8, "\x80\xff\x00"s) == std::vector<float>{0, 127 / 128.f, -1});
  CHECK(one(1, 16, "\x00\x40\x00\x80"s) == std::vector<float>{0.5, -1});
  CHECK(one(1, 24, "\x00\x00\x40\xff\xff\xff"s) == std::vector<float>{0.5, -1 / 8388608.f});
  CHECK(one(1, 32, "\x00\x00\x00\x40\x00\x00\x00\x80"s) == std::vector<float>{0.5, -1});
  CHECK(one(3, 32, raw(-1.25f)) == std::vector<float>{-1.25});
  CHECK(one(3, 64, raw(2.5)) == std::vector<float>{2.5});
}

TEST_CASE("WAV: channels, extensible headers, other chunks and streamed sizes") {
  const std::string data = "\x01\x00\x02\x00\x03\x00\x04\x00"s;
  const std::string more = raw(uint16_t{22}) + raw(uint16_t{16}) + raw(uint32_t{3}) +
                           raw(uint16_t{1}) + std::string(14, 'x');
  const Audio audio = parsed(wav(chunk("LIST", "odd") + format(0xFFFE, 2, 16, more) +
                                 chunk("fact", "abcd") + chunk("data", data) + "trailing"));
  CHECK(audio.sample_rate == 8000);
  CHECK(audio.samples.sizes() == Dims{2, 2});
  CHECK(audio.samples.data<float>()[1] == 3 / 32768.f);
  const std::string streamed = wav(format(1, 1, 16) + "data\xff\xff\xff\xff" + data);
  CHECK(parsed(streamed).samples.sizes() == Dims{1, 4});
}

TEST_CASE("WAV: broken files are refused, with the place") {
  const std::string good = wav(format(1, 1, 16) + chunk("data", "abcd"));
  for (size_t cut = 0; cut < good.size(); ++cut) {
    CAPTURE(cut);
    CHECK_THROWS_AS(parsed(good.substr(0, cut)), CorruptRecord);
  }
  CHECK_THROWS_WITH_AS(parsed(wav(chunk("data", "abcd"))),
                       "f:byte 12: broken WAV file: the data comes before the format",
                       CorruptRecord);
  CHECK_THROWS_AS(parsed(wav(format(1, 0, 16) + chunk("data", ""))), CorruptRecord);
  CHECK_THROWS_AS(parsed(wav(format(1, 1, 16) + chunk("data", "abc"))), CorruptRecord);
  CHECK_THROWS_AS(parsed(wav(format(6, 1, 8) + chunk("data", "abc"))), NotImplementedError);
}

TEST_CASE("WAV: what is written is read") {
  TempFolder folder;
  const Tensor samples = empty({2, 3}, DType::F64);
  const double content[] = {0.5, -0.25, 1.5, -2, 0, 0.1};
  std::copy_n(content, 6, samples.data<double>());
  write_wav(folder.file("a.wav"), {samples, 16000});
  const Audio back = read_wav(folder.file("a.wav"));
  CHECK(back.sample_rate == 16000);
  CHECK(values<float>(back.samples) ==
        std::vector<float>{0.5, -0.25, 32767 / 32768.f, -1, 0, 3277 / 32768.f});
  write_wav(folder.file("b.wav"), {samples, 16000}, true);
  CHECK(values<float>(read_wav(folder.file("b.wav")).samples)[5] == 0.1f);
  CHECK_THROWS_AS(write_wav(folder.file("c.wav"), {empty({2}, DType::I16), 8000}), ValueError);
  CHECK_THROWS_AS(write_wav(folder.file("c.wav"), {samples, 0}), ValueError);
}

// Pixel (c, y, x) holds 31c + 7y + x, times 257 where it is wide.
Tensor picture(int64_t channels, DType dtype) {
  const Tensor image = empty({channels, 5, 4}, dtype);
  for (int64_t i = 0; i < image.numel(); ++i) {
    const auto v = static_cast<uint16_t>(i / 20 * 31 + i % 20 / 4 * 7 + i % 4);
    if (dtype == DType::U8) image.data<uint8_t>()[i] = static_cast<uint8_t>(v);
    if (dtype == DType::U16) image.data<uint16_t>()[i] = static_cast<uint16_t>(v * 257 + 1);
  }
  return image;
}

TEST_CASE("PNG: every kind comes back as it was written") {
  TempFolder folder;
  const std::string path = folder.file("a.png");
  for (int64_t channels = 1; channels <= 4; ++channels) {
    const Tensor image = picture(channels, DType::U8), wide = picture(channels, DType::U16);
    write_png(path, image);
    CHECK(values<uint8_t>(read_image(path)) == values<uint8_t>(image));
    const Tensor grey = read_image(path, ImageMode::Grey), rgb = read_image(path, ImageMode::Rgb);
    CHECK(grey.sizes() == Dims{1, 5, 4});
    CHECK(rgb.sizes() == Dims{3, 5, 4});
    const auto first = values<uint8_t>(image);
    if (channels < 3) {
      CHECK(rgb.data<uint8_t>()[45] == first[5]);
    } else {
      CHECK(rgb.data<uint8_t>()[45] == first[45]);
      const double luma = 0.299 * first[5] + 0.587 * first[25] + 0.114 * first[45];
      CHECK(std::abs(grey.data<uint8_t>()[5] - luma) <= 0.5001);
    }
    write_png(path, wide);
    CHECK(values<uint16_t>(read_image(path)) == values<uint16_t>(wide));
    CHECK(read_image(path, ImageMode::Grey).dtype() == DType::U8);
  }
  CHECK_THROWS_AS(write_png(path, empty({5, 2, 2}, DType::U8)), ValueError);
  CHECK_THROWS_AS(write_png(path, empty({1, 2, 2}, DType::F32)), ValueError);
}

TEST_CASE("images that are too large, cut off or something else are refused") {
  TempFolder folder;
  write_png(folder.file("a.png"), picture(3, DType::U8));
  CHECK_NOTHROW(read_image(folder.file("a.png"), ImageMode::Rgb, {.max_pixels = 20}));
  CHECK_THROWS_AS(read_image(folder.file("a.png"), ImageMode::Rgb, {.max_pixels = 19}),
                  CorruptRecord);
  const std::string png(FileBytes::open(folder.file("a.png")).text());
  for (const std::string& bad :
       {png.substr(0, png.size() / 2), png.substr(0, 20), "GIF89a"s, ""s}) {
    CHECK_THROWS_AS(parse_image(FileBytes::of(bad, "f")), CorruptRecord);
  }
  // A header that boasts of 2^31 - 1 pixels squared, with its checksum left wrong.
  std::string boast = png;
  std::memcpy(boast.data() + 16, "\x7f\xff\xff\xff\x7f\xff\xff\xff", 8);
  CHECK_THROWS_AS(parse_image(FileBytes::of(boast, "f")), CorruptRecord);
}

// A JPEG file of 8 x 8 grey pixels of value 128: no coefficient but zeros.
std::string small_jpeg() {
  const std::string huffman = "\0"s + std::string("\x01", 1) + std::string(15, '\0') + "\0"s;
  return "\xff\xd8\xff\xdb\0\x43\0"s + std::string(64, '\x01') +
         "\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0"s + "\xff\xc4\0\x14"s + huffman +
         "\xff\xc4\0\x14\x10"s + huffman.substr(1) +
         "\xff\xda\0\x08\x01\x01\0\0\x3f\0\x3f\xff\xd9"s;
}

TEST_CASE("JPEG: a file made by hand, whole and cut off") {
  const Tensor image = parse_image(FileBytes::of(small_jpeg(), "f"));
  CHECK(image.sizes() == Dims{1, 8, 8});
  CHECK(values<uint8_t>(image) == std::vector<uint8_t>(64, 128));
  CHECK(parse_image(FileBytes::of(small_jpeg(), "f"), ImageMode::Rgb).sizes() == Dims{3, 8, 8});
  CHECK_THROWS_AS(parse_image(FileBytes::of(small_jpeg().substr(0, 120), "f")), CorruptRecord);
  CHECK_THROWS_AS(
      parse_image(FileBytes::of(small_jpeg(), "f"), ImageMode::Grey, {.max_pixels = 63}),
      CorruptRecord);
}

template <class Read>
void fuzz(const std::vector<std::string>& seeds, size_t rounds, const Read& read) {
  size_t refused = 0;
  for (size_t round = 0; round < fuzz_rounds(rounds); ++round) {
    CAPTURE(round);
    static const std::vector<std::string> kPieces;
    Mutator mutator(static_cast<uint32_t>(round), kPieces);
    try {
      read(FileBytes::of(mutator.damaged(seeds[round % seeds.size()]), "f"));
    } catch (const ValueError&) {
      ++refused;
    } catch (const NotImplementedError&) {
      ++refused;
    }
  }
  CHECK(refused > fuzz_rounds(rounds) / 4);
}

TEST_CASE("damaged media files are refused or read within bounds") {
  TempFolder folder;
  std::vector<std::string> images = {small_jpeg()};
  for (const DType dtype : {DType::U8, DType::U16}) {
    write_png(folder.file("a.png"), picture(3, dtype));
    images.emplace_back(FileBytes::open(folder.file("a.png")).text());
  }
  fuzz(images, 5'000, [](const FileBytes& file) {
    parse_image(file, ImageMode::Unchanged, {.max_pixels = 1 << 20});
  });
  fuzz({wav(format(1, 2, 24) + chunk("LIST", "abc") + chunk("data", std::string(12, 'x')))}, 10'000,
       [](const FileBytes& file) { parse_wav(file); });
}

}  // namespace
}  // namespace lydia::io
