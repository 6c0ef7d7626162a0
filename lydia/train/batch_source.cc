#include "lydia/train/batch_source.h"

#include <exception>

namespace lydia::train {
namespace {

// Throws the current exception again with the record's place in front, in the same type.
[[noreturn]] void rethrow_at(const std::string& where) {
  const auto text = [&](const std::exception& error) { return where + ": " + error.what(); };
  try {
    throw;
  } catch (const io::CorruptRecord&) {
    throw;  // names its place itself
  } catch (const ValueError& error) {
    throw ValueError(text(error));
  } catch (const TypeError& error) {
    throw TypeError(text(error));
  } catch (const IndexError& error) {
    throw IndexError(text(error));
  } catch (const OutOfMemoryError& error) {
    throw OutOfMemoryError(text(error));
  } catch (const NotImplementedError& error) {
    throw NotImplementedError(text(error));
  } catch (const IoError& error) {
    throw IoError(text(error));
  } catch (const std::exception& error) {
    throw Error(text(error));
  }
}

// Example `index` of epoch `epoch` has the random stream (seed, epoch, index): the seed and the
// epoch give a key of their own.
PhiloxStream example_stream(uint64_t seed, int64_t epoch, int64_t index) {
  return PhiloxStream(PhiloxStream(seed, ~static_cast<uint64_t>(epoch)).next64(),
                      static_cast<uint64_t>(index));
}

class Source : public BatchSource {
 public:
  Source(int64_t epoch, const LoaderOptions& options) : epoch_(epoch), options_(options) {}

 protected:
  Example transformed(Example example, int64_t index) const {
    if (!options_.transform) return example;
    PhiloxStream random = example_stream(options_.seed, epoch_, index);
    return options_.transform(std::move(example), random);
  }
  // Keeps the broken record for the consumer's log, or stops.
  void keep(std::vector<io::CorruptRecord>& kept, const io::CorruptRecord& record) const {
    if (options_.on_corrupt == io::OnCorrupt::Stop) throw record;
    kept.push_back(record);
  }
  Made collate(const std::vector<Example>& examples, std::vector<io::CorruptRecord> corrupt) const {
    Made made;
    made.examples = static_cast<int64_t>(examples.size());
    made.corrupt = std::move(corrupt);
    if (!examples.empty()) made.batch = options_.collate(examples);
    return made;
  }

  int64_t epoch_;
  const LoaderOptions& options_;
};

class MapSource final : public Source {
 public:
  MapSource(DatasetPtr dataset, const BatchPlan* plan, int64_t epoch, int64_t position,
            const LoaderOptions& options)
      : Source(epoch, options), dataset_(std::move(dataset)), plan_(plan), next_(position) {}

  bool take(Work& work) override {
    if (next_ >= plan_->size()) return false;
    const auto batch = (*plan_)[next_++];
    work.indices.assign(batch.begin(), batch.end());
    return true;
  }

  Made make(Work work) const override {
    std::vector<Example> examples;
    for (const int64_t index : work.indices) {
      try {
        examples.push_back(transformed(dataset_->get(index), index));
      } catch (const io::CorruptRecord& record) {
        keep(work.corrupt, record);
      } catch (const std::exception&) {
        rethrow_at(index < 0 || index >= dataset_->size() ? "example " + std::to_string(index)
                                                          : dataset_->where(index));
      }
    }
    return collate(examples, std::move(work.corrupt));
  }

 private:
  DatasetPtr dataset_;
  const BatchPlan* plan_;
  int64_t next_;
};

class StreamSource final : public Source {
 public:
  StreamSource(const IterableDataset& dataset, int64_t batch_size, bool drop_last, int64_t epoch,
               int64_t position, const LoaderOptions& options)
      : Source(epoch, options),
        stream_(dataset.stream(epoch)),
        batch_size_(batch_size),
        drop_last_(drop_last),
        number_(position * batch_size) {
    stream_->skip(number_);
  }

  bool take(Work& work) override {
    while (std::ssize(work.examples) < batch_size_) {
      try {
        Example example;
        if (!stream_->next(example)) break;
        work.examples.push_back(std::move(example));
        work.indices.push_back(number_++);
      } catch (const io::CorruptRecord& record) {
        keep(work.corrupt, record);
      } catch (const std::exception&) {
        rethrow_at("example " + std::to_string(number_));
      }
    }
    if (std::ssize(work.examples) == batch_size_) return true;
    // Broken records at the very end are still to be counted.
    if (drop_last_) work.examples.clear();
    return !work.examples.empty() || !work.corrupt.empty();
  }

  Made make(Work work) const override {
    for (size_t i = 0; i < work.examples.size(); ++i) {
      try {
        work.examples[i] = transformed(std::move(work.examples[i]), work.indices[i]);
      } catch (const io::CorruptRecord&) {
        throw;
      } catch (const std::exception&) {
        rethrow_at("example " + std::to_string(work.indices[i]));
      }
    }
    return collate(work.examples, std::move(work.corrupt));
  }

 private:
  std::unique_ptr<ExampleStream> stream_;
  int64_t batch_size_;
  bool drop_last_;
  int64_t number_;  // of the next example
};

}  // namespace

std::unique_ptr<BatchSource> map_source(DatasetPtr dataset, const BatchPlan* plan, int64_t epoch,
                                        int64_t position, const LoaderOptions& options) {
  return std::make_unique<MapSource>(std::move(dataset), plan, epoch, position, options);
}

std::unique_ptr<BatchSource> stream_source(const IterableDataset& dataset, int64_t batch_size,
                                           bool drop_last, int64_t epoch, int64_t position,
                                           const LoaderOptions& options) {
  return std::make_unique<StreamSource>(dataset, batch_size, drop_last, epoch, position, options);
}

}  // namespace lydia::train
