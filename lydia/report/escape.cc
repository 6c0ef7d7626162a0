#include "lydia/report/escape.h"

#include "lydia/core/utf8.h"

namespace lydia::report {

std::string escape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = decode_code_point(text, at);
    at += c.length;
    const bool control = c.value < 0x20 && c.value != '\t' && c.value != '\n' && c.value != '\r';
    switch (c.value) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        append_utf8(out, control || (c.value & 0xFFFE) == 0xFFFE ? kReplacementChar : c.value);
    }
  }
  return out;
}

}  // namespace lydia::report
