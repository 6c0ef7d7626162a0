#include "cli/atlas_view.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "lydia/atlas/attempt.h"
#include "lydia/io/json.h"
#include "lydia/report/format.h"
#include "lydia/report/terminal.h"

namespace lydia::cli {
namespace {

using atlas::TaskState;
using report::Style;
using std::chrono::steady_clock;

Style style_of(TaskState state) {
  switch (state) {
    case TaskState::Done: return Style::Green;
    case TaskState::Cached: return Style::Cyan;
    case TaskState::Failed:
    case TaskState::Blocked: return Style::Red;
    case TaskState::Human:
    case TaskState::Skipped: return Style::Yellow;
    default: return Style::Plain;
  }
}

bool is_settled(TaskState state) { return state == TaskState::Done || state == TaskState::Cached; }

double seconds_since(steady_clock::time_point time) {
  return std::chrono::duration<double>(steady_clock::now() - time).count();
}

}  // namespace

RunView::RunView(const atlas::PlanGraph& graph, std::vector<double> expected, RunViewMode mode,
                 double parallel)
    : graph_(graph),
      expected_(std::move(expected)),
      mode_(mode),
      parallel_(std::max(parallel, 1.0)),
      color_(mode == RunViewMode::Terminal && report::use_color(STDERR_FILENO)),
      states_(static_cast<size_t>(graph.size()), TaskState::NotNeeded) {}

RunView::~RunView() { erase(); }

const std::string& RunView::name(int task) const {
  return graph_.plan().tasks[static_cast<size_t>(task)].id.value;
}

void RunView::event(const atlas::RunEvent& e) {
  if (e.task < 0) {  // time has passed
    if (mode_ == RunViewMode::Terminal) draw();
    return;
  }
  states_[static_cast<size_t>(e.task)] = e.state;
  std::erase_if(running_, [&](const Running& r) { return r.task == e.task; });
  if (e.state == TaskState::Running) running_.push_back({e.task, steady_clock::now()});
  if (e.state == TaskState::Waiting && e.message.empty()) return;
  if (mode_ == RunViewMode::Json) return json(e);
  if (mode_ == RunViewMode::Terminal && e.state == TaskState::Running) return draw();
  std::string text = report::paint(atlas::task_state_name(e.state), style_of(e.state), color_) +
                     "  " + name(e.task);
  if (is_settled(e.state) && e.seconds > 0) text += "  " + report::format_duration(e.seconds);
  if (e.attempt > 1) text += "  (attempt " + std::to_string(e.attempt) + ")";
  if (!e.message.empty()) text += ": " + e.message;
  line(text);
  if (e.state != TaskState::Failed || e.folder.empty()) return;
  const std::string tail = atlas::log_tail(e.folder);
  if (!tail.empty()) line(tail.substr(0, tail.find_last_not_of('\n') + 1));
  line("  log: " + e.folder + "/log.txt");
}

void RunView::line(const std::string& text) {
  erase();
  std::cerr << text << "\n";
  if (mode_ == RunViewMode::Terminal) draw();
}

void RunView::erase() {
  for (; drawn_ > 0; --drawn_) std::cerr << "\x1b[1A\x1b[2K";
  std::cerr << std::flush;
}

// Work that is left over what runs at once; a task that never ran counts as the others' mean.
double RunView::seconds_left() const {
  double known = 0, all = 0;
  int count = 0;
  for (const double seconds : expected_) known += seconds, count += seconds > 0;
  const double mean = count ? known / count : 0;
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] != TaskState::Waiting && states_[i] != TaskState::Running) continue;
    double seconds = expected_[i] > 0 ? expected_[i] : mean;
    for (const Running& r : running_)
      if (r.task == static_cast<int>(i)) seconds -= std::min(seconds, seconds_since(r.since));
    all += seconds;
  }
  return count ? all / parallel_ : -1;
}

void RunView::draw() {
  erase();
  const size_t columns = report::terminal_columns(STDERR_FILENO);
  const auto show = [&](const std::string& text) {
    std::cerr << report::truncate_to_width(text, columns - 1) << "\n";
    ++drawn_;
  };
  constexpr size_t kMostLines = 8;
  for (size_t i = 0; i < std::min(running_.size(), kMostLines); ++i) {
    const Running& r = running_[i];
    const double expected = expected_[static_cast<size_t>(r.task)];
    show("  " + name(r.task) + "  " + report::format_duration(seconds_since(r.since)) +
         (expected > 0 ? " of about " + report::format_duration(expected) : ""));
  }
  if (running_.size() > kMostLines)
    show("  and " + std::to_string(running_.size() - kMostLines) + " more");
  const auto count = [&](TaskState s) { return std::count(states_.begin(), states_.end(), s); };
  const auto all = static_cast<long>(states_.size()) - count(TaskState::NotNeeded);
  std::string text = std::to_string(count(TaskState::Done) + count(TaskState::Cached)) + "/" +
                     std::to_string(all) + " done, " + std::to_string(count(TaskState::Cached)) +
                     " cached";
  if (const double left = seconds_left(); left >= 0)
    text += "  ETA " + report::format_duration(left);
  show(text);
  std::cerr << std::flush;
}

void RunView::json(const atlas::RunEvent& e) const {
  std::cout << io::to_json(io::Json::Object{{"event", "task"},
                                            {"task", name(e.task)},
                                            {"state", std::string(atlas::task_state_name(e.state))},
                                            {"attempt", int64_t{e.attempt}},
                                            {"seconds", e.seconds},
                                            {"message", e.message},
                                            {"folder", e.folder}})
            << "\n"
            << std::flush;
}

void RunView::finish(const atlas::RunSummary& summary) {
  erase();
  io::Json::Object counts;
  std::string text;
  for (int s = 0; s <= static_cast<int>(TaskState::Human); ++s) {
    const auto state = static_cast<TaskState>(s);
    const int n = summary.count(state);
    if (n == 0 || state == TaskState::NotNeeded) continue;
    counts.emplace_back(std::string(atlas::task_state_name(state)), int64_t{n});
    text += (text.empty() ? "" : ", ") + std::to_string(n) + " " +
            std::string(atlas::task_state_name(state));
  }
  if (mode_ == RunViewMode::Json) {
    std::cout << io::to_json(
                     io::Json::Object{{"event", "end"},
                                      {"complete", summary.complete()},
                                      {"interrupted", summary.interrupted},
                                      {"seconds", summary.seconds},
                                      {"driver_user_seconds", summary.driver_user_seconds},
                                      {"driver_system_seconds", summary.driver_system_seconds},
                                      {"tasks", std::move(counts)}})
              << "\n";
    return;
  }
  std::cerr << (text.empty() ? "nothing to do" : text) << " in "
            << report::format_fixed(summary.seconds, 1) << " s\n";
}

}  // namespace lydia::cli
