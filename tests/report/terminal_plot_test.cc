// What is drawn is read back: where the dots and marks stand.
#include "lydia/report/terminal_plot.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

// Lines of the plot in characters.
std::vector<std::u32string> lines_of(const std::string& text) {
  std::vector<std::u32string> lines(1);
  for (const char32_t c : decode_utf8(text)) {
    if (c == U'\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  CHECK(lines.back().empty());
  lines.pop_back();
  return lines;
}

bool is_dots(char32_t c) { return c > 0x2800 && c <= 0x28FF; }

// The first and the last place with dots behind the axis; npos where there are none.
std::pair<size_t, size_t> dots_of(const std::u32string& line) {
  size_t first = std::u32string::npos, last = std::u32string::npos;
  for (size_t i = 0; i < line.size(); ++i) {
    if (!is_dots(line[i])) continue;
    if (first == std::u32string::npos) first = i;
    last = i;
  }
  return {first, last};
}

TEST_CASE("a falling line goes from the upper left to the lower right") {
  const std::string text = terminal_plot({{"loss", {0, 10}, {8, 0}}}, {.x_label = "step"});
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == 12 + 3);
  for (const auto& line : lines) CHECK(display_width(encode_utf8(line)) <= 72);
  size_t before = 0;
  for (size_t r = 0; r < 12; ++r) {  // no row is left out, and each goes on to the right
    const auto [first, last] = dots_of(lines[r]);
    REQUIRE(first != std::u32string::npos);
    CHECK(first >= before);
    before = last;
  }
  CHECK(dots_of(lines[0]).first == 3);  // behind "8 ┤"
  CHECK(dots_of(lines[11]).second == 71);
  CHECK(lines[0].starts_with(U"8 ┤"));
  CHECK(lines[11].starts_with(U"0 ┤"));
  CHECK(text.find("step") != std::string::npos);
  CHECK(text.find("loss") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(terminal_plot({{"loss", {0, 10}, {8, 0}}}, {.color = true}).find('\x1b') !=
        std::string::npos);
}

TEST_CASE("further series are marks at their points") {
  const auto lines =
      lines_of(terminal_plot({{"training", {0, 100}, {0, 0}}, {"validation", {50, 100}, {4, 0}}}));
  CHECK(std::count(lines[0].begin(), lines[0].end(), U'●') == 1);
  CHECK(std::count(lines[11].begin(), lines[11].end(), U'●') == 1);
  CHECK(lines[0].find(U'●') == 3 + 34);  // half of the 69 columns behind the axis
  CHECK(lines[11].back() == U'●');
}

TEST_CASE("gaps, single points and nothing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto lines = lines_of(terminal_plot({{"", {0, 1, 2}, {1, nan, 1}}, {"", {0}, {0}}}));
  REQUIRE(lines.size() == 12 + 2);  // no names, no legend
  int64_t dots = 0;
  for (const auto& line : lines) dots += std::count_if(line.begin(), line.end(), is_dots);
  CHECK(dots == 2);
  CHECK(terminal_plot({}) == "");
  CHECK(terminal_plot({{"a", {0}, {nan}}}) == "");
  CHECK(lines_of(terminal_plot({{"", {5}, {5}}})).size() == 14);
}

TEST_CASE("what it refuses") {
  CHECK_THROWS_AS(terminal_plot({{"a", {1, 2}, {1}}}), ValueError);
  CHECK_THROWS_AS(terminal_plot({}, {.columns = 10}), ValueError);
  CHECK_THROWS_AS(terminal_plot({}, {.rows = 1}), ValueError);
}

}  // namespace
}  // namespace lydia::report
