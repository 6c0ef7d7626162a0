// Line and bar plots as self-contained SVG text, readable on light and dark pages: text and axes
// take the page's colour, series colours are picked to stand out on both.
#pragma once

#include <string>
#include <vector>

namespace lydia::report {

struct Series {
  std::string name;  // shown in the legend; a plot of one unnamed series has no legend
  std::vector<double> x, y;
};

struct PlotOptions {
  std::string title = "", x_label = "", y_label = "";
  bool log_x = false, log_y = false;
  int width = 720, height = 400;
};

// One line per series. Points that are not finite, or not positive on a log axis, leave a gap. Long
// series are thinned to the lowest and highest point of each pixel column, so the picture stays
// true and small. Throws ValueError when x and y differ in length or the size is below 160 x 120.
std::string line_plot(const std::vector<Series>& series, const PlotOptions& options = {});

struct BarSeries {
  std::string name;
  std::vector<double> values;  // one per category; not finite: no bar
};

// Groups of vertical bars, one group per category, from zero (or from the bottom of a log axis).
// log_x is ignored. Throws ValueError when a series has not one value per category.
std::string bar_plot(const std::vector<std::string>& categories,
                     const std::vector<BarSeries>& series, const PlotOptions& options = {});

}  // namespace lydia::report
