// What the workers of a DataLoader work on: the batches of one epoch, handed out in order, and how
// each is made.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lydia/io/corrupt.h"
#include "lydia/train/data_loader.h"

namespace lydia::train {

// A batch still to be made.
struct Work {
  std::vector<int64_t> indices;   // of a Dataset; the number in the stream otherwise
  std::vector<Example> examples;  // of a stream: already read
  std::vector<io::CorruptRecord> corrupt;
};

struct Made {
  Batch batch;
  int64_t examples = 0;
  std::vector<io::CorruptRecord> corrupt;
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  // The next batch of the epoch; false at its end. Called by one thread at a time.
  virtual bool take(Work& work) = 0;
  // Called from several threads at once.
  virtual Made make(Work work) const = 0;
};

// Both begin behind the first `position` batches of the epoch.
std::unique_ptr<BatchSource> map_source(DatasetPtr dataset, const BatchPlan* plan, int64_t epoch,
                                        int64_t position, const LoaderOptions& options);
std::unique_ptr<BatchSource> stream_source(const IterableDataset& dataset, int64_t batch_size,
                                           bool drop_last, int64_t epoch, int64_t position,
                                           const LoaderOptions& options);

}  // namespace lydia::train
