// The thread count: read once from the environment, changed by set_num_threads.
#include "lydia/core/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>

#include "lydia/core/error.h"

namespace lydia {
namespace {

// The leading number of `text`, which ends there or at a comma (OpenMP lists one per nest level).
std::optional<int> leading_count(std::string_view text, bool list_allowed) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = end == text.data() + text.size() || (list_allowed && *end == ',');
  if (error != std::errc() || !whole || count < 1 || count > kMaxThreads) return std::nullopt;
  return count;
}

int usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  // Refused on machines with more than CPU_SETSIZE cores.
  const int count = sched_getaffinity(0, sizeof(cores), &cores) == 0
                        ? CPU_COUNT(&cores)
                        : static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(count, 1, kMaxThreads);
}

int default_count() {
  if (const char* own = std::getenv("LYDIA_NUM_THREADS")) {
    const auto count = leading_count(own, false);
    LYDIA_CHECK(count, ValueError, "LYDIA_NUM_THREADS: expected a number from 1 to ", kMaxThreads,
                ", got '", own, "'");
    return *count;
  }
  const char* openmp = std::getenv("OMP_NUM_THREADS");
  const auto count = openmp ? leading_count(openmp, true) : std::nullopt;
  return count ? *count : usable_cores();
}

std::atomic<int>& thread_count() {
  static std::atomic<int> count{default_count()};
  return count;
}

std::atomic<bool> lost{false};

}  // namespace

int get_num_threads() { return thread_count().load(std::memory_order_relaxed); }

void set_num_threads(int count) {
  LYDIA_CHECK(count >= 1 && count <= kMaxThreads, ValueError,
              "set_num_threads: expected a number from 1 to ", kMaxThreads, ", got ", count);
  LYDIA_CHECK(count == 1 || !lost, Error, "set_num_threads: expected 1 in a child of fork(), got ",
              count, "; its parent had started threads. Start the process with spawn instead");
  thread_count().store(count, std::memory_order_relaxed);
}

void lose_threads() {
  lost = true;
  thread_count().store(1, std::memory_order_relaxed);
}

}  // namespace lydia
