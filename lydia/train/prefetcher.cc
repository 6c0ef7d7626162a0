#include "lydia/train/prefetcher.h"

#include <algorithm>

namespace lydia::train {

Prefetcher::Prefetcher(std::unique_ptr<BatchSource> source, int workers, int prefetch)
    : source_(std::move(source)), window_(std::max<int64_t>(int64_t{workers} * prefetch, 1)) {
  try {
    for (int i = 0; i < workers; ++i) threads_.emplace_back(&Prefetcher::work, this);
  } catch (const std::exception&) {
    // The system gives no more threads: those there are will do, as the order does not depend on
    // their number. Without any, next() makes the batches.
  }
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<Prefetcher::Task> Prefetcher::take() {
  const std::lock_guard taking(taking_);
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return stop_ || end_ || taken_ < consumed_ + window_; });
    if (stop_ || end_) return std::nullopt;
  }
  Task task{};
  bool more = true;
  try {
    more = source_->take(task.work);
  } catch (...) {
    task.error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (more) task.number = taken_++;
  if (!more || task.error) {
    end_ = taken_;
    ready_.notify_all();
    room_.notify_all();
  }
  if (!more) return std::nullopt;
  return task;
}

Prefetcher::Slot Prefetcher::make(Task task) const {
  if (task.error) return {Made(), task.error};
  try {
    return {source_->make(std::move(task.work)), nullptr};
  } catch (...) {
    return {Made(), std::current_exception()};
  }
}

void Prefetcher::work() {
  while (std::optional<Task> task = take()) {
    const int64_t number = task->number;
    Slot slot = make(std::move(*task));
    const std::lock_guard lock(mutex_);
    slots_[number] = std::move(slot);
    ready_.notify_all();
  }
}

std::optional<Made> Prefetcher::next() {
  Slot slot;
  if (threads_.empty()) {
    std::optional<Task> task = take();
    if (!task) return std::nullopt;
    slot = make(std::move(*task));
    ++consumed_;
  } else {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return ended() || slots_.contains(consumed_); });
    if (ended()) return std::nullopt;
    slot = std::move(slots_.extract(consumed_).mapped());
    ++consumed_;
    lock.unlock();
    room_.notify_all();
  }
  if (slot.error) std::rethrow_exception(slot.error);
  return std::move(slot.made);
}

}  // namespace lydia::train
