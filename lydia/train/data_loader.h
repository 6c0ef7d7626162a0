// Batches of a dataset, made ahead by worker threads.
//
//   DataLoader loader(dataset, batches, {.workers = 2});
//   for (const Batch& batch : loader) ...            // one epoch
//
// Batches come in the same order, with the same contents, whatever the number of workers. state()
// says where the consumer is (not how far the workers have read ahead); a new loader of the same
// data that gets it with load_state() goes on with the very next batch.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lydia/io/corrupt.h"
#include "lydia/train/batch_sampler.h"
#include "lydia/train/collate.h"
#include "lydia/train/dataset.h"

namespace lydia::train {

// Changes one example on its way into a batch (tokenising, augmentation). Its random numbers
// depend on the loader's seed, the epoch and the example alone.
using Transform = std::function<Example(Example, PhiloxStream&)>;

struct LoaderOptions {
  int workers = 0;   // threads; 0 makes each batch when it is asked for
  int prefetch = 2;  // batches made ahead by each worker, at most
  Collate collate = stack_examples;
  Transform transform = nullptr;  // called from several threads at once
  uint64_t seed = 0;
  // Skip: a batch goes without its broken records; one without any left is left out.
  io::OnCorrupt on_corrupt = io::OnCorrupt::Stop;
};

// Small named numbers, for a checkpoint.
using LoaderState = std::map<std::string, int64_t>;

class DataLoader {
 public:
  DataLoader(DatasetPtr dataset, BatchSamplerPtr batches, LoaderOptions options = {});
  // In the stream's own order, `batch_size` examples at a time.
  DataLoader(IterableDatasetPtr dataset, int64_t batch_size, LoaderOptions options = {},
             bool drop_last = false);
  ~DataLoader();  // stops the workers
  DataLoader(DataLoader&&) noexcept;
  DataLoader& operator=(DataLoader&&) noexcept;

  // The next batch of this epoch; nothing at its end. The call after that begins the next epoch.
  // An error in a worker is thrown here, at the batch it belongs to; it names the record.
  std::optional<Batch> next();
  // Batches in the current epoch. NotImplementedError for an iterable dataset.
  int64_t batches_in_epoch() const;

  int64_t epoch() const;
  // How many batches of this epoch have been taken.
  int64_t position() const;
  // Goes to the start of an epoch.
  void set_epoch(int64_t epoch);

  LoaderState state() const;
  // ValueError for the state of a loader of other data.
  void load_state(const LoaderState& state);

  // How long next() has made its callers wait, in seconds, since the loader was made.
  double wait_seconds() const;
  // The broken records met so far, in the order of the batches.
  const io::CorruptLog& corrupt() const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = const Batch*;
    using reference = const Batch&;

    explicit Iterator(DataLoader* loader = nullptr) : loader_(loader) {
      if (loader_) ++*this;
    }
    const Batch& operator*() const { return *batch_; }
    const Batch* operator->() const { return &*batch_; }
    Iterator& operator++() {
      batch_ = loader_->next();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !batch_; }

   private:
    DataLoader* loader_;
    std::optional<Batch> batch_;
  };
  // The rest of the current epoch.
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() { return {}; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lydia::train
