// Worker threads that make the batches of one epoch ahead of their consumer, in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lydia/train/batch_source.h"

namespace lydia::train {

class Prefetcher {
 public:
  // At most workers * prefetch batches wait for the consumer. Without workers, next() makes them.
  Prefetcher(std::unique_ptr<BatchSource> source, int workers, int prefetch);
  ~Prefetcher();  // ends the workers; batches in the making are thrown away
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  // The next batch, nothing at the end of the epoch. Throws what making it has thrown.
  std::optional<Made> next();

 private:
  struct Slot {
    Made made;
    std::exception_ptr error;
  };

  void work();
  // A piece of work, or the error that taking it gave, which ends the epoch.
  struct Task {
    int64_t number;
    Work work;
    std::exception_ptr error;
  };
  // Takes the next piece, in order; nothing when there is no more to do.
  std::optional<Task> take();
  Slot make(Task task) const;
  bool ended() const { return end_ && consumed_ >= *end_; }

  std::unique_ptr<BatchSource> source_;
  const int64_t window_;  // how many batches may be ahead of the consumer

  std::mutex taking_;  // held while work is taken, so that numbers follow the order of the source
  std::mutex mutex_;   // guards what follows
  std::condition_variable room_, ready_;
  std::map<int64_t, Slot> slots_;
  int64_t taken_ = 0, consumed_ = 0;
  std::optional<int64_t> end_;  // how many batches there are, once that is known
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace lydia::train
