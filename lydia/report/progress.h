// A progress bar: share done, rate, time left and any figures the caller adds.
//
//   train  42% ━━━━━━━━━━━━────────────  420/1000  35.2 steps/s  ETA 16s  loss 2.31
//
// On a terminal it redraws one line in place; elsewhere it writes a plain line now and then, so
// that a log stays readable. Every member may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lydia::report {

enum class ProgressMode {
  Auto,      // Terminal when the output is standard error and that is a terminal, else Lines
  Terminal,  // redraw one line with carriage returns
  Lines,     // plain lines every `line_seconds`
  Quiet      // nothing but message()s
};

struct ProgressOptions {
  std::string label = "";
  std::string unit = "steps";
  ProgressMode mode = ProgressMode::Auto;
  int64_t first = 0;            // done before, by an earlier run: no part of the rate
  std::ostream* out = nullptr;  // standard error when null; must outlive the bar
  size_t columns = 0;           // 0: ask the terminal at each redraw
  double redraw_seconds = 0.1;
  double line_seconds = 10;
  std::function<double()> clock = {};  // seconds; a steady clock when empty (tests pass their own)
};

class ProgressBar {
 public:
  static constexpr int64_t kUnknownTotal = -1;

  explicit ProgressBar(int64_t total, ProgressOptions options = {});
  // Calls finish(), so that an exception leaves the last state on screen.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void advance(int64_t count = 1);
  // Figures shown after the ETA, in the order of their first set().
  void set(std::string_view name, double value);
  void set(std::string_view name, std::string_view value);
  // A line of its own above the bar, in every mode.
  void message(std::string_view line);
  // Draws the last state with the time taken; later calls of any member do nothing.
  void finish();

  int64_t done() const;
  // Units per second, the recent past weighing most; 0 before anything was done.
  double rate() const;

 private:
  double now() const;
  double rate_locked() const;
  void measure_rate(double time);
  std::string line(double time, size_t columns) const;
  double shown_rate(double time) const;
  std::string counts_text(double rate) const;
  void draw(double time, bool last);

  mutable std::mutex mutex_;
  const int64_t total_;
  ProgressOptions options_;
  std::ostream* out_;
  std::vector<std::pair<std::string, std::string>> figures_;
  int64_t done_ = 0, first_ = 0;
  double start_ = 0;
  double last_drawn_ = 0;
  bool finished_ = false;
  // Work and time since the start, both fading with the same half-life: their ratio is the rate.
  double faded_work_ = 0, faded_time_ = 0, rate_time_ = 0;
  int64_t rate_done_ = 0;
};

}  // namespace lydia::report
