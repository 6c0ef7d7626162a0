// What a run may use at once, and what of it is free.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "lydia/atlas/plan.h"

namespace lydia::atlas {

class Resources {
 public:
  Resources() = default;
  Resources(double cpu, uint64_t mem, int gpu) : cpu_(cpu), mem_(mem), gpu_(gpu) {}

  bool fits(const Task& task) const {
    const Needs needs = task.needs.value_or(Needs{});
    return needs.cpu <= cpu_ + 1e-9 && needs.mem <= mem_ && needs.gpu <= gpu_ &&
           std::none_of(needs.locks.begin(), needs.locks.end(), [&](const Text& lock) {
             return std::find(held_.begin(), held_.end(), lock.value) != held_.end();
           });
  }

  void take(const Task& task) {
    const Needs needs = task.needs.value_or(Needs{});
    cpu_ -= needs.cpu;
    mem_ -= needs.mem;
    gpu_ -= needs.gpu;
    for (const Text& lock : needs.locks) held_.push_back(lock.value);
  }

  void give_back(const Task& task) {
    const Needs needs = task.needs.value_or(Needs{});
    cpu_ += needs.cpu;
    mem_ += needs.mem;
    gpu_ += needs.gpu;
    for (const Text& lock : needs.locks)
      held_.erase(std::find(held_.begin(), held_.end(), lock.value));
  }

 private:
  double cpu_ = 0;
  uint64_t mem_ = 0;
  int gpu_ = 0;
  std::vector<std::string> held_;  // locks
};

}  // namespace lydia::atlas
