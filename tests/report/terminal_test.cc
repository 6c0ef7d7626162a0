// Widths, cuts, colours, number formats and tables.
#include "lydia/report/terminal.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "lydia/core/error.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"

namespace lydia::report {
namespace {

TEST_CASE("display_width counts columns, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("çalışma İĞÜ") == 11);
  CHECK(display_width("e\xCC\x81") == 1);  // e and a combining acute
  CHECK(display_width("日本") == 4);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("\x1b[1mkalın\x1b[0m") == 5);
  CHECK(display_width("\xFF") == 1);
  CHECK(display_width("\x1b[") == 0);
}

TEST_CASE("truncate_to_width never exceeds its width and never cuts a character") {
  CHECK(truncate_to_width("ığüşöç", 6) == "ığüşöç");
  CHECK(truncate_to_width("ığüşöç", 4) == "ığü…");
  CHECK(truncate_to_width("日本語", 4) == "日…");
  CHECK(truncate_to_width("abc", 1) == "…");
  CHECK(truncate_to_width("abc", 0).empty());
}

TEST_CASE("colour: only when asked, and never against NO_COLOR") {
  CHECK(paint("x", Style::Red, false) == "x");
  CHECK(paint("x", Style::Red, true) == "\x1b[31mx\x1b[0m");
  CHECK(paint("x", Style::Plain, true) == "x");
  setenv("NO_COLOR", "1", 1);
  CHECK_FALSE(use_color(1));
  unsetenv("NO_COLOR");
  CHECK_FALSE(use_color(-1));  // no terminal at all
}

TEST_CASE("formats") {
  CHECK(format_number(2.31049) == "2.31");
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(1.5e9) == "1.5e+09");
  CHECK(format_fixed(2, 3) == "2.000");
  CHECK(format_fixed(1e308, 1).size() == 311);
  CHECK(format_duration(7.4) == "7s");
  CHECK(format_duration(59.6) == "1m 00s");
  CHECK(format_duration(3 * 3600 + 125) == "3h 02m");
  CHECK(format_duration(90000) == "1d 01h");
  CHECK(format_duration(-1) == "?");
  CHECK(format_duration(NAN) == "?");
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes((1u << 20) - 1) == "1.0 MiB");
  CHECK(format_bytes(~uint64_t{0}) == "16.0 EiB");
  CHECK(format_count(3.14159) == "3.1");
  CHECK(format_count(950) == "950");
  CHECK(format_count(12345) == "12.3k");
  CHECK(format_count(999900) == "1.00M");
}

TEST_CASE("a table lines up whatever the letters") {
  Table table({"Ölçü", "bit"}, {Align::Left, Align::Right});
  table.row({"beşli", "2.25"}).row({"ağ\nküçük", "1.9"});
  CHECK(table.text() ==
        "Ölçü       bit\n"
        "────────  ────\n"
        "beşli     2.25\n"
        "ağ küçük   1.9\n");
  CHECK(table.text(true).starts_with("\x1b[1mÖlçü"));
  CHECK_THROWS_AS(table.row({"one cell"}), ValueError);
  CHECK_THROWS_AS(Table({"a"}, {Align::Left, Align::Left}), ValueError);
}

}  // namespace
}  // namespace lydia::report
