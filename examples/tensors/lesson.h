// What the lessons share: a title, facts that are checked as they are told, and a stopwatch.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "lydia/core/tensor.h"

namespace lesson {

inline void title(const std::string& text) {
  std::cout << "\n" << text << "\n" << std::string(text.size(), '-') << "\n";
}

// Prints the statement and stops the lesson with an error when it is not so.
inline void fact(bool holds, const std::string& statement) {
  std::cout << (holds ? "  ok  " : "  NO  ") << statement << "\n";
  if (!holds) std::exit(1);
}

// The message of the error that `f` throws; an empty string when it throws none.
inline std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const lydia::Error& e) {
    return e.what();
  }
  return "";
}

// The median of several runs, in milliseconds, after one that is not counted.
inline double milliseconds(const std::function<void()>& f, int runs = 7) {
  f();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    f();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// `--quick`: small sizes, as in the tests.
inline bool quick(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--quick") == 0) return true;
  return false;
}

}  // namespace lesson
