// Loops over several threads. OpenMP stays behind this header (parallel.cc).
#pragma once

#include <algorithm>
#include <cstdint>

#include "lydia/core/threads.h"

namespace lydia {

// Elements of cheap elementwise work below which waking another thread does not pay.
inline constexpr int64_t kGrain = 32768;

// True on a thread that already runs inside a parallel loop, which then stays serial.
bool in_parallel_region();

// Runs body(context, 0..parts-1), each on its own thread where there are enough, and waits. The
// first exception thrown by a part is rethrown here.
void run_parts(int parts, void (*body)(void* context, int part), void* context);

// Before the first OpenMP region: makes children of fork() run on one thread (GNU's OpenMP would
// wait there for threads that no longer exist).
void prepare_for_fork();

// Into how many parts parallel_for would cut `size` items.
inline int parallel_parts(int64_t size, int64_t grain) {
  if (size <= std::max<int64_t>(grain, 1)) return 1;
  const int threads = get_num_threads();
  if (threads == 1 || in_parallel_region()) return 1;
  const int64_t most = (size - 1) / std::max<int64_t>(grain, 1) + 1;
  return static_cast<int>(std::min<int64_t>(threads, most));
}

// Calls f(first, last) on contiguous pieces that cover [begin, end), one piece per thread and none
// empty; serially as f(begin, end) when the range is no larger than `grain`.
template <class F>
void parallel_for(int64_t begin, int64_t end, int64_t grain, F&& f) {
  if (begin >= end) return;
  const int64_t size = end - begin;
  const int parts = parallel_parts(size, grain);
  if (parts == 1) {
    f(begin, end);
    return;
  }
  auto piece = [&](int part) {
    // The first size % parts pieces hold one item more.
    const int64_t base = size / parts, extra = size % parts;
    const int64_t first = begin + part * base + std::min<int64_t>(part, extra);
    f(first, first + base + (part < extra));
  };
  run_parts(
      parts, [](void* context, int part) { (*static_cast<decltype(piece)*>(context))(part); },
      &piece);
}

}  // namespace lydia
