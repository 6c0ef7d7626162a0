#include "lydia/report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "lydia/core/utf8.h"

namespace lydia::report {
namespace {

struct Range {
  char32_t first, last;
};

// Sorted. Marks and joiners of the scripts a report is likely to meet (Unicode 15, Mn/Me/Cf).
constexpr Range kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},  {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0900, 0x0902}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},  {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},  {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};

// Sorted. East Asian Wide and Fullwidth blocks, and emoji.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},  {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},  {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool in_ranges(const Range (&ranges)[N], char32_t c) {
  const auto* after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                       [](char32_t v, const Range& r) { return v < r.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

size_t code_point_width(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return 0;
  if (c < 0x300) return 1;
  if (in_ranges(kZeroWidth, c)) return 0;
  return in_ranges(kWide, c) ? 2 : 1;
}

// Bytes of the escape sequence "ESC [ parameters letter" at `at`, or 0 when there is none.
size_t escape_length(std::string_view text, size_t at) {
  if (text.substr(at, 2) != "\x1b[") return 0;
  size_t end = at + 2;
  while (end < text.size() && static_cast<uint8_t>(text[end]) < 0x40) ++end;
  return std::min(end + 1, text.size()) - at;
}

const char* style_code(Style style) {
  switch (style) {
    case Style::Bold: return "1";
    case Style::Dim: return "2";
    case Style::Red: return "31";
    case Style::Green: return "32";
    case Style::Yellow: return "33";
    case Style::Blue: return "34";
    case Style::Magenta: return "35";
    case Style::Cyan: return "36";
    default: return "0";
  }
}

}  // namespace

bool is_terminal(int fd) {
  const char* term = std::getenv("TERM");
  return isatty(fd) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

size_t terminal_columns(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool use_color(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && is_terminal(fd);
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    if (const size_t skip = escape_length(text, at)) {
      at += skip;
      continue;
    }
    const CodePoint c = decode_code_point(text, at);
    width += code_point_width(c.value);
    at += c.length;
  }
  return width;
}

std::string truncate_to_width(std::string_view text, size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  size_t width = 0, at = 0;
  while (at < text.size()) {
    const CodePoint c = decode_code_point(text, at);
    width += code_point_width(c.value);
    if (width > columns - 1) break;
    at += c.length;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string paint(std::string_view text, Style style, bool color) {
  if (!color || style == Style::Plain) return std::string(text);
  return std::string("\x1b[") + style_code(style) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace lydia::report
