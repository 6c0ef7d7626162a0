// What `lydia atlas run` shows while it runs: on a terminal one line per running task and one for
// the whole, redrawn in place; elsewhere plain lines; with --json one object a line.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lydia/atlas/runner.h"
#include "lydia/atlas/schedule.h"

namespace lydia::cli {

enum class RunViewMode { Terminal, Lines, Json };

class RunView {
 public:
  // `history`: how long tasks took before; `machine`: what they share now.
  RunView(const atlas::PlanGraph& graph, std::vector<atlas::Runner::History> history,
          RunViewMode mode, const atlas::ScheduleOptions& machine);
  ~RunView();

  void event(const atlas::RunEvent& event);
  void finish(const atlas::RunSummary& summary);

 private:
  struct Running {
    int task;
    std::chrono::steady_clock::time_point since;
  };
  void line(const std::string& text);
  void erase();
  void draw();
  void json(const atlas::RunEvent& event) const;
  double expected(int task) const;
  void estimate();
  const std::string& name(int task) const;

  const atlas::PlanGraph& graph_;
  std::vector<atlas::Runner::History> history_;
  RunViewMode mode_;
  atlas::ScheduleOptions machine_;
  bool color_;
  std::vector<atlas::TaskState> states_;
  std::vector<Running> running_;
  std::string eta_, path_;  // of the time of the last estimate()
  std::chrono::steady_clock::time_point estimated_ = {};
  size_t drawn_ = 0;  // lines that the last draw() left on the screen
};

}  // namespace lydia::cli
