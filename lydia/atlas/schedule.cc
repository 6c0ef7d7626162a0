#include "lydia/atlas/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <queue>
#include <unordered_map>

#include "lydia/atlas/journal.h"
#include "lydia/core/philox_stream.h"

namespace lydia::atlas {
namespace {

constexpr double kHoursPerDay = 8;       // of a person who says nothing else
constexpr size_t kMaxDraws = 1'000'000;  // tasks times samples
constexpr size_t kLookAhead = 64;        // ready tasks that may overtake one that does not fit

size_t at(int index) { return static_cast<size_t>(index); }

// Of one person, in seconds of the calendar.
struct Work : Effort {
  int person = -1;
};

// What of a task is still to do.
struct Job {
  bool live = false;
  std::vector<Work> human;
  double machine = 0, spread = 0;
  double cpu = 1;
  int gpu = 0;
  uint64_t mem = 0;
  std::vector<int> locks;
};

double normal(PhiloxStream& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

// Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", 2000; shape >= 1.
double gamma(PhiloxStream& random, double shape) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal(random), v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double u = 1 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

// The beta distribution on [optimistic, pessimistic] whose mean is PERT's.
double draw(PhiloxStream& random, const Work& work) {
  const double span = work.pessimistic - work.optimistic;
  if (span <= 0) return work.likely;
  const double a = gamma(random, 1 + 4 * (work.likely - work.optimistic) / span);
  const double b = gamma(random, 1 + 4 * (work.pessimistic - work.likely) / span);
  return work.optimistic + span * a / (a + b);
}

// One run of the plan on the calendar.
class Simulation {
 public:
  Simulation(const PlanGraph& graph, const std::vector<Job>& jobs, const std::vector<double>& rank,
             int persons, int locks, const ScheduleOptions& options)
      : graph_(graph),
        jobs_(jobs),
        rank_(rank),
        queues_(at(persons)),
        busy_(at(persons), false),
        last_of_person_(at(persons), -1),
        lock_taken_(at(locks), false),
        cpu_(options.cpu),
        gpu_(options.gpu),
        mem_(options.mem),
        all_cpu_(cpu_),
        all_gpu_(gpu_),
        all_mem_(mem_) {
    const size_t count = jobs.size();
    waits_.assign(count, 0);
    parts_left_.assign(count, 0);
    ready_at_.assign(count, 0);
    start.assign(count, 0);
    finish.assign(count, 0);
    cause.assign(count, -1);
  }

  // `human(task, part)` gives the calendar seconds of one person's part, `human(task, -1)` those of
  // the machine.
  template <class Human>
  double run(Human human) {
    for (int task = 0; task < graph_.size(); ++task) {
      if (!jobs_[at(task)].live) continue;
      for (const int before : graph_.previous(task)) waits_[at(task)] += jobs_[at(before)].live;
    }
    for (int task = 0; task < graph_.size(); ++task) {
      if (jobs_[at(task)].live && waits_[at(task)] == 0) begin(task, human);
    }
    dispatch(human);
    double end = 0;
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.part < 0) {
        complete(event.task, human);
        end = now_;
      } else {
        finish_part(event);
      }
      const bool more_now = !events_.empty() && events_.top().time == now_;
      if (!more_now) dispatch(human);
    }
    return end;
  }

  std::vector<double> start, finish;
  std::vector<int> cause;  // the task whose end let this one begin; -1: nothing

 private:
  struct Event {
    double time;
    int task, part;  // part -1: the machine's
    bool operator>(const Event& other) const {
      return std::tie(time, task, part) > std::tie(other.time, other.task, other.part);
    }
  };
  struct Ready {
    double rank;
    int task, part;
    bool operator<(const Ready& other) const {
      return rank != other.rank ? rank < other.rank : task > other.task;
    }
  };

  template <class Human>
  void begin(int task, Human&) {
    const Job& job = jobs_[at(task)];
    start[at(task)] = std::numeric_limits<double>::infinity();
    ready_at_[at(task)] = now_;
    parts_left_[at(task)] = static_cast<int>(job.human.size());
    for (size_t part = 0; part < job.human.size(); ++part) {
      queues_[at(job.human[part].person)].push({rank_[at(task)], task, static_cast<int>(part)});
    }
    if (job.human.empty()) ready_.push({rank_[at(task)], task, -1});
  }

  void note_start(int task, int because) {
    if (start[at(task)] <= now_) return;
    start[at(task)] = now_;
    if (because >= 0 && now_ > ready_at_[at(task)]) cause[at(task)] = because;  // it waited
  }

  // Gives idle persons and machines what comes first by rank.
  template <class Human>
  void dispatch(Human& human) {
    for (size_t person = 0; person < queues_.size(); ++person) {
      if (busy_[person] || queues_[person].empty()) continue;
      const Ready next = queues_[person].top();
      queues_[person].pop();
      busy_[person] = true;
      note_start(next.task, last_of_person_[person]);
      last_of_person_[person] = next.task;
      const double seconds = human(next.task, next.part);
      events_.push({now_ + seconds, next.task, next.part});
    }
    std::vector<Ready> passed;
    while (!ready_.empty() && passed.size() < kLookAhead) {
      const Ready next = ready_.top();
      ready_.pop();
      if (fits(jobs_[at(next.task)])) {
        take(jobs_[at(next.task)], 1);
        note_start(next.task, last_of_machine_);
        events_.push({now_ + human(next.task, -1), next.task, -1});
      } else {
        passed.push_back(next);
      }
    }
    for (const Ready& ready : passed) ready_.push(ready);
  }

  void finish_part(const Event& event) {
    const Job& job = jobs_[at(event.task)];
    busy_[at(job.human[at(event.part)].person)] = false;
    if (--parts_left_[at(event.task)] == 0) ready_.push({rank_[at(event.task)], event.task, -1});
  }

  template <class Human>
  void complete(int task, Human& human) {
    take(jobs_[at(task)], -1);
    finish[at(task)] = now_;
    if (jobs_[at(task)].machine > 0) last_of_machine_ = task;
    for (const int to : graph_.next(task)) {
      if (!jobs_[at(to)].live || --waits_[at(to)] > 0) continue;
      cause[at(to)] = task;
      begin(to, human);
    }
  }

  // A need beyond all there is waits for all there is.
  bool fits(const Job& job) const {
    for (const int lock : job.locks) {
      if (lock_taken_[at(lock)]) return false;
    }
    return std::min(job.cpu, all_cpu_) <= cpu_ && std::min(job.gpu, all_gpu_) <= gpu_ &&
           std::min(job.mem, all_mem_) <= mem_;
  }

  void take(const Job& job, int sign) {
    cpu_ -= sign * std::min(job.cpu, all_cpu_);
    gpu_ -= sign * std::min(job.gpu, all_gpu_);
    const uint64_t mem = std::min(job.mem, all_mem_);
    mem_ = sign > 0 ? mem_ - mem : mem_ + mem;
    for (const int lock : job.locks) lock_taken_[at(lock)] = sign > 0;
  }

  const PlanGraph& graph_;
  const std::vector<Job>& jobs_;
  const std::vector<double>& rank_;
  std::vector<std::priority_queue<Ready>> queues_;
  std::priority_queue<Ready> ready_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<bool> busy_;
  std::vector<int> last_of_person_, waits_, parts_left_;
  std::vector<double> ready_at_;
  std::vector<bool> lock_taken_;
  int last_of_machine_ = -1;
  double now_ = 0, cpu_;
  int gpu_;
  uint64_t mem_;
  const double all_cpu_;
  const int all_gpu_;
  const uint64_t all_mem_;
};

class Scheduler {
 public:
  Scheduler(const PlanGraph& graph, const ScheduleOptions& options)
      : graph_(graph), options_(options), order_(graph.order()) {
    read_persons();
    read_jobs();
  }

  Schedule run() {
    measure();
    simulate();
    spread();
    return std::move(out_);
  }

 private:
  void read_persons() {
    for (const auto& [id, persona] : graph_.plan().personas) {
      persons_.emplace(*id, static_cast<int>(out_.persons.size()));
      PersonLoad load;
      load.persona = *id;
      for (const Calibration& known : options_.calibration)
        if (known.persona == *id) load.factor = known.factor, load.finished = known.tasks;
      stretch_.push_back(24 / hours_per_day(persona));
      factor_.push_back(load.factor);
      out_.persons.push_back(std::move(load));
    }
  }

  void read_jobs() {
    jobs_.resize(at(graph_.size()));
    for (const int task : order_) {
      Job& job = jobs_[at(task)];
      if (options_.done && options_.done(task)) continue;
      job.live = true;
      const Task& said = graph_.plan().tasks[at(task)];
      const double machine = options_.machine_seconds ? options_.machine_seconds(task) : 0;
      job.machine = std::isfinite(machine) && machine > 0 ? machine : 0;
      const double spread = options_.machine_spread ? options_.machine_spread(task) : 0;
      job.spread = std::isfinite(spread) && spread > 0 ? spread : 0;
      if (options_.persons) read_efforts(said, job);
      if (job.machine == 0 && said.effort.empty()) ++out_.unknown;
      if (!said.needs) continue;
      job.cpu = said.needs->cpu;
      job.gpu = said.needs->gpu;
      job.mem = said.needs->mem;
      for (const Text& lock : said.needs->locks) {
        const int index = locks_.emplace(*lock, static_cast<int>(locks_.size())).first->second;
        const bool known = std::find(job.locks.begin(), job.locks.end(), index) != job.locks.end();
        if (!known) job.locks.push_back(index);
      }
    }
  }

  void read_efforts(const Task& said, Job& job) {
    for (const auto& [persona, effort] : said.effort) {
      const auto found = persons_.find(*persona);
      if (found == persons_.end()) continue;  // a finding of the check
      const size_t person = at(found->second);
      const double scale = stretch_[person] * factor_[person];
      const Work work = {
          {effort.optimistic * scale, effort.likely * scale, effort.pessimistic * scale, {}},
          found->second};
      job.human.push_back(work);
      PersonLoad& load = out_.persons[person];
      load.work += work.mean() / stretch_[person];
      load.calendar += work.mean();
      ++load.tasks;
    }
  }

  // Durations, upward ranks and slack, without waiting for persons or machines.
  void measure() {
    out_.tasks.resize(jobs_.size());
    std::vector<double> head(jobs_.size(), 0);
    double longest = 0;
    for (size_t i = order_.size(); i-- > 0;) {
      const int task = order_[i];
      if (!jobs_[at(task)].live) continue;
      TaskTimes& times = out_.tasks[at(task)];
      for (const Work& work : jobs_[at(task)].human)
        times.human = std::max(times.human, work.mean());
      times.machine = jobs_[at(task)].machine;
      double tail = 0;
      for (const int to : graph_.next(task)) tail = std::max(tail, out_.tasks[at(to)].rank);
      times.rank = times.human + times.machine + tail;
      longest = std::max(longest, times.rank);
    }
    for (const int task : order_) {
      const TaskTimes& times = out_.tasks[at(task)];
      const double end = head[at(task)] + times.human + times.machine;
      for (const int to : graph_.next(task)) head[at(to)] = std::max(head[at(to)], end);
    }
    for (const int task : order_) {
      if (!jobs_[at(task)].live) continue;
      out_.tasks[at(task)].slack = longest - head[at(task)] - out_.tasks[at(task)].rank;
    }
    for (const TaskTimes& times : out_.tasks) ranks_.push_back(times.rank);
  }

  Simulation simulation() const {
    return Simulation(graph_, jobs_, ranks_, static_cast<int>(out_.persons.size()),
                      static_cast<int>(locks_.size()), options_);
  }

  void simulate() {
    Simulation run = simulation();
    out_.finish = run.run([&](int task, int part) {
      const Job& job = jobs_[at(task)];
      return part < 0 ? job.machine : job.human[at(part)].mean();
    });
    int last = -1;
    for (const int task : order_) {
      if (!jobs_[at(task)].live) continue;
      out_.tasks[at(task)].start = run.start[at(task)];
      out_.tasks[at(task)].finish = run.finish[at(task)];
      if (last < 0 || run.finish[at(task)] > run.finish[at(last)]) last = task;
    }
    for (; last >= 0; last = run.cause[at(last)]) {
      out_.critical_path.push_back(last);
      out_.tasks[at(last)].critical = true;
      double longest = 0, variance = 0;
      for (const Work& work : jobs_[at(last)].human) {
        const double deviation = (work.pessimistic - work.optimistic) / 6;
        if (work.mean() >= longest) longest = work.mean(), variance = deviation * deviation;
      }
      out_.variance += variance;
    }
    std::reverse(out_.critical_path.begin(), out_.critical_path.end());
  }

  void spread() {
    out_.p50 = out_.p90 = out_.finish;
    const size_t live = std::max<size_t>(1, order_.size());
    const size_t samples =
        std::min(static_cast<size_t>(std::max(0, options_.samples)), kMaxDraws / live);
    if (samples < 2) return;
    std::vector<double> finishes;
    for (size_t sample = 0; sample < samples; ++sample) {
      PhiloxStream random(options_.seed, sample);
      Simulation run = simulation();
      finishes.push_back(run.run([&](int task, int part) {
        const Job& job = jobs_[at(task)];
        if (part >= 0) return draw(random, job.human[at(part)]);
        return job.spread > 0 ? job.machine * std::exp(job.spread * normal(random)) : job.machine;
      }));
    }
    std::sort(finishes.begin(), finishes.end());
    out_.p50 = finishes[(finishes.size() - 1) / 2];
    out_.p90 = finishes[(finishes.size() - 1) * 9 / 10];
  }

  const PlanGraph& graph_;
  const ScheduleOptions& options_;
  const std::vector<int> order_;
  std::unordered_map<std::string_view, int> persons_, locks_;
  std::vector<double> stretch_, factor_;  // by person: calendar per work, work per estimate
  std::vector<Job> jobs_;
  std::vector<double> ranks_;
  Schedule out_;
};

}  // namespace

double hours_per_day(const Persona& persona) {
  return persona.hours_per_day && **persona.hours_per_day > 0 ? **persona.hours_per_day
                                                              : kHoursPerDay;
}

std::vector<Calibration> calibrate(const std::vector<FinishedEffort>& efforts) {
  std::map<std::string, std::vector<double>> ratios;
  for (const FinishedEffort& e : efforts)
    if (e.estimate > 0) ratios[e.persona].push_back(std::clamp(e.actual / e.estimate, 0.1, 10.0));
  std::vector<Calibration> out;
  for (auto& [persona, all] : ratios) {
    std::sort(all.begin(), all.end());
    const size_t half = all.size() / 2;
    const double median = all.size() % 2 ? all[half] : (all[half - 1] + all[half]) / 2;
    out.push_back({persona, median, static_cast<int>(all.size())});
  }
  return out;
}

Schedule make_schedule(const PlanGraph& graph, const ScheduleOptions& options) {
  return Scheduler(graph, options).run();
}

}  // namespace lydia::atlas
