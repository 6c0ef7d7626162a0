// What a run knows while it goes on: runner.cc chooses and starts tasks, run_results.cc takes what
// they made.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lydia/atlas/attempt.h"
#include "lydia/atlas/resources.h"
#include "lydia/atlas/runner.h"
#include "lydia/atlas/signal_scope.h"
#include "lydia/io/file_descriptor.h"

namespace lydia::atlas {

struct Runner::State {
  struct Job {
    int task;
    Attempt attempt;
    io::FileDescriptor lock;
    std::chrono::steady_clock::time_point begin;
  };

  const PlanGraph& graph;
  RunOptions options;
  std::function<void(const RunEvent&)> observe;
  Resolver resolver;
  LicenceReport licences;
  RunSummary summary;
  std::vector<bool> target;
  std::vector<int> open;      // by task: how many it waits for
  std::vector<int> attempts;  // by task, of this run
  std::vector<double> rank;
  std::set<std::pair<double, int>> ready;  // (-rank, task): the most urgent first
  std::deque<int> due;                     // nothing is left that they wait for
  std::map<int, Resolver::Lookup> found;   // of tasks that are ready, elsewhere or running
  std::set<int> elsewhere;                 // locked by another process
  std::map<pid_t, Job> running;
  Resources free;
  bool stopping = false;

  State(const PlanGraph& g, RunOptions o, std::function<void(const RunEvent&)> see)
      : graph(g),
        options(std::move(o)),
        observe(std::move(see)),
        resolver(g, Resolver::Access::Write, options.store) {
    if (options.cpu <= 0) options.cpu = std::max(1u, std::thread::hardware_concurrency());
    if (options.mem == 0)
      options.mem = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                    static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }

  const Task& task_at(int i) const { return graph.plan().tasks[static_cast<size_t>(i)]; }
  TaskState& state_of(int i) { return summary.states[static_cast<size_t>(i)]; }
  bool needed(int i) { return state_of(i) != TaskState::NotNeeded; }

  void tell(int task, TaskState state, std::string message = "", double seconds = 0,
            std::string folder = "") {
    if (task >= 0) state_of(task) = state;
    if (observe)
      observe({task, state, task >= 0 ? attempts[static_cast<size_t>(task)] : 0, seconds,
               std::move(message), std::move(folder)});
  }

  void select();
  void plan_order();
  void check_needs(int task) const;
  bool step(const SignalScope& signals);
  void consider(int task);
  void unblock(int task);
  void consider_due();
  void give_up(int task, TaskState state, const std::string& message, double seconds = 0,
               const std::string& folder = "");
  void skip_behind(int task);
  void launch();
  void start(int task);
  bool adopt(int task);
  void keep(int task, Attempt attempt, const AttemptRecord& record);
  void end(const Attempt& attempt);
  bool cached(int task, const ActionRecord& action);
  void reap();
  void ended(Job job);
  void look_elsewhere();
  void stop();
  io::FileDescriptor lock(const std::string& key) const;
};

}  // namespace lydia::atlas
