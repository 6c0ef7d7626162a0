#include "lydia/train/data_loader.h"

#include <chrono>

#include "lydia/train/prefetcher.h"

namespace lydia::train {

struct DataLoader::Impl {
  DatasetPtr dataset;
  BatchSamplerPtr batches;
  IterableDatasetPtr iterable;
  int64_t batch_size = 0;
  bool drop_last = false;
  LoaderOptions options;

  std::optional<BatchPlan> plan;           // of this epoch, once it is asked for
  std::unique_ptr<Prefetcher> prefetcher;  // of this epoch, once it has begun
  int64_t epoch = 0, position = 0, examples = 0, broken = 0;
  std::chrono::steady_clock::duration waited{};
  io::CorruptLog corrupt{io::OnCorrupt::Skip};

  const BatchPlan& planned() {
    if (!plan) plan = batches->plan(epoch);
    return *plan;
  }
  void go_to(int64_t new_epoch, int64_t new_position) {
    prefetcher.reset();
    if (new_epoch != epoch) plan.reset();
    epoch = new_epoch;
    position = new_position;
  }
  void begin() {
    auto source = dataset
                      ? map_source(dataset, &planned(), epoch, position, options)
                      : stream_source(*iterable, batch_size, drop_last, epoch, position, options);
    prefetcher = std::make_unique<Prefetcher>(std::move(source), options.workers, options.prefetch);
  }
  std::optional<Batch> next();
  void check() const;
};

void DataLoader::Impl::check() const {
  LYDIA_CHECK(options.workers >= 0 && options.workers <= 1024, ValueError,
              "DataLoader: expected 0 to 1024 workers, got ", options.workers);
  LYDIA_CHECK(options.prefetch >= 1, ValueError,
              "DataLoader: expected a prefetch of at least 1, got ", options.prefetch);
  LYDIA_CHECK(options.collate != nullptr, ValueError, "DataLoader: expected a collate function");
}

std::optional<Batch> DataLoader::Impl::next() {
  if (!prefetcher) begin();
  try {
    while (std::optional<Made> made = prefetcher->next()) {
      ++position;
      examples += made->examples;
      broken += std::ssize(made->corrupt);
      for (const io::CorruptRecord& record : made->corrupt) corrupt.add(record);
      if (made->examples > 0) return std::move(made->batch);
    }
  } catch (...) {
    prefetcher.reset();  // the next call tries the same batch again
    throw;
  }
  go_to(epoch + 1, 0);
  return std::nullopt;
}

DataLoader::DataLoader(DatasetPtr dataset, BatchSamplerPtr batches, LoaderOptions options)
    : impl_(std::make_unique<Impl>()) {
  LYDIA_CHECK(dataset && batches, ValueError, "DataLoader: expected a dataset and a batch sampler");
  impl_->dataset = std::move(dataset);
  impl_->batches = std::move(batches);
  impl_->options = std::move(options);
  impl_->check();
}

DataLoader::DataLoader(IterableDatasetPtr dataset, int64_t batch_size, LoaderOptions options,
                       bool drop_last)
    : impl_(std::make_unique<Impl>()) {
  LYDIA_CHECK(dataset, ValueError, "DataLoader: expected a dataset");
  LYDIA_CHECK(batch_size > 0, ValueError, "DataLoader: expected a batch_size of at least 1, got ",
              batch_size);
  impl_->iterable = std::move(dataset);
  impl_->batch_size = batch_size;
  impl_->drop_last = drop_last;
  impl_->options = std::move(options);
  impl_->check();
}

DataLoader::~DataLoader() = default;
DataLoader::DataLoader(DataLoader&&) noexcept = default;
DataLoader& DataLoader::operator=(DataLoader&&) noexcept = default;

std::optional<Batch> DataLoader::next() {
  const auto start = std::chrono::steady_clock::now();
  std::optional<Batch> batch = impl_->next();
  impl_->waited += std::chrono::steady_clock::now() - start;
  return batch;
}

int64_t DataLoader::batches_in_epoch() const {
  LYDIA_CHECK(impl_->dataset, NotImplementedError,
              "DataLoader: an iterable dataset does not know how many batches it gives");
  return impl_->planned().size();
}

int64_t DataLoader::epoch() const { return impl_->epoch; }
int64_t DataLoader::position() const { return impl_->position; }

void DataLoader::set_epoch(int64_t epoch) {
  LYDIA_CHECK(epoch >= 0, ValueError, "DataLoader: expected an epoch of at least 0, got ", epoch);
  impl_->go_to(epoch, 0);
}

LoaderState DataLoader::state() const {
  LoaderState state{{"epoch", impl_->epoch},
                    {"position", impl_->position},
                    {"examples", impl_->examples},
                    {"broken", impl_->broken}};
  if (impl_->dataset) {
    state["dataset_size"] = impl_->dataset->size();
    state["batches"] = batches_in_epoch();
  } else {
    state["batch_size"] = impl_->batch_size;
  }
  return state;
}

void DataLoader::load_state(const LoaderState& state) {
  const LoaderState own = this->state();
  for (const auto& [name, value] : own) {
    const auto found = state.find(name);
    LYDIA_CHECK(found != state.end() && found->second >= 0, ValueError,
                "DataLoader::load_state: expected a number \"", name, "\" of at least 0");
    const bool fixed = name == "dataset_size" || name == "batch_size";
    LYDIA_CHECK(!fixed || found->second == value, ValueError,
                "DataLoader::load_state: the state is of other data: its ", name, " is ",
                found->second, ", this loader's is ", value);
  }
  const BatchPlan plan = impl_->dataset ? impl_->batches->plan(state.at("epoch")) : BatchPlan();
  LYDIA_CHECK(!impl_->dataset || plan.size() == state.at("batches"), ValueError,
              "DataLoader::load_state: the state is of other batches: its epoch has ",
              state.at("batches"), ", this loader's ", plan.size());
  LYDIA_CHECK(!impl_->dataset || state.at("position") <= plan.size(), ValueError,
              "DataLoader::load_state: expected a position up to ", plan.size(), ", got ",
              state.at("position"));
  impl_->go_to(state.at("epoch"), state.at("position"));
  impl_->examples = state.at("examples");
  impl_->broken = state.at("broken");
}

double DataLoader::wait_seconds() const {
  return std::chrono::duration<double>(impl_->waited).count();
}

const io::CorruptLog& DataLoader::corrupt() const { return impl_->corrupt; }

}  // namespace lydia::train
