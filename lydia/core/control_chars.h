// Characters that make a terminal or an editor show something else than the text says.
#pragma once

namespace lydia {

// Control characters but tab and line feed, and those that turn the writing direction.
inline constexpr bool is_control_char(char32_t c) {
  if (c == '\t' || c == '\n') return false;
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace lydia
