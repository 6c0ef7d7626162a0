#include "cli/atlas_view.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "lydia/atlas/attempt.h"
#include "lydia/io/json.h"
#include "lydia/report/format.h"
#include "lydia/report/printable.h"
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

RunView::RunView(const atlas::PlanGraph& graph, std::vector<atlas::Runner::History> history,
                 RunViewMode mode, const atlas::ScheduleOptions& machine)
    : graph_(graph),
      history_(std::move(history)),
      mode_(mode),
      machine_(machine),
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
  if (!e.message.empty()) text += ": " + report::printable(e.message);
  line(text);
  if (e.state != TaskState::Failed || e.folder.empty()) return;
  const std::string tail = report::printable(atlas::log_tail(e.folder));
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

// A task that never ran counts as the mean of the others.
double RunView::expected(int task) const {
  double known = history_[static_cast<size_t>(task)].seconds;
  if (known > 0) return known;
  int count = 0;
  for (const auto& history : history_) known += history.seconds, count += history.seconds > 0;
  return count ? known / count : 0;
}

// When the rest will be done, at most once a second: the schedule of what still waits or runs.
void RunView::estimate() {
  constexpr double kTaskDraws = 20'000;
  if (!eta_.empty() && seconds_since(estimated_) < 1) return;
  estimated_ = steady_clock::now();
  const bool known = std::any_of(history_.begin(), history_.end(),
                                 [](const auto& history) { return history.seconds > 0; });
  if (!known) return;
  std::vector<double> left(states_.size());
  for (size_t i = 0; i < left.size(); ++i) left[i] = expected(static_cast<int>(i));
  for (const Running& r : running_) {
    double& seconds = left[static_cast<size_t>(r.task)];
    seconds = std::max(0.0, seconds - seconds_since(r.since));
  }
  atlas::ScheduleOptions options = machine_;
  options.persons = false;
  options.samples =
      static_cast<int>(std::min(200.0, kTaskDraws / static_cast<double>(left.size())));
  options.machine_seconds = [&](int task) { return left[static_cast<size_t>(task)]; };
  options.machine_spread = [&](int task) { return history_[static_cast<size_t>(task)].spread; };
  options.done = [&](int task) {
    const TaskState state = states_[static_cast<size_t>(task)];
    return state != TaskState::Waiting && state != TaskState::Running;
  };
  const atlas::Schedule schedule = make_schedule(graph_, options);
  eta_ = "  ETA " + report::format_duration(schedule.p50);
  if (schedule.p90 > schedule.p50) eta_ += " to " + report::format_duration(schedule.p90);
  path_.clear();
  for (const int task : schedule.critical_path) path_ += (path_.empty() ? "" : " -> ") + name(task);
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
    const double before = history_[static_cast<size_t>(r.task)].seconds;
    show("  " + name(r.task) + "  " + report::format_duration(seconds_since(r.since)) +
         (before > 0 ? " of about " + report::format_duration(before) : ""));
  }
  if (running_.size() > kMostLines)
    show("  and " + std::to_string(running_.size() - kMostLines) + " more");
  const auto count = [&](TaskState s) { return std::count(states_.begin(), states_.end(), s); };
  const auto all = static_cast<long>(states_.size()) - count(TaskState::NotNeeded);
  std::string text = std::to_string(count(TaskState::Done) + count(TaskState::Cached)) + "/" +
                     std::to_string(all) + " done, " + std::to_string(count(TaskState::Cached)) +
                     " cached";
  estimate();
  text += eta_;
  show(text);
  if (!path_.empty()) show("critical path: " + path_);
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
