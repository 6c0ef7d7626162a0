#include "lydia/report/printable.h"

#include <cstdint>

#include "lydia/core/utf8.h"

namespace lydia::report {
namespace {

void append_hex(std::string& out, uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[value >> shift & 15];
}

bool turns_direction(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char32_t c : decode_utf8(text)) {
    if (c == '\r') {
      out += '\n';
    } else if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0)) {
      out += "\\x";
      append_hex(out, c, 2);
    } else if (turns_direction(c)) {
      out += "\\u";
      append_hex(out, c, 4);
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

}  // namespace lydia::report
