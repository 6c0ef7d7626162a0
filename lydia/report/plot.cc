// Both plots share a Frame: it fits the axes, lays out title, legend and labels, and maps values to
// pixels; the plots then draw only their lines or bars into it.
#include "lydia/report/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "lydia/core/error.h"
#include "lydia/report/escape.h"
#include "lydia/report/format.h"
#include "lydia/report/plot_axis.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

// Middle tones with enough contrast on white and on near-black.
constexpr std::array kColors = {"#3b82f6", "#e8710a", "#2e9e5b", "#d6409f",
                                "#8b5cf6", "#a98b0c", "#0e9aa7", "#dc4b4b"};
// Dashes tell the series apart where colours cannot (colour blindness, printed pages).
constexpr std::array kDashes = {"", "7 3", "2 3", "9 3 2 3"};
constexpr double kCharWidth = 6.6;  // of the 12 px font, a little generous
constexpr int kMinWidth = 160, kMinHeight = 120, kMaxSide = 10000;

std::string px(double value) { return format_number(std::round(value * 10) / 10, 6); }

double text_pixels(const std::string& text) {
  return static_cast<double>(display_width(text)) * kCharWidth;
}

class Frame {
 public:
  // `legend` holds the names of the series, `mark` draws the sample of series `i` at (x, y).
  template <class Mark>
  Frame(const PlotOptions& options, const std::vector<std::string>& legend, Mark mark)
      : options_(options), right_(options.width - 28) {
    LYDIA_CHECK(options.width >= kMinWidth && options.height >= kMinHeight &&
                    options.width <= kMaxSide && options.height <= kMaxSide,
                ValueError, "plot: expected a size from ", kMinWidth, " x ", kMinHeight, " to ",
                kMaxSide, " x ", kMaxSide, " pixels, got ", options.width, " x ", options.height);
    const std::string width = std::to_string(options.width);
    const std::string height = std::to_string(options.height);
    // max-width lets a page shrink the picture; color-scheme makes currentColor follow a dark page
    // when the file is opened on its own.
    svg_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" + width +
           "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height +
           "\" style=\"max-width:100%;height:auto;color-scheme:light dark;color:CanvasText\" "
           "font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n";
    if (!options.title.empty()) {
      svg_ += "<title>" + escape_xml(options.title) + "</title>\n";
      text(options.width / 2.0, 22, options.title, "middle",
           " font-size=\"15\" font-weight=\"600\"");
      top_ = 36;
    }
    add_legend(legend, mark);
  }

  // Leaves room for the tick labels of `y` and draws its grid.
  void add_y_axis(const Axis& y) {
    double widest = 0;
    for (const Tick& tick : y.ticks()) widest = std::max(widest, text_pixels(tick.label));
    bottom_ = options_.height - (options_.x_label.empty() ? 28 : 48);
    left_ = widest + (options_.y_label.empty() ? 16 : 36);
    for (const Tick& tick : y.ticks()) {
      const double at = y_pixel(y, tick.value);
      line(left_, at, right_, at, " stroke-opacity=\"0.15\"");
      text(left_ - 6, at + 4, tick.label, "end");
    }
    line(left_, top_, left_, bottom_);
    line(left_, bottom_, right_, bottom_);
    text((left_ + right_) / 2, options_.height - 10, options_.x_label, "middle");
    const std::string middle = px((top_ + bottom_) / 2);
    text(14, (top_ + bottom_) / 2, options_.y_label, "middle",
         " transform=\"rotate(-90 14 " + middle + ")\"");
  }

  void add_x_mark(double at, const std::string& label) {
    line(at, bottom_, at, bottom_ + 4);
    text(at, bottom_ + 18, label, "middle");
  }

  double x_pixel(const Axis& x, double v) const { return left_ + x.position(v) * (right_ - left_); }
  double y_pixel(const Axis& y, double v) const {
    return bottom_ - y.position(v) * (bottom_ - top_);
  }
  double left() const { return left_; }
  double right() const { return right_; }
  double bottom() const { return bottom_; }

  void add(const std::string& element) { svg_ += element + "\n"; }
  std::string finish() { return std::move(svg_) + "</svg>\n"; }

 private:
  void line(double x1, double y1, double x2, double y2, const std::string& more = "") {
    add("<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" + px(y2) +
        "\" stroke=\"currentColor\"" + more + "/>");
  }

  void text(double x, double y, const std::string& content, const std::string& anchor,
            const std::string& more = "") {
    if (content.empty()) return;
    add("<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" + anchor + "\"" + more +
        ">" + escape_xml(content) + "</text>");
  }

  template <class Mark>
  void add_legend(const std::vector<std::string>& names, Mark mark) {
    if (names.empty() || (names.size() == 1 && names[0].empty())) return;
    double x = 16, y = top_ + 4;
    for (size_t i = 0; i < names.size(); ++i) {
      const double width = 34 + text_pixels(names[i]) + 14;
      if (x + width > right_ && x > 16) x = 16, y += 18;
      add(mark(i, x, y));
      text(x + 32, y + 4, names[i], "start");
      x += width;
    }
    top_ = y + 18;
  }

  const PlotOptions& options_;
  std::string svg_;
  double left_ = 0, right_, top_ = 14, bottom_ = 0;
};

std::string color_of(size_t series) { return kColors[series % kColors.size()]; }

std::string stroke_attributes(size_t index) {
  const std::string dash = kDashes[index % kDashes.size()];
  return " fill=\"none\" stroke=\"" + color_of(index) +
         "\" stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\"" +
         (dash.empty() ? "" : " stroke-dasharray=\"" + dash + "\"");
}

std::string line_mark(size_t series, double x, double y) {
  return "<path d=\"M" + px(x) + " " + px(y) + "h26\"" + stroke_attributes(series) + "/>";
}

std::string bar_mark(size_t series, double x, double y) {
  return "<rect x=\"" + px(x) + "\" y=\"" + px(y - 5) + "\" width=\"26\" height=\"10\" fill=\"" +
         color_of(series) + "\"/>";
}

// The pixels of one pixel column, in order of arrival: first, lowest, highest, last.
struct Column {
  double first, low, high, last;
};

// Appends the points of one unbroken stretch to a path, at most four per pixel column.
class PathBuilder {
 public:
  void add(double x, double y) {
    const double at = std::floor(x);
    if (open_ && at == at_) {
      column_.low = std::min(column_.low, y);
      column_.high = std::max(column_.high, y);
      column_.last = y;
      ++count_;
      return;
    }
    flush();
    open_ = true;
    at_ = at;
    x_ = x;
    count_ = 1;
    column_ = {y, y, y, y};
  }

  void gap() {
    flush();
    pen_down_ = false;
  }

  std::string finish() {
    flush();
    return std::move(path_);
  }

 private:
  void flush() {
    if (!open_) return;
    open_ = false;
    point(column_.first);
    if (count_ == 1) return;
    point(column_.low);
    point(column_.high);
    point(column_.last);
  }

  void point(double y) {
    path_ += (pen_down_ ? "L" : "M") + px(x_) + " " + px(y);
    // A zero-length line, so that a lone point shows through its round cap.
    if (!pen_down_) path_ += "h0";
    pen_down_ = true;
  }

  std::string path_;
  bool pen_down_ = false, open_ = false;
  double at_ = 0, x_ = 0;
  int64_t count_ = 0;
  Column column_{};
};

}  // namespace

std::string line_plot(const std::vector<Series>& series, const PlotOptions& options) {
  std::vector<double> xs, ys;
  std::vector<std::string> names;
  for (const Series& s : series) {
    LYDIA_CHECK(s.x.size() == s.y.size(), ValueError, "line_plot: expected as many x as y in \"",
                s.name, "\", got ", s.x.size(), " and ", s.y.size());
    xs.insert(xs.end(), s.x.begin(), s.x.end());
    ys.insert(ys.end(), s.y.begin(), s.y.end());
    names.push_back(s.name);
  }
  Frame frame(options, names, line_mark);
  const Axis x = Axis::fit(xs, options.log_x, std::max(2, options.width / 90));
  const Axis y = Axis::fit(ys, options.log_y, std::max(2, options.height / 60));
  frame.add_y_axis(y);
  for (const Tick& tick : x.ticks()) frame.add_x_mark(frame.x_pixel(x, tick.value), tick.label);
  for (size_t i = 0; i < series.size(); ++i) {
    PathBuilder path;
    for (size_t k = 0; k < series[i].x.size(); ++k) {
      if (x.usable(series[i].x[k]) && y.usable(series[i].y[k])) {
        path.add(frame.x_pixel(x, series[i].x[k]), frame.y_pixel(y, series[i].y[k]));
      } else {
        path.gap();
      }
    }
    frame.add("<path d=\"" + path.finish() + "\"" + stroke_attributes(i) + "/>");
  }
  return frame.finish();
}

std::string bar_plot(const std::vector<std::string>& categories,
                     const std::vector<BarSeries>& series, const PlotOptions& options) {
  std::vector<double> values;
  if (!options.log_y) values.push_back(0);  // bars stand on zero
  std::vector<std::string> names;
  for (const BarSeries& s : series) {
    LYDIA_CHECK(s.values.size() == categories.size(), ValueError, "bar_plot: expected ",
                categories.size(), " values in \"", s.name, "\", got ", s.values.size());
    values.insert(values.end(), s.values.begin(), s.values.end());
    names.push_back(s.name);
  }
  Frame frame(options, names, bar_mark);
  const Axis y = Axis::fit(values, options.log_y, std::max(2, options.height / 60));
  frame.add_y_axis(y);
  const double base = options.log_y ? frame.bottom() : frame.y_pixel(y, 0);
  const double group =
      (frame.right() - frame.left()) / static_cast<double>(std::max<size_t>(categories.size(), 1));
  const double bar = group * 0.75 / static_cast<double>(std::max<size_t>(series.size(), 1));
  for (size_t c = 0; c < categories.size(); ++c) {
    const double start = frame.left() + group * (static_cast<double>(c) + 0.125);
    frame.add_x_mark(
        start + group * 0.375,
        truncate_to_width(categories[c], static_cast<size_t>(std::max(group / kCharWidth, 1.0))));
    for (size_t i = 0; i < series.size(); ++i) {
      const double value = series[i].values[c];
      if (!y.usable(value)) continue;
      const double top = frame.y_pixel(y, value);
      frame.add("<rect x=\"" + px(start + bar * static_cast<double>(i)) + "\" y=\"" +
                px(std::min(top, base)) + "\" width=\"" + px(bar * 0.94) + "\" height=\"" +
                px(std::fabs(top - base)) + "\" fill=\"" + color_of(i) + "\"><title>" +
                escape_xml((names[i].empty() ? "" : names[i] + ": ") + format_number(value)) +
                "</title></rect>");
    }
  }
  return frame.finish();
}

}  // namespace lydia::report
