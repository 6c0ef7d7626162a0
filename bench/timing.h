// How the small single-threaded C++ benchmarks measure.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace lydia::bench {

// Nanoseconds per call of `f`: the median of seven timings of at least two milliseconds each, in
// CPU time of this thread, which other programs on the machine disturb less than the clock on the
// wall.
template <class F>
double time_ns(const F& f) {
  const auto now = [] {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  const auto run = [&](int64_t calls) {
    const double start = now();
    for (int64_t i = 0; i < calls; ++i) f();
    return now() - start;
  };
  f();
  int64_t calls = 1;
  while (run(calls) < 2e6) calls *= 2;
  double samples[7];
  for (double& sample : samples) sample = run(calls) / static_cast<double>(calls);
  std::sort(std::begin(samples), std::end(samples));
  return samples[3];
}

}  // namespace lydia::bench
