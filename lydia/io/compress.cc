#include "lydia/io/compress.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "lydia/core/error.h"

namespace lydia::io {
namespace {

constexpr int kRawWindow = -15, kGzipWindow = 15 + 16;
constexpr size_t kMaxStep = size_t{1} << 30;  // zlib counts in unsigned int

// A z_stream whose input and output may be longer than zlib counts.
class Inflater {
 public:
  Inflater(std::span<const std::byte> bytes, int window, const std::string& label)
      : rest_(bytes), label_(label) {
    LYDIA_CHECK(inflateInit2(&stream_, window) == Z_OK, OutOfMemoryError, label,
                ": no memory to unpack");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Fills `out` as far as the data goes: how many bytes. `ended()` says whether the stream is over.
  size_t fill(std::span<std::byte> out) {
    size_t done = 0;
    while (done < out.size() && !ended_) {
      feed();
      const size_t room = std::min(out.size() - done, kMaxStep);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + done);
      stream_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      done += room - stream_.avail_out;
      ended_ = status == Z_STREAM_END;
      const bool stuck = status == Z_BUF_ERROR && stream_.avail_in == 0 && rest_.empty();
      LYDIA_CHECK(!stuck, ValueError, label_, ": compressed data is cut off");
      LYDIA_CHECK(ended_ || status == Z_OK || status == Z_BUF_ERROR, ValueError, label_,
                  ": damaged compressed data: ", stream_.msg ? stream_.msg : "zlib refuses it");
    }
    return done;
  }
  // Finds out whether a stream that has given all its bytes also ends here.
  void finish() {
    std::byte extra{};
    LYDIA_CHECK(fill({&extra, 1}) == 0, ValueError, label_,
                ": unpacks to more bytes than it was said to");
  }
  bool ended() const { return ended_; }
  // Bytes of the input after the end of the stream.
  size_t left() const { return rest_.size() + stream_.avail_in; }
  void restart() {
    inflateReset(&stream_);
    ended_ = false;
  }

 private:
  void feed() {
    if (stream_.avail_in > 0 || rest_.empty()) return;
    const size_t step = std::min(rest_.size(), kMaxStep);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
    stream_.avail_in = static_cast<uInt>(step);
    rest_ = rest_.subspan(step);
  }

  z_stream stream_{};
  std::span<const std::byte> rest_;
  const std::string& label_;
  bool ended_ = false;
};

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& label,
                              size_t max_bytes) {
  Inflater inflater(bytes, kGzipWindow, label);
  std::vector<std::byte> out(std::min<size_t>(max_bytes, bytes.size() * 4 + 4096));
  size_t size = 0;
  while (true) {
    size += inflater.fill(std::span(out).subspan(size));
    if (inflater.ended() && inflater.left() == 0) break;
    if (inflater.ended()) {
      inflater.restart();
      continue;
    }
    LYDIA_CHECK(size < max_bytes, ValueError, label, ": unpacks to more than ", max_bytes,
                " bytes");
    // One byte more than the limit, so that data of exactly the limit can end.
    out.resize(std::min(std::max<size_t>(out.size() * 2, 4096), max_bytes + 1));
  }
  LYDIA_CHECK(size <= max_bytes, ValueError, label, ": unpacks to more than ", max_bytes, " bytes");
  out.resize(size);
  return out;
}

void inflate_raw(std::span<const std::byte> bytes, std::span<std::byte> out,
                 const std::string& label) {
  Inflater inflater(bytes, kRawWindow, label);
  const size_t done = inflater.fill(out);
  LYDIA_CHECK(done == out.size(), ValueError, label, ": expected ", out.size(),
              " bytes unpacked, got ", done);
  if (!inflater.ended()) inflater.finish();
}

std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes) {
  LYDIA_CHECK(bytes.size() <= std::numeric_limits<uLong>::max() / 2, ValueError,
              "deflate: too many bytes");
  z_stream stream{};
  LYDIA_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK,
              OutOfMemoryError, "deflate: no memory");
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()));
  size_t from = 0, to = 0;
  int status = Z_OK;
  while (status == Z_OK || status == Z_BUF_ERROR) {
    const size_t step = std::min(bytes.size() - from, kMaxStep);
    const size_t room = std::min(out.size() - to, kMaxStep);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + from));
    stream.avail_in = static_cast<uInt>(step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + to);
    stream.avail_out = static_cast<uInt>(room);
    status = deflate(&stream, from + step == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    from += step - stream.avail_in;
    to += room - stream.avail_out;
  }
  deflateEnd(&stream);
  LYDIA_CHECK(status == Z_STREAM_END, Error, "deflate: zlib refuses the data");
  out.resize(to);
  return out;
}

uint32_t crc32(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace lydia::io
