// The thread pool behind parallel_for: OpenMP's, which spins while it waits. Where other programs
// hold the cores, a region then lasts as long as its slowest thread stays off its core, some
// milliseconds; such regions run on the calling thread for a while instead.
#include "lydia/cpu/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>

namespace lydia {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Whether the cores are taken, judged by how long a caller waited for the others. Races between
// callers only blur the judgement.
class Contention {
 public:
  bool serial(Clock::time_point now) const {
    return now.time_since_epoch().count() < serial_until_.load(std::memory_order_relaxed);
  }

  // A region in which the caller worked from `begin` to `done` and waited until `end`.
  void record(Clock::time_point begin, Clock::time_point done, Clock::time_point end) {
    if (end - done < milliseconds(1) || end - done < 4 * (done - begin)) return;
    const Clock::duration last(serial_until_.load(std::memory_order_relaxed));
    const bool again = end.time_since_epoch() - last < milliseconds(100);
    const int pause = again ? std::min(2 * pause_ms_.load(std::memory_order_relaxed), 400) : 25;
    pause_ms_.store(pause, std::memory_order_relaxed);
    serial_until_.store((end + milliseconds(pause)).time_since_epoch().count(),
                        std::memory_order_relaxed);
  }

 private:
  std::atomic<Clock::rep> serial_until_{0};
  std::atomic<int> pause_ms_{0};
};

Contention contention;

// A region that runs on the calling thread alone is one all the same: loops inside it don't split.
thread_local bool in_serial_region = false;

struct SerialRegion {
  SerialRegion() { in_serial_region = true; }
  ~SerialRegion() { in_serial_region = false; }
};

void in_child() {
  lose_threads();
  omp_set_num_threads(1);
}

}  // namespace

void prepare_for_fork() {
  [[maybe_unused]] static const int done = pthread_atfork(nullptr, nullptr, in_child);
}

bool in_parallel_region() { return in_serial_region || omp_in_parallel() != 0; }

void run_parts(int parts, void (*body)(void* context, int part), void* context) {
  const Clock::time_point begin = Clock::now();
  if (contention.serial(begin)) {
    const SerialRegion region;
    for (int part = 0; part < parts; ++part) body(context, part);
    return;
  }
  prepare_for_fork();
  std::atomic_flag failed;
  std::exception_ptr error;
  Clock::time_point done;
#pragma omp parallel num_threads(parts)
  {
    // OpenMP may grant fewer threads than asked for.
    const int step = omp_get_num_threads(), first = omp_get_thread_num();
    for (int part = first; part < parts; part += step) {
      try {
        body(context, part);
      } catch (...) {
        if (!failed.test_and_set()) error = std::current_exception();
      }
    }
    if (first == 0) done = Clock::now();
  }
  contention.record(begin, done, Clock::now());
  if (error) std::rethrow_exception(error);
}

}  // namespace lydia
