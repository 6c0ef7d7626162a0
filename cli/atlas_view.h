// What `lydia atlas run` shows while it runs: on a terminal one line per running task and one for
// the whole, redrawn in place; elsewhere plain lines; with --json one object a line.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lydia/atlas/runner.h"

namespace lydia::cli {

enum class RunViewMode { Terminal, Lines, Json };

class RunView {
 public:
  // `expected`: seconds that tasks took before, by index; 0 where that is not known.
  RunView(const atlas::PlanGraph& graph, std::vector<double> expected, RunViewMode mode,
          double parallel);
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
  double seconds_left() const;
  const std::string& name(int task) const;

  const atlas::PlanGraph& graph_;
  std::vector<double> expected_;
  RunViewMode mode_;
  double parallel_;
  bool color_;
  std::vector<atlas::TaskState> states_;
  std::vector<Running> running_;
  size_t drawn_ = 0;  // lines that the last draw() left on the screen
};

}  // namespace lydia::cli
