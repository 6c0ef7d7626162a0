// UTF-8: round trips of every code point, and ill-formed sequences by the Unicode standard's
// tables.
#include "lydia/core/utf8.h"

#include <doctest/doctest.h>

namespace lydia {
namespace {

TEST_CASE("every code point survives encode and decode") {
  std::u32string all;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) all.push_back(c);
  }
  const std::string bytes = encode_utf8(all);
  // 1, 2, 3 and 4 bytes: 128, 1920, 61440 and 1048576 code points.
  CHECK(bytes.size() == 128 + 2 * 1920 + 3 * 61440 + 4 * 1048576);
  CHECK(decode_utf8(bytes) == all);
  CHECK(is_valid_utf8(bytes));
}

TEST_CASE("Turkish letters") {
  CHECK(decode_utf8("ığüşöçİ") == U"ığüşöçİ");
  CHECK(encode_utf8(U"ığüşöçİ") == "ığüşöçİ");
}

TEST_CASE("ill-formed bytes become one replacement per maximal subpart") {
  const std::u32string r = U"\xFFFD";
  CHECK(decode_utf8("\x80") == r);
  CHECK(decode_utf8("a\xFFz") == U"a" + r + U"z");
  CHECK(decode_utf8("\xC0\xAF") == r + r);                  // overlong
  CHECK(decode_utf8("\xED\xA0\x80") == r + r + r);          // surrogate
  CHECK(decode_utf8("\xF4\x90\x80\x80") == r + r + r + r);  // above U+10FFFF
  CHECK(decode_utf8("\xE2\x82") == r);                      // cut off
  // The example of the standard, table 3-8.
  CHECK(decode_utf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") ==
        U"a" + r + r + r + U"b" + r + U"c" + r + r + U"d");
  CHECK_FALSE(is_valid_utf8("\xE2\x82"));
}

TEST_CASE("values that are no code points encode as U+FFFD") {
  std::string out;
  append_utf8(out, 0xD800);
  append_utf8(out, 0x110000);
  CHECK(out == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace lydia
