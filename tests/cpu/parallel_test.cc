// parallel_for covers its range once, whatever the thread count, and hands exceptions back.
#include "lydia/cpu/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/core/threads.h"

namespace lydia {
namespace {

struct ThreadCount {
  explicit ThreadCount(int count) : before(get_num_threads()) { set_num_threads(count); }
  ~ThreadCount() { set_num_threads(before); }
  int before;
};

TEST_CASE("parallel_for visits every index once") {
  for (int threads : {1, 2, 3, 7}) {
    ThreadCount guard(threads);
    for (int64_t size : {0, 1, 2, 5, 64, 1001}) {
      for (int64_t grain : {0, 1, 3, 64, 5000}) {
        std::vector<std::atomic<int>> seen(size);
        std::atomic<int> pieces{0};
        parallel_for(10, 10 + size, grain, [&](int64_t first, int64_t last) {
          CHECK(first < last);
          ++pieces;
          for (int64_t i = first; i < last; ++i) ++seen[i - 10];
        });
        for (auto& count : seen) CHECK(count == 1);
        CHECK(pieces <= threads);
        if (size > 0 && size <= grain) CHECK(pieces == 1);
      }
    }
  }
}

TEST_CASE("parallel_for inside parallel_for is serial") {
  ThreadCount guard(2);
  std::atomic<int> inner_pieces{0};
  parallel_for(0, 2, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      parallel_for(0, 100, 1, [&](int64_t, int64_t) { ++inner_pieces; });
    }
  });
  CHECK(inner_pieces == 2);
}

TEST_CASE("parallel_for inside parallel_for is serial while other programs hold the cores") {
  ThreadCount guard(2);
  parallel_for(0, 2, 1, [](int64_t first, int64_t) {  // looks as if the second core were taken
    if (first > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  std::atomic<int> inner_pieces{0};
  const auto nested = [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      parallel_for(0, 100, 1, [&](int64_t, int64_t) { ++inner_pieces; });
    }
  };
  parallel_for(0, 2, 1, nested);
  CHECK(inner_pieces == 2);
  const auto throwing = [](int64_t, int64_t) { fail<IndexError>("stop"); };
  CHECK_THROWS_AS(parallel_for(0, 2, 1, throwing), IndexError);
  CHECK_FALSE(in_parallel_region());
}

TEST_CASE("parallel_for rethrows what a worker threw") {
  ThreadCount guard(2);
  const auto throwing = [](int64_t first, int64_t) {
    if (first > 0) fail<IndexError>("piece at ", first);
  };
  CHECK_THROWS_WITH_AS(parallel_for(0, 10, 1, throwing), "piece at 5", IndexError);
}

TEST_CASE("set_num_threads refuses what is no thread count") {
  const int before = get_num_threads();
  CHECK(before >= 1);
  CHECK_THROWS_AS(set_num_threads(0), ValueError);
  CHECK_THROWS_AS(set_num_threads(-3), ValueError);
  CHECK_THROWS_AS(set_num_threads(kMaxThreads + 1), ValueError);
  CHECK(get_num_threads() == before);
}

}  // namespace
}  // namespace lydia
