#include "lydia/report/printable.h"

#include <cstdint>

#include "lydia/core/control_chars.h"
#include "lydia/core/utf8.h"

namespace lydia::report {
namespace {

void append_hex(std::string& out, uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[value >> shift & 15];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char32_t c : decode_utf8(text)) {
    if (c == '\r') {
      out += '\n';
    } else if (is_control_char(c)) {
      out += c < 0x100 ? "\\x" : "\\u";
      append_hex(out, c, c < 0x100 ? 2 : 4);
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

}  // namespace lydia::report
