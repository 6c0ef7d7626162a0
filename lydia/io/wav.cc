#include "lydia/io/wav.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "lydia/io/atomic_file.h"
#include "lydia/io/corrupt.h"
#include "lydia/io/tensor_bytes.h"

namespace lydia::io {
namespace {

constexpr uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xFFFE;
constexpr uint32_t kUnknownSize = 0xFFFFFFFF;  // written by programs that stream
constexpr int64_t kMaxChannels = 1024;

struct Format {
  uint16_t encoding = 0, channels = 0, frame_bytes = 0, bits = 0;
  uint32_t rate = 0;
};

class WavReader {
 public:
  explicit WavReader(const FileBytes& file) : bytes_(file.bytes()), label_(file.label()) {}

  Audio run() {
    expect_tag(0, "RIFF");
    expect_tag(8, "WAVE");
    std::optional<Format> format;
    for (size_t at = 12;;) {
      if (bytes_.size() - at < 8) broken(at, format ? "no data chunk" : "no format chunk");
      const std::string_view tag = text(at, 4);
      const auto declared = get<uint32_t>(at + 4);
      const size_t start = at + 8, rest = bytes_.size() - start;
      if (tag == "data") {
        if (!format) broken(at, "the data comes before the format");
        const bool streamed = declared == kUnknownSize || declared == 0;
        if (!streamed && declared > rest) broken(at, "the data is cut off");
        return decode(*format, bytes_.subspan(start, streamed ? rest : declared));
      }
      if (declared > rest) broken(at, "a chunk reaches past the end of the file");
      if (tag == "fmt ") format = read_format(start, declared);
      at = start + std::min<size_t>(declared + (declared & 1), rest);
    }
  }

 private:
  [[noreturn]] void broken(size_t at, const std::string& what) const {
    throw CorruptRecord(label_, "byte " + std::to_string(at), "broken WAV file: " + what);
  }
  std::string_view text(size_t at, size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) broken(bytes_.size(), "cut off");
    return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
  }
  template <class T>
  T get(size_t at) const {
    T value{};
    std::memcpy(&value, text(at, sizeof(T)).data(), sizeof(T));
    return value;
  }
  void expect_tag(size_t at, std::string_view tag) const {
    if (text(at, 4) != tag) broken(at, "expected \"" + std::string(tag) + "\"");
  }

  Format read_format(size_t at, size_t size) const {
    if (size < 16) broken(at, "a format chunk of " + std::to_string(size) + " bytes");
    Format format{get<uint16_t>(at), get<uint16_t>(at + 2), get<uint16_t>(at + 12),
                  get<uint16_t>(at + 14), get<uint32_t>(at + 4)};
    if (format.encoding == kExtensible) {
      if (size < 40) broken(at, "an extensible format chunk of " + std::to_string(size) + " bytes");
      format.encoding = get<uint16_t>(at + 24);  // the first bytes of the sub-format's GUID
    }
    const bool known =
        format.encoding == kPcm
            ? format.bits == 8 || format.bits == 16 || format.bits == 24 || format.bits == 32
            : format.encoding == kFloat && (format.bits == 32 || format.bits == 64);
    LYDIA_CHECK(known, NotImplementedError, label_, ": WAV encoding ", format.encoding, " of ",
                format.bits, " bits; PCM of 8, 16, 24, 32 and floats of 32, 64 bits are read");
    if (format.channels == 0 || format.channels > kMaxChannels || format.rate == 0) {
      broken(at, std::to_string(format.channels) + " channels at " + std::to_string(format.rate) +
                     " Hz");
    }
    if (format.frame_bytes != format.channels * (format.bits / 8)) {
      broken(at, "the size of a frame does not fit its channels");
    }
    return format;
  }

  Audio decode(const Format& format, std::span<const std::byte> data) const {
    const size_t frames = data.size() / format.frame_bytes, width = format.bits / 8u;
    if (data.size() % format.frame_bytes != 0) broken(bytes_.size(), "the last frame is cut off");
    const auto channels = int64_t{format.channels};
    const Tensor samples = empty({channels, static_cast<int64_t>(frames)}, DType::F32);
    float* to = samples.data<float>();
    for (size_t c = 0; c < format.channels; ++c) {
      const std::byte* from = data.data() + c * width;
      for (size_t i = 0; i < frames; ++i, from += format.frame_bytes) {
        *to++ = sample(from, format);
      }
    }
    return {samples, format.rate};
  }

  static float sample(const std::byte* from, const Format& format) {
    if (format.encoding == kFloat && format.bits == 32) {
      float value;
      std::memcpy(&value, from, 4);
      return value;
    }
    if (format.encoding == kFloat) {
      double value;
      std::memcpy(&value, from, 8);
      return static_cast<float>(value);
    }
    if (format.bits == 8) return static_cast<float>(std::to_integer<int>(*from) - 128) / 128;
    // The sample in the upper bytes of 32 bits, so that its sign is theirs.
    uint32_t bits = 0;
    const unsigned width = format.bits / 8u;
    for (unsigned b = 0; b < width; ++b) {
      bits |= std::to_integer<uint32_t>(from[b]) << (8 * (4 - width + b));
    }
    return static_cast<float>(static_cast<int32_t>(bits)) * 0x1p-31f;
  }

  std::span<const std::byte> bytes_;
  const std::string& label_;
};

template <class T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

int16_t to_int16(double value) {
  if (std::isnan(value)) return 0;
  return static_cast<int16_t>(std::clamp(std::nearbyint(value * 32768), -32768.0, 32767.0));
}

// The samples as doubles, channel after channel.
std::vector<double> to_doubles(const Tensor& samples) {
  const PackedTensor packed(samples);
  std::vector<double> out;
  visit_dtype(samples.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const auto* data = reinterpret_cast<const T*>(packed.bytes().data());
    for (int64_t i = 0; i < samples.numel(); ++i) out.push_back(static_cast<double>(data[i]));
  });
  return out;
}

}  // namespace

Audio parse_wav(const FileBytes& file) { return WavReader(file).run(); }

Audio read_wav(const std::string& path) { return parse_wav(FileBytes::open(path)); }

void write_wav(const std::string& path, const Audio& audio, bool as_float) {
  const Tensor& samples = audio.samples;
  LYDIA_CHECK(samples.defined() && samples.is_floating_point() &&
                  (samples.ndim() == 1 || samples.ndim() == 2),
              ValueError, "write_wav: expected floating samples [channels, frames] or [frames]");
  const int64_t channels = samples.ndim() == 2 ? samples.size(0) : 1;
  const int64_t frames = samples.size(-1), width = as_float ? 4 : 2;
  LYDIA_CHECK(channels > 0 && channels <= kMaxChannels, ValueError, "write_wav: expected 1 to ",
              kMaxChannels, " channels, got ", channels);
  LYDIA_CHECK(audio.sample_rate > 0 && audio.sample_rate * channels * width <= UINT32_MAX,
              ValueError, "write_wav: bad sample rate ", audio.sample_rate);
  LYDIA_CHECK(frames <= (int64_t{UINT32_MAX} - 64) / (channels * width), ValueError,
              "write_wav: more samples than a WAV file holds");
  const auto data_bytes = static_cast<uint32_t>(frames * channels * width);
  std::string out = "RIFF";
  append(out, data_bytes + 36);
  out += "WAVEfmt ";
  append(out, uint32_t{16});
  append(out, as_float ? kFloat : kPcm);
  append(out, static_cast<uint16_t>(channels));
  append(out, static_cast<uint32_t>(audio.sample_rate));
  append(out, static_cast<uint32_t>(audio.sample_rate * channels * width));
  append(out, static_cast<uint16_t>(channels * width));
  append(out, static_cast<uint16_t>(8 * width));
  out += "data";
  append(out, data_bytes);
  const std::vector<double> values = to_doubles(samples);
  for (int64_t i = 0; i < frames; ++i) {
    for (int64_t c = 0; c < channels; ++c) {
      const double value = values[static_cast<size_t>(c * frames + i)];
      as_float ? append(out, static_cast<float>(value)) : append(out, to_int16(value));
    }
  }
  write_file_atomic(path, out);
}

}  // namespace lydia::io
