#include "lydia/report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include "lydia/core/error.h"
#include "lydia/report/format.h"
#include "lydia/report/terminal.h"

namespace lydia::report {
namespace {

constexpr double kRateFadeSeconds = 10;
constexpr double kMinRateInterval = 0.05;  // below this a rate is mostly noise
constexpr size_t kMinBar = 8, kMaxBar = 40;

double steady_seconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

std::string bar_text(double share, size_t width) {
  const auto filled = static_cast<size_t>(std::floor(share * static_cast<double>(width)));
  std::string out;
  for (size_t i = 0; i < width; ++i) out += i < filled ? "━" : "─";
  return out;
}

}  // namespace

ProgressBar::ProgressBar(int64_t total, ProgressOptions options)
    : total_(total), options_(std::move(options)) {
  LYDIA_CHECK(total >= 0 || total == kUnknownTotal, ValueError,
              "ProgressBar: expected a total of 0 or more, or kUnknownTotal, got ", total);
  first_ = done_ = rate_done_ = options_.first;
  if (options_.mode == ProgressMode::Auto) {
    const bool terminal = options_.out == nullptr && is_terminal(STDERR_FILENO);
    options_.mode = terminal ? ProgressMode::Terminal : ProgressMode::Lines;
  }
  out_ = options_.out != nullptr ? options_.out : &std::cerr;
  start_ = rate_time_ = now();
  last_drawn_ = options_.mode == ProgressMode::Terminal ? -HUGE_VAL : start_;
}

ProgressBar::~ProgressBar() { finish(); }

double ProgressBar::now() const { return options_.clock ? options_.clock() : steady_seconds(); }

void ProgressBar::advance(int64_t count) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  done_ += count;
  const double time = now();
  measure_rate(time);
  draw(time, false);
}

void ProgressBar::set(std::string_view name, double value) { set(name, format_number(value)); }

void ProgressBar::set(std::string_view name, std::string_view value) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(figures_.begin(), figures_.end(),
                                  [&](const auto& figure) { return figure.first == name; });
  if (found == figures_.end()) {
    figures_.emplace_back(name, value);
  } else {
    found->second = value;
  }
}

void ProgressBar::message(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (options_.mode == ProgressMode::Terminal && !finished_) *out_ << "\r\x1b[K";
  *out_ << line << '\n';
  if (options_.mode == ProgressMode::Terminal && !finished_) {
    last_drawn_ = -HUGE_VAL;
    draw(now(), false);
  }
  out_->flush();
}

void ProgressBar::finish() {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = true;
  draw(now(), true);
}

int64_t ProgressBar::done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

double ProgressBar::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_locked();
}

void ProgressBar::measure_rate(double time) {
  const double elapsed = time - rate_time_;
  if (elapsed < kMinRateInterval) return;
  const double keep = std::exp(-elapsed / kRateFadeSeconds);
  faded_work_ = faded_work_ * keep + static_cast<double>(done_ - rate_done_);
  faded_time_ = faded_time_ * keep + elapsed;
  rate_time_ = time;
  rate_done_ = done_;
}

double ProgressBar::rate_locked() const { return faded_time_ > 0 ? faded_work_ / faded_time_ : 0; }

void ProgressBar::draw(double time, bool last) {
  if (options_.mode == ProgressMode::Quiet) return;
  const bool terminal = options_.mode == ProgressMode::Terminal;
  const double interval = terminal ? options_.redraw_seconds : options_.line_seconds;
  if (!last && time - last_drawn_ < interval) return;
  last_drawn_ = time;
  if (terminal) {
    const size_t columns =
        options_.columns != 0 ? options_.columns : terminal_columns(STDERR_FILENO);
    // The last column stays free: clearing from there would eat the last character.
    *out_ << '\r' << line(time, columns - 1) << "\x1b[K" << (last ? "\n" : "");
  } else {
    *out_ << line(time, 0) << '\n';
  }
  out_->flush();
}

double ProgressBar::shown_rate(double time) const {
  if (!finished_) return rate_locked();
  return time > start_ ? static_cast<double>(done_ - first_) / (time - start_)
                       : 0;  // the whole run's
}

std::string ProgressBar::counts_text(double rate) const {
  std::string text = "  " + std::to_string(done_);
  if (total_ >= 0) text += "/" + std::to_string(total_);
  if (rate > 0) {
    text += "  " + format_count(rate) + " " + options_.unit + "/s";
  } else {
    text += " " + options_.unit;
  }
  return text;
}

// `columns` = 0 means a plain line without a bar.
std::string ProgressBar::line(double time, size_t columns) const {
  const double share =
      total_ > 0 ? std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0)
                 : (total_ == 0 ? 1.0 : 0.0);
  std::string head = options_.label;
  if (total_ >= 0) {
    const auto percent = std::to_string(static_cast<int>(std::floor(share * 100)));
    head += (head.empty() ? "" : " ") + std::string(3 - percent.size(), ' ') + percent + "%";
  }
  const double rate = shown_rate(time);
  std::string tail = counts_text(rate);
  if (!finished_ && total_ >= 0 && rate > 0) {
    tail += "  ETA " +
            format_duration(static_cast<double>(std::max<int64_t>(total_ - done_, 0)) / rate);
  } else {
    tail += "  " + format_duration(time - start_);
  }
  for (const auto& [name, value] : figures_) tail += "  " + name + " " + value;
  if (columns == 0) return head + tail;
  const size_t used = display_width(head) + display_width(tail) + 1;
  if (total_ >= 0 && used + kMinBar <= columns) {
    head += " " + bar_text(share, std::min(columns - used, kMaxBar));
  }
  return truncate_to_width(head + tail, columns);
}

}  // namespace lydia::report
