// What a terminal needs: is it one, how wide is it, may it show colour, how many columns does a
// piece of UTF-8 text take.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lydia::report {

// True when file descriptor `fd` is a terminal that understands cursor movement.
bool is_terminal(int fd);

// Columns of the terminal on `fd`; 80 when that cannot be known.
size_t terminal_columns(int fd);

// Colour is shown on terminals unless NO_COLOR is set and not empty (no-color.org).
bool use_color(int fd);

// Columns that `text` takes on a terminal: combining marks and joiners take none, East Asian wide
// characters and emoji take two, ANSI escapes none, every other character (and every ill-formed
// byte sequence) one. Newlines are the caller's business and count nothing.
size_t display_width(std::string_view text);

// `text` cut to at most `columns` columns, ending in "…" when something was cut. The text must hold
// no ANSI escapes.
std::string truncate_to_width(std::string_view text, size_t columns);

enum class Style { Plain, Bold, Dim, Red, Green, Yellow, Blue, Magenta, Cyan };

// `text` in `style` when `color` holds, else `text` as it is.
std::string paint(std::string_view text, Style style, bool color);

}  // namespace lydia::report
