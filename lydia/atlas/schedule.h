// When a plan may be done: list scheduling by upward rank under persons and machines.
//
// A task is first a person's work (three-point effort, PERT mean (o + 4m + p) / 6, times what that
// person usually takes of an estimate), then the machine's (the median of its history). Persons
// work `hours_per_day`, machines all day; both clocks run on one calendar. A person does one task
// at a time; machine work waits for processors, GPUs, memory and locks. The finish is spread by
// drawing efforts from the beta distribution of the same three points.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/atlas/plan_graph.h"

namespace lydia::atlas {

// How a person's finished tasks compare with their estimates.
struct Calibration {
  std::string persona;
  double factor = 1;  // the median of actual / estimate
  int tasks = 0;
};
struct FinishedEffort;
// By persona, in order of id. Single tasks that took less than a tenth or more than ten times their
// estimate count as that: somebody closed them late, or had begun before.
std::vector<Calibration> calibrate(const std::vector<FinishedEffort>& efforts);

// Of a person who says nothing, eight.
double hours_per_day(const Persona& persona);

struct ScheduleOptions {
  // Seconds the machine takes for a task; 0 or nothing when no history says.
  std::function<double(int task)> machine_seconds;
  // How these seconds vary: the standard deviation of their logarithm.
  std::function<double(int task)> machine_spread;
  bool persons = true;  // false: of a run, whose persons' work is behind it
  // Tasks that need nothing any more.
  std::function<bool(int task)> done;
  // What people took, divided by their estimates, where finished tasks say.
  std::vector<Calibration> calibration;
  double cpu = 1;
  int gpu = 0;
  uint64_t mem = UINT64_MAX;
  int samples = 1000;  // fewer for plans of many thousand tasks
  uint64_t seed = 1;
};

// Times in seconds of the calendar from now on.
struct TaskTimes {
  double human = 0, machine = 0;  // calendar seconds of each kind of work
  double rank = 0;                // the longest way from its start to the plan's end
  double start = 0, finish = 0;
  double slack = 0;  // how much later it may finish; nothing waits for persons here
  bool critical = false;
};

struct PersonLoad {
  std::string persona;
  double work = 0;      // hours of work, in seconds
  double calendar = 0;  // on the calendar
  int tasks = 0;
  double factor = 1;  // work per estimate, of finished tasks
  int finished = 0;   // tasks that this is known from
};

struct Schedule {
  std::vector<TaskTimes> tasks;     // by index; all zero for what is done or not chosen
  std::vector<int> critical_path;   // what the finish waited for, first task first
  std::vector<PersonLoad> persons;  // in the plan's order
  double finish = 0, p50 = 0, p90 = 0;
  double variance = 0;  // of the critical path's human work, calendar seconds squared
  int unknown = 0;      // tasks without effort and without history
};

// `graph` must have no cycle; tasks on one are left out.
Schedule make_schedule(const PlanGraph& graph, const ScheduleOptions& options = {});

}  // namespace lydia::atlas
