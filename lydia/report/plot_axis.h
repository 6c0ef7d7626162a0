// One axis of a plot: which values it shows, where its ticks stand, where a value lands.
#pragma once

#include <string>
#include <vector>

namespace lydia::report {

struct Tick {
  double value;
  std::string label;
};

class Axis {
 public:
  // Covers every usable value of `values` (finite; above zero when `log`). Linear axes widen to
  // ticks of 1, 2 or 5 times a power of ten, log axes to whole powers of ten or, within two
  // decades, to such 1-2-5 values. Without usable values the axis is 0..1 (1..10 when log).
  static Axis fit(const std::vector<double>& values, bool log, int target_ticks);

  bool usable(double value) const;
  // 0 at the low end, 1 at the high end; values outside land on the nearer end.
  double position(double value) const;
  const std::vector<Tick>& ticks() const { return ticks_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  void fit_linear(int target_ticks);
  void fit_log();

  bool log_ = false;
  double low_ = 0, high_ = 1;
  std::vector<Tick> ticks_;
};

}  // namespace lydia::report
