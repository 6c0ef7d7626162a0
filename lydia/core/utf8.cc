// The decoder follows table 3-7 of the Unicode standard: the first byte fixes the length and the
// range that the second byte may have, which rules out overlong forms and surrogates.
#include "lydia/core/utf8.h"

#include <cstdint>

namespace lydia {
namespace {

struct Lead {
  int continuation = 0;  // bytes that must follow
  uint8_t low = 0x80, high = 0xBF;
  uint32_t bits = 0;
};

bool read_lead(uint8_t byte, Lead& lead) {
  if (byte >= 0xC2 && byte <= 0xDF) {
    lead = {1, 0x80, 0xBF, byte & 0x1Fu};
  } else if (byte >= 0xE0 && byte <= 0xEF) {
    lead = {2, 0x80, 0xBF, byte & 0x0Fu};
    if (byte == 0xE0) lead.low = 0xA0;
    if (byte == 0xED) lead.high = 0x9F;
  } else if (byte >= 0xF0 && byte <= 0xF4) {
    lead = {3, 0x80, 0xBF, byte & 0x07u};
    if (byte == 0xF0) lead.low = 0x90;
    if (byte == 0xF4) lead.high = 0x8F;
  } else {
    return false;
  }
  return true;
}

}  // namespace

CodePoint decode_code_point(std::string_view text, size_t at) {
  const auto first = static_cast<uint8_t>(text[at]);
  if (first < 0x80) return {first, 1, true};
  Lead lead;
  if (!read_lead(first, lead)) return {kReplacementChar, 1, false};
  uint32_t value = lead.bits;
  for (int i = 1; i <= lead.continuation; ++i) {
    const size_t position = at + static_cast<size_t>(i);
    const auto byte = position < text.size() ? static_cast<uint8_t>(text[position]) : uint8_t{0};
    const uint8_t low = i == 1 ? lead.low : 0x80, high = i == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) return {kReplacementChar, static_cast<size_t>(i), false};
    value = value << 6 | (byte & 0x3Fu);
  }
  return {static_cast<char32_t>(value), static_cast<size_t>(lead.continuation) + 1, true};
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    out.push_back(c.value);
    at += c.length;
  }
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacementChar;
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

bool is_valid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    if (!c.valid) return false;
    at += c.length;
  }
  return true;
}

}  // namespace lydia
