// zlib behind four functions: gzip streams (RFC 1952), raw deflate (RFC 1951) and its CRC-32.
//
// Compressed input is untrusted: what it unpacks to is limited, and every end is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lydia::io {

inline constexpr size_t kMaxUnpacked = size_t{4} << 30;

bool is_gzip(std::span<const std::byte> bytes);
// All members of a gzip stream. ValueError, beginning with `label`, for damaged data and for more
// than `max_bytes` of it.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& label,
                              size_t max_bytes = kMaxUnpacked);

// Unpacks into `out`, which the data must fill exactly; ValueError otherwise.
void inflate_raw(std::span<const std::byte> bytes, std::span<std::byte> out,
                 const std::string& label);
std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes);
uint32_t crc32(std::span<const std::byte> bytes);

// Deflate never unpacks to more than this many times its size.
inline constexpr uint64_t kMaxDeflateRatio = 1032;

}  // namespace lydia::io
