#include "lydia/report/terminal_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/report/plot_axis.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

constexpr std::array<char32_t, 4> kMarks = {U'●', U'○', U'◆', U'+'};
constexpr std::array kStyles = {Style::Blue, Style::Yellow, Style::Green, Style::Magenta,
                                Style::Cyan};
constexpr char32_t kBraille = 0x2800;
constexpr size_t kAcross = 2, kDown = 4;  // dots of a character

struct Cell {
  char32_t mark = 0;  // 0: the dots
  uint8_t dots = 0;
  size_t series = 0;
};

// Where a point lands: dots from the left and from the top.
struct Dot {
  int64_t x, y;
};

class Canvas {
 public:
  Canvas(size_t columns, size_t rows) : columns_(columns), rows_(rows), cells_(columns * rows) {}

  Dot at(double x, double y) const {  // 0 to 1, y upwards
    const auto place = [](double share, size_t dots) {
      return std::llround(share * static_cast<double>(dots - 1));
    };
    return {place(x, columns_ * kAcross), place(1 - y, rows_ * kDown)};
  }

  void line(Dot from, Dot to) {
    const int64_t steps = std::max<int64_t>({std::abs(to.x - from.x), std::abs(to.y - from.y), 1});
    for (int64_t i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(steps);
      const auto between = [&](int64_t a, int64_t b) {
        return a + std::llround(share * static_cast<double>(b - a));
      };
      const auto x = static_cast<size_t>(between(from.x, to.x));
      const auto y = static_cast<size_t>(between(from.y, to.y));
      // Unicode numbers the dots of the upper three rows column by column, then the last row.
      constexpr uint8_t kBits[kDown][kAcross] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
      cell(x / kAcross, y / kDown).dots |= kBits[y % kDown][x % kAcross];
    }
  }

  void mark(Dot dot, size_t series) {
    Cell& to = cell(static_cast<size_t>(dot.x) / kAcross, static_cast<size_t>(dot.y) / kDown);
    to.mark = kMarks[(series - 1) % kMarks.size()];
    to.series = series;
  }

  std::string row(size_t index, bool color) const {
    std::string out;
    for (size_t c = 0; c < columns_; ++c) {
      const Cell& cell = cells_[index * columns_ + c];
      if (cell.mark == 0 && cell.dots == 0)
        out += ' ';
      else
        out += paint(encode_utf8(std::u32string(1, cell.mark ? cell.mark : kBraille + cell.dots)),
                     kStyles[cell.series % kStyles.size()], color);
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
  }

 private:
  Cell& cell(size_t column, size_t row) { return cells_[row * columns_ + column]; }

  size_t columns_, rows_;
  std::vector<Cell> cells_;
};

Axis axis_of(const std::vector<Series>& series, const std::vector<double> Series::*values,
             int ticks) {
  std::vector<double> all;
  for (const Series& s : series) all.insert(all.end(), (s.*values).begin(), (s.*values).end());
  return Axis::fit(all, false, ticks);
}

void draw(Canvas& canvas, const Series& s, size_t index, const Axis& x, const Axis& y) {
  const auto usable = [&](size_t i) { return x.usable(s.x[i]) && y.usable(s.y[i]); };
  for (size_t i = 0; i < s.x.size(); ++i) {
    if (!usable(i)) continue;
    const Dot here = canvas.at(x.position(s.x[i]), y.position(s.y[i]));
    if (index > 0) {
      canvas.mark(here, index);
      continue;
    }
    const size_t before = i > 0 && usable(i - 1) ? i - 1 : i;
    canvas.line(canvas.at(x.position(s.x[before]), y.position(s.y[before])), here);
  }
}

// The label of the tick that stands in each row, "" elsewhere.
std::vector<std::string> tick_rows(const Axis& axis, size_t rows) {
  std::vector<std::string> out(rows);
  for (const Tick& tick : axis.ticks()) {
    const double row = (1 - axis.position(tick.value)) * static_cast<double>(rows * kDown - 1);
    out[static_cast<size_t>(std::llround(row)) / kDown] = tick.label;
  }
  return out;
}

// The ends of the axis with its label between them.
std::string under(const Axis& axis, const std::string& label, size_t columns) {
  const std::string left = axis.ticks().front().label, right = axis.ticks().back().label;
  const size_t taken = display_width(left) + display_width(label) + display_width(right);
  if (taken + 2 > columns) return left;
  const size_t before = (columns - taken) / 2;
  return left + std::string(before, ' ') + label + std::string(columns - taken - before, ' ') +
         right;
}

std::string legend(const std::vector<Series>& series, bool color) {
  std::string out;
  for (size_t i = 0; i < series.size(); ++i) {
    if (series[i].name.empty()) continue;
    const std::u32string sign(1, i == 0 ? kBraille + 0xC0 : kMarks[(i - 1) % kMarks.size()]);
    out += (out.empty() ? "" : "   ") +
           paint(encode_utf8(sign), kStyles[i % kStyles.size()], color) + " " + series[i].name;
  }
  return out;
}

}  // namespace

std::string terminal_plot(const std::vector<Series>& series, const TerminalPlotOptions& options) {
  LYDIA_CHECK(options.columns >= 24 && options.rows >= 2, ValueError,
              "terminal_plot: expected at least 24 columns and 2 rows, got ", options.columns,
              " and ", options.rows);
  bool any = false;
  for (const Series& s : series) {
    LYDIA_CHECK(s.x.size() == s.y.size(), ValueError, "terminal_plot: expected as many x as y in '",
                s.name, "', got ", s.x.size(), " and ", s.y.size());
    for (size_t i = 0; i < s.x.size(); ++i)
      any = any || (std::isfinite(s.x[i]) && std::isfinite(s.y[i]));
  }
  if (!any) return "";
  const Axis x = axis_of(series, &Series::x, 6),
             y = axis_of(series, &Series::y, static_cast<int>(options.rows) / 3 + 1);
  const std::vector<std::string> labels = tick_rows(y, options.rows);
  size_t margin = 0;
  for (const std::string& label : labels) margin = std::max(margin, display_width(label));
  const size_t columns = options.columns - margin - 2;
  Canvas canvas(columns, options.rows);
  for (size_t i = 0; i < series.size(); ++i) draw(canvas, series[i], i, x, y);
  std::string out;
  for (size_t r = 0; r < options.rows; ++r)
    out += std::string(margin - display_width(labels[r]), ' ') + labels[r] +
           (labels[r].empty() ? " │" : " ┤") + canvas.row(r, options.color) + "\n";
  out += std::string(margin + 1, ' ') + "└";
  for (size_t c = 0; c < columns; ++c) out += "─";
  out += "\n" + std::string(margin + 2, ' ') + under(x, options.x_label, columns) + "\n";
  const std::string names = legend(series, options.color);
  return names.empty() ? out : out + std::string(margin + 2, ' ') + names + "\n";
}

}  // namespace lydia::report
