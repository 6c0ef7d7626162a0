// Axes, plots and pages. That the SVG and HTML are well formed is checked with a small reader of
// tags; that a plot shows the data is checked by reading its coordinates back.
#include "lydia/report/plot.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "lydia/core/error.h"
#include "lydia/report/html.h"
#include "lydia/report/plot_axis.h"
#include "lydia/report/table.h"

namespace lydia::report {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Every start tag has its end tag in the right order; void and self-closed elements need none.
bool well_formed(const std::string& markup) {
  static const std::regex tag("<(/?)([a-zA-Z0-9]+)[^<>]*?(/?)>");
  std::vector<std::string> open;
  for (std::sregex_iterator it(markup.begin(), markup.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    if (name == "meta" || (*it)[3].length() > 0) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

std::vector<std::string> tick_labels(const Axis& axis) {
  std::vector<std::string> labels;
  for (const Tick& tick : axis.ticks()) labels.push_back(tick.label);
  return labels;
}

TEST_CASE("linear axes take nice ticks around the data") {
  const Axis axis = Axis::fit({0.13, 2.4}, false, 5);
  CHECK(tick_labels(axis) == std::vector<std::string>{"0.0", "0.5", "1.0", "1.5", "2.0", "2.5"});
  CHECK(axis.position(0) == 0);
  CHECK(axis.position(1.25) == doctest::Approx(0.5));
  CHECK(tick_labels(Axis::fit({-20, 10}, false, 3)) ==
        std::vector<std::string>{"-20", "-10", "0", "10"});
}

TEST_CASE("a flat line stands inside its axis") {
  const Axis axis = Axis::fit({5, 5}, false, 5);
  CHECK(axis.low() < 5);
  CHECK(axis.high() > 5);
}

TEST_CASE("log axes") {
  CHECK(tick_labels(Axis::fit({0.001, 800}, true, 5)) ==
        std::vector<std::string>{"0.001", "0.01", "0.1", "1", "10", "100", "1000"});
  CHECK(tick_labels(Axis::fit({2.1, 4.4}, true, 5)) == std::vector<std::string>{"2", "5"});
  CHECK(Axis::fit({1, 100}, true, 5).position(10) == doctest::Approx(0.5));
  CHECK_FALSE(Axis::fit({1, 100}, true, 5).usable(0));
}

TEST_CASE("axes survive any numbers") {
  const double big = std::numeric_limits<double>::max(), tiny = 5e-324;
  const std::vector<std::vector<double>> sets = {{},     {NAN, kInf, -kInf}, {-big, big},
                                                 {tiny}, {0, tiny},          {-tiny, tiny},
                                                 {big},  {1e16, 1e16 + 2}};
  for (const auto& values : sets) {
    for (const bool log : {false, true}) {
      const Axis axis = Axis::fit(values, log, 5);
      CHECK(axis.low() < axis.high());
      CHECK(axis.ticks().size() >= 2);
      CHECK(axis.ticks().size() < 40);
      for (const double v : values) {
        if (!axis.usable(v)) continue;
        CHECK(axis.position(v) >= 0);
        CHECK(axis.position(v) <= 1);
      }
    }
  }
}

TEST_CASE("a line plot is well formed and leaves gaps where there is no number") {
  Series s{"kayıp <a&b>", {0, 1, 2, 3, 4}, {1, 2, NAN, 2, 1}};
  const std::string svg =
      line_plot({s}, {.title = "Başlık \"x\"", .x_label = "adım", .y_label = "bit"});
  CHECK(well_formed(svg));
  CHECK(svg.find("kayıp &lt;a&amp;b&gt;") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  const std::string path = svg.substr(svg.rfind("<path d="));
  CHECK(std::count(path.begin(), path.end(), 'M') == 2);  // two stretches around the gap
  CHECK(std::count(path.begin(), path.end(), 'L') == 2);
}

TEST_CASE("a line plot puts points where the axes say") {
  // Axes 0..10 and 0..1: the plot area is known from the first and last point.
  const std::string svg = line_plot({{"", {0, 5, 10}, {0, 0.5, 1}}});
  std::smatch m;
  REQUIRE(std::regex_search(
      svg, m, std::regex("d=\"M([0-9.]+) ([0-9.]+)h0L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)\"")));
  const auto at = [&](int i) { return std::stod(m[i]); };
  CHECK(at(3) == doctest::Approx((at(1) + at(5)) / 2).epsilon(0.001));
  CHECK(at(4) == doctest::Approx((at(2) + at(6)) / 2).epsilon(0.001));
  CHECK(at(6) < at(2));  // larger is higher up
}

TEST_CASE("long series are thinned but keep their extremes") {
  Series s{"", {}, {}};
  for (int i = 0; i < 200000; ++i) {
    s.x.push_back(i);
    s.y.push_back(i == 77777 ? 100 : std::sin(i * 0.01));
  }
  const std::string thinned = line_plot({s});
  CHECK(thinned.size() < 60000);
  // The lone spike reaches the 100 line: the height that a point at 100 has in a plot of few
  // points.
  const std::string few = line_plot({{"", {0, 1, 2}, {-1, 100, -1}}});
  std::smatch m;
  REQUIRE(std::regex_search(few, m, std::regex("L[0-9.]+ ([0-9.]+)L")));
  CHECK(thinned.find(" " + m[1].str() + "L") != std::string::npos);
}

TEST_CASE("bar plots") {
  const std::string svg = bar_plot({"5-gram", "ağ"}, {{"bit", {2.25, 1.5}}, {"x", {-1, kInf}}});
  CHECK(well_formed(svg));
  std::smatch m;
  const std::regex height("height=\"([0-9.]+)\" fill=\"#3b82f6\"><title>bit: ([0-9.]+)");
  std::vector<double> ratios;
  for (std::sregex_iterator it(svg.begin(), svg.end(), height), end; it != end; ++it) {
    ratios.push_back(std::stod((*it)[1]) / std::stod((*it)[2]));
  }
  REQUIRE(ratios.size() == 2);
  CHECK(ratios[0] == doctest::Approx(ratios[1]).epsilon(0.01));
  CHECK(svg.find("x: -1") != std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
  CHECK(well_formed(bar_plot({}, {})));
  CHECK(well_formed(bar_plot({"a"}, {{"s", {1e-3}}}, {.log_y = true})));
}

TEST_CASE("wrong arguments are typed errors") {
  CHECK_THROWS_AS(line_plot({{"s", {1, 2}, {1}}}), ValueError);
  CHECK_THROWS_AS(bar_plot({"a", "b"}, {{"s", {1}}}), ValueError);
  CHECK_THROWS_AS(line_plot({}, {.width = 10}), ValueError);
  CHECK_THROWS_AS(HtmlPage("t", "en\"><script>"), ValueError);
  CHECK_THROWS_AS(HtmlPage("t").heading(1, "x"), ValueError);
}

TEST_CASE("a page is one well-formed file that loads nothing") {
  Table table({"Model", "bit/harf"}, {Align::Left, Align::Right});
  table.row({"<script>alert(1)</script>", "1.9"});
  const std::string html = HtmlPage("Deneme & rapor", "tr")
                               .heading(2, "Sonuç")
                               .paragraph("İlk satır \xFF\x01")
                               .table(table)
                               .preformatted("a\n  b")
                               .figure(line_plot({{"", {1, 2}, {3, 4}}}), "Şekil")
                               .html();
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"tr\">"));
  CHECK(well_formed(html));
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("&lt;script&gt;") != std::string::npos);
  CHECK(html.find("src=") == std::string::npos);
  CHECK(html.find("<td class=\"right\">1.9</td>") != std::string::npos);
  CHECK(html.find("<pre>a\n  b</pre>") != std::string::npos);
  // The only address in the file is the name of the SVG namespace, which is never fetched.
  static const std::regex address("https?://(?!www\\.w3\\.org/2000/svg\")");
  CHECK_FALSE(std::regex_search(html, address));
}

}  // namespace
}  // namespace lydia::report
