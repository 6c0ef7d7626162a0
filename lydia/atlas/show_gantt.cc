// What was tried when, and what is to come: bars as text, and the places of past attempts for the
// page.
#include <algorithm>
#include <cmath>

#include "lydia/atlas/show.h"
#include "lydia/report/format.h"
#include "lydia/report/terminal.h"

namespace lydia::atlas {
namespace {

constexpr size_t kColumns = 56;  // of a bar's line
constexpr size_t kMostRows = 150;

size_t at(int index) { return static_cast<size_t>(index); }

std::string name_of(const PlanView& view, int task) {
  std::string name = report::truncate_to_width(*view.plan().tasks[at(task)].id, 24);
  const size_t width = report::display_width(name);
  return name + std::string(width < 24 ? 24 - width : 0, ' ');
}

// A bar from `begin` to `end` of a line that stands for 0 to 1.
std::string bar_text(double begin, double end, report::Style style, bool color) {
  const auto columns = static_cast<double>(kColumns);
  const auto from = std::min(static_cast<size_t>(begin * columns), kColumns - 1);
  const auto to = std::clamp(static_cast<size_t>(std::ceil(end * columns)), from + 1, kColumns);
  std::string blocks;
  for (size_t i = from; i < to; ++i) blocks += "█";
  return std::string(from, ' ') + report::paint(blocks, style, color) +
         std::string(kColumns - to, ' ');
}

report::Style style_of(AttemptState state) {
  switch (state) {
    case AttemptState::Done: return report::Style::Green;
    case AttemptState::Running: return report::Style::Blue;
    case AttemptState::Cancelled: return report::Style::Yellow;
    default: return report::Style::Red;
  }
}

}  // namespace

std::vector<AttemptBar> attempt_bars(const PlanView& view, size_t most) {
  std::vector<AttemptBar> bars;
  for (const PastAttempt& attempt : view.attempts) bars.push_back({attempt, 0, 0});
  std::stable_sort(bars.begin(), bars.end(), [](const AttemptBar& a, const AttemptBar& b) {
    return a.attempt.began < b.attempt.began;
  });
  if (bars.size() > most) bars.erase(bars.begin(), bars.end() - static_cast<ptrdiff_t>(most));
  double busy = 0;
  for (const AttemptBar& bar : bars) busy += bar.attempt.seconds;
  // Time in which nothing ran takes a fiftieth of the picture at most.
  const double longest_gap = std::max(busy / 50, 1e-3);
  double now = 0, last = 0, shift = 0;  // `last`: when the latest of those before ended
  for (AttemptBar& bar : bars) {
    const double began = bar.attempt.began;
    if (&bar == &bars.front()) last = shift = began;
    if (began - last > longest_gap) shift += began - last - longest_gap;
    bar.begin = began - shift;
    bar.end = bar.begin + bar.attempt.seconds;
    last = std::max(last, began + bar.attempt.seconds);
    now = std::max(now, bar.end);
  }
  for (AttemptBar& bar : bars) {
    bar.begin = now > 0 ? bar.begin / now : 0;
    bar.end = now > 0 ? bar.end / now : 1;
  }
  return bars;
}

std::string show_gantt(const PlanView& view, bool color) {
  const bool turkish = view.language == Language::Turkish;
  std::string out = turkish ? "Geçmiş denemeler\n" : "Past attempts\n";
  for (const AttemptBar& bar : attempt_bars(view, kMostRows)) {
    out += name_of(view, bar.attempt.task) + " " +
           bar_text(bar.begin, bar.end, style_of(bar.attempt.state), color) + " " +
           std::string(attempt_state_name(bar.attempt.state)) + ", " +
           report::format_duration(bar.attempt.seconds) + "\n";
  }
  out += turkish ? "\nTakvim (*: kritik yol)\n" : "\nSchedule (*: critical path)\n";
  std::vector<int> tasks;
  for (int i = 0; i < view.graph.size(); ++i)
    if (view.schedule.tasks[at(i)].finish > 0) tasks.push_back(i);
  std::stable_sort(tasks.begin(), tasks.end(), [&](int a, int b) {
    return view.schedule.tasks[at(a)].start < view.schedule.tasks[at(b)].start;
  });
  if (tasks.size() > kMostRows) tasks.resize(kMostRows);
  for (const int task : tasks) {
    const TaskTimes& times = view.schedule.tasks[at(task)];
    const auto style = times.critical ? report::Style::Magenta : report::Style::Cyan;
    out += name_of(view, task) + " " +
           bar_text(times.start / view.schedule.finish, times.finish / view.schedule.finish, style,
                    color) +
           (times.critical ? " * " : "   ") + report::format_duration(times.finish - times.start) +
           "\n";
  }
  return out;
}

}  // namespace lydia::atlas
