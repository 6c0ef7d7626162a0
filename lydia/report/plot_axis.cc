#include "lydia/report/plot_axis.h"

#include <algorithm>
#include <cmath>

#include "lydia/report/format.h"

namespace lydia::report {
namespace {

// Beyond these a step would overflow or vanish; values there are drawn at the edge.
constexpr double kLimit = 1e300, kTiny = 1e-300;

// The smallest of 1, 2, 5, 10 times a power of ten that is at least `raw`.
double nice_step(double raw) {
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// Tick labels of one axis share their decimals, so that 0.5 stands beside 1.0.
std::string tick_label(double value, double step) {
  const double size = std::max(std::fabs(value), step);
  if (size >= 1e6 || step < 1e-5) return format_number(value, 6);
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  return format_fixed(std::fabs(value) < step / 2 ? 0.0 : value, decimals);
}

}  // namespace

bool Axis::usable(double value) const { return std::isfinite(value) && (!log_ || value > 0); }

double Axis::position(double value) const {
  const double share =
      log_ ? std::log10(value / low_) / std::log10(high_ / low_)
           // Halved first: the width of an axis over the whole double range would overflow.
           : (value / 2 - low_ / 2) / (high_ / 2 - low_ / 2);
  return std::clamp(share, 0.0, 1.0);
}

Axis Axis::fit(const std::vector<double>& values, bool log, int target_ticks) {
  Axis axis;
  axis.log_ = log;
  bool any = false;
  for (const double v : values) {
    if (!axis.usable(v)) continue;
    axis.low_ = any ? std::min(axis.low_, v) : v;
    axis.high_ = any ? std::max(axis.high_, v) : v;
    any = true;
  }
  if (!any) axis.low_ = log ? 1 : 0, axis.high_ = log ? 10 : 1;
  log ? axis.fit_log() : axis.fit_linear(target_ticks);
  return axis;
}

void Axis::fit_linear(int target_ticks) {
  low_ = std::clamp(low_, -kLimit, kLimit);
  high_ = std::clamp(high_, -kLimit, kLimit);
  const double least = std::max(std::max(std::fabs(low_), std::fabs(high_)) * 1e-9, 1e-300);
  if (high_ - low_ < least) {  // a flat line stands in the middle of some space
    const double margin = std::fabs(low_) < kTiny ? 1 : std::fabs(low_) * 0.1;
    low_ -= margin;
    high_ += margin;
  }
  const double step = nice_step((high_ - low_) / target_ticks);
  const double first = std::floor(low_ / step + 1e-9), last = std::ceil(high_ / step - 1e-9);
  for (double i = first; i <= last; ++i) ticks_.push_back({i * step, tick_label(i * step, step)});
  low_ = first * step;
  high_ = last * step;
}

// Within two decades the axis ends on 1-2-5 values, beyond that on whole decades.
void Axis::fit_log() {
  low_ = std::clamp(low_, kTiny, kLimit);
  high_ = std::clamp(high_, kTiny, kLimit);
  const double first = std::floor(std::log10(low_) + 1e-9);
  const double last = std::max(std::ceil(std::log10(high_) - 1e-9), first + 1);
  const bool narrow = last - first <= 2;
  const double stride = std::ceil((last - first) / 8);
  std::vector<double> marks;
  for (double e = first; e <= last; e += stride) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor == 1 || (narrow && e < last)) marks.push_back(factor * std::pow(10, e));
    }
  }
  if (narrow) {
    while (marks.size() > 2 && marks[1] <= low_ * (1 + 1e-9)) marks.erase(marks.begin());
    while (marks.size() > 2 && marks[marks.size() - 2] >= high_ * (1 - 1e-9)) marks.pop_back();
  }
  for (const double mark : marks) ticks_.push_back({mark, format_number(mark, 6)});
  low_ = narrow ? marks.front() : std::pow(10, first);
  high_ = narrow ? marks.back() : std::pow(10, last);
}

}  // namespace lydia::report
