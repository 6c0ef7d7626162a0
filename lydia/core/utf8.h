// UTF-8 to code points and back. Ill-formed bytes never throw: each ill-formed sequence becomes one
// U+FFFD, as the Unicode standard advises (section 3.9, "maximal subparts").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lydia {

inline constexpr char32_t kReplacementChar = 0xFFFD;

struct CodePoint {
  char32_t value = 0;
  size_t length = 0;  // bytes taken from the text, at least 1
  bool valid = false;
};

// The code point that starts at `text[at]`; `at` must be below text.size().
CodePoint decode_code_point(std::string_view text, size_t at);

std::u32string decode_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t code_point);
std::string encode_utf8(std::u32string_view text);
bool is_valid_utf8(std::string_view text);

}  // namespace lydia
