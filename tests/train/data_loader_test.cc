// The loader: order, resuming, errors and shut-down must not depend on its workers.
#include "lydia/train/data_loader.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace lydia::train {
namespace {

Tensor number(int64_t value) {
  const Tensor tensor = empty({}, DType::I64);
  *tensor.data<int64_t>() = value;
  return tensor;
}

std::vector<int64_t> numbers(const Tensor& tensor) {
  const auto* data = tensor.data<int64_t>();
  return {data, data + tensor.numel()};
}

// Example i holds i; some take longer than others, so that workers overtake each other.
DatasetPtr uneven(int64_t size) {
  return std::make_shared<FunctionDataset>(size, [](int64_t i) {
    if (i % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    return Example{{"i", number(i)}};
  });
}

BatchSamplerPtr shuffled(int64_t size, int64_t batch_size) {
  return std::make_shared<FixedBatches>(std::make_shared<RandomSampler>(size, 5), batch_size);
}

// Counts up to a limit; every tenth record is broken.
class Counting final : public IterableDataset {
 public:
  explicit Counting(int64_t limit) : limit_(limit) {}
  std::unique_ptr<ExampleStream> stream(int64_t epoch) const override {
    class Stream final : public ExampleStream {
     public:
      Stream(int64_t at, int64_t limit) : at_(at), limit_(limit) {}
      bool next(Example& out) override {
        if (at_ >= limit_) return false;
        const int64_t i = at_++;
        if (i % 10 == 9) throw io::CorruptRecord("stream", "record " + std::to_string(i), "broken");
        out = Example{{"i", number(i)}};
        return true;
      }

     private:
      int64_t at_, limit_;
    };
    return std::make_unique<Stream>(epoch * 1000, epoch * 1000 + limit_);
  }

 private:
  int64_t limit_;
};

using Epoch = std::vector<std::vector<int64_t>>;

Epoch rest_of(DataLoader& loader) {
  Epoch out;
  for (const Batch& batch : loader) out.push_back(numbers(batch["i"]));
  return out;
}

TEST_CASE("batches are the same for every number of workers") {
  DataLoader plain(uneven(100), shuffled(100, 8));
  const Epoch first = rest_of(plain), second = rest_of(plain);
  CHECK(first.size() == 13);
  CHECK(first.back().size() == 4);
  CHECK(first != second);
  CHECK(plain.epoch() == 2);
  for (const int workers : {1, 2, 5}) {
    DataLoader loader(uneven(100), shuffled(100, 8), {.workers = workers, .prefetch = 3});
    CHECK(rest_of(loader) == first);
    CHECK(rest_of(loader) == second);
    CHECK(loader.wait_seconds() > 0);
  }
}

TEST_CASE("random transforms depend on seed, epoch and example alone") {
  const Transform noise = [](Example example, PhiloxStream& random) {
    return Example{{"i", number(example["i"].item<int64_t>() * 1000 +
                                static_cast<int64_t>(random.below(1000)))}};
  };
  DataLoader plain(uneven(40), shuffled(40, 8), {.transform = noise, .seed = 3});
  const Epoch first = rest_of(plain), second = rest_of(plain);
  DataLoader threaded(uneven(40), shuffled(40, 8), {.workers = 3, .transform = noise, .seed = 3});
  CHECK(rest_of(threaded) == first);
  CHECK(rest_of(threaded) == second);
  DataLoader other(uneven(40), shuffled(40, 8), {.transform = noise, .seed = 4});
  CHECK(rest_of(other) != first);
}

TEST_CASE("a loader resumes in the middle of an epoch, with the next batch") {
  for (const int workers : {0, 3}) {
    const LoaderOptions options{.workers = workers};
    DataLoader whole(uneven(50), shuffled(50, 4), options);
    rest_of(whole);
    const Epoch second = rest_of(whole), third = rest_of(whole);

    DataLoader stopped(uneven(50), shuffled(50, 4), options);
    rest_of(stopped);
    for (int i = 0; i < 5; ++i) stopped.next();
    const LoaderState state = stopped.state();
    CHECK(state.at("epoch") == 1);
    CHECK(state.at("position") == 5);

    DataLoader resumed(uneven(50), shuffled(50, 4), options);
    resumed.next();  // already in use: forgotten
    resumed.load_state(state);
    CHECK(rest_of(resumed) == Epoch(second.begin() + 5, second.end()));
    CHECK(rest_of(resumed) == third);
  }
  DataLoader loader(uneven(50), shuffled(50, 4));
  const LoaderState state = loader.state();
  CHECK_THROWS_AS(DataLoader(uneven(51), shuffled(51, 4)).load_state(state), ValueError);
  CHECK_THROWS_AS(DataLoader(uneven(50), shuffled(50, 5)).load_state(state), ValueError);
  CHECK_THROWS_AS(loader.load_state({{"epoch", 1}}), ValueError);
}

TEST_CASE("streams: batches, broken records and resuming") {
  const LoaderOptions skip{.on_corrupt = io::OnCorrupt::Skip};
  DataLoader plain(std::make_shared<Counting>(30), 4, skip);
  const Epoch first = rest_of(plain), second = rest_of(plain);
  CHECK(first[2] == std::vector<int64_t>{8, 10, 11, 12});
  CHECK(first.back() == std::vector<int64_t>{26, 27, 28});
  CHECK(second[0] == std::vector<int64_t>{1000, 1001, 1002, 1003});
  CHECK(plain.corrupt().count() == 6);
  for (const int workers : {0, 4}) {
    LoaderOptions options = skip;
    options.workers = workers;
    DataLoader loader(std::make_shared<Counting>(30), 4, options);
    for (int i = 0; i < 3; ++i) loader.next();
    CHECK(loader.corrupt().count() == 1);
    DataLoader resumed(std::make_shared<Counting>(30), 4, options);
    resumed.load_state(loader.state());
    CHECK(rest_of(resumed) == Epoch(first.begin() + 3, first.end()));
    CHECK(rest_of(resumed) == second);
    CHECK(resumed.state().at("broken") == 6);
  }
  DataLoader strict(std::make_shared<Counting>(30), 4, {.workers = 2});
  strict.next();
  strict.next();
  CHECK_THROWS_WITH_AS(strict.next(), "stream:record 9: broken", io::CorruptRecord);
  CHECK(DataLoader(std::make_shared<Counting>(6), 4, skip, true).next()->at("i").numel() == 4);
}

TEST_CASE("an error in a worker keeps its type, names the record and comes in its turn") {
  const auto dataset = std::make_shared<FunctionDataset>(
      20,
      [](int64_t i) {
        if (i == 13) throw TypeError("no such thing");
        return Example{{"i", number(i)}};
      },
      [](int64_t i) { return "data.csv:" + std::to_string(i + 2); });
  const auto order = std::make_shared<FixedBatches>(std::make_shared<SequentialSampler>(20), 4);
  for (const int workers : {0, 3}) {
    DataLoader loader(dataset, order, {.workers = workers});
    for (int i = 0; i < 3; ++i) CHECK(loader.next());
    // Again and again: the position has not moved.
    for (int i = 0; i < 2; ++i) {
      CHECK_THROWS_WITH_AS(loader.next(), "data.csv:15: no such thing", TypeError);
    }
    CHECK(loader.position() == 3);
  }
}

TEST_CASE("broken records of a dataset are left out and counted, or stop the run") {
  const auto dataset = std::make_shared<FunctionDataset>(12, [](int64_t i) {
    if (i == 1 || (i >= 4 && i < 8)) throw io::CorruptRecord("f", std::to_string(i), "bad");
    return Example{{"i", number(i)}};
  });
  const auto order = std::make_shared<FixedBatches>(std::make_shared<SequentialSampler>(12), 4);
  for (const int workers : {0, 2}) {
    DataLoader loader(dataset, order, {.workers = workers, .on_corrupt = io::OnCorrupt::Skip});
    CHECK(rest_of(loader) == Epoch{{0, 2, 3}, {8, 9, 10, 11}});
    CHECK(loader.corrupt().count() == 5);
    CHECK(loader.corrupt().messages()[0] == "f:1: bad");
    CHECK_THROWS_AS(DataLoader(dataset, order, {.workers = workers}).next(), io::CorruptRecord);
  }
}

TEST_CASE("a loader that is left early ends its workers") {
  std::atomic<int> made = 0;
  const auto dataset = std::make_shared<FunctionDataset>(1000, [&](int64_t i) {
    ++made;
    return Example{{"i", number(i)}};
  });
  {
    DataLoader loader(dataset, shuffled(1000, 10), {.workers = 4, .prefetch = 2});
    loader.next();
    loader.set_epoch(3);
    loader.next();
    DataLoader moved = std::move(loader);
    CHECK(moved.next());
    CHECK(moved.epoch() == 3);
  }
  // Two epochs were begun: at most 1 + window, then 2 + window batches and one in each hand.
  CHECK(made <= 10 * (1 + 8 + 4 + 2 + 8 + 4));
}

TEST_CASE("options are checked") {
  CHECK_THROWS_AS(DataLoader(uneven(5), shuffled(5, 1), {.workers = -1}), ValueError);
  CHECK_THROWS_AS(DataLoader(uneven(5), shuffled(5, 1), {.prefetch = 0}), ValueError);
  CHECK_THROWS_AS(DataLoader(nullptr, shuffled(5, 1)), ValueError);
  DataLoader none(uneven(0), shuffled(0, 2), {.workers = 2});
  CHECK_FALSE(none.next());
  CHECK(none.epoch() == 1);
}

}  // namespace
}  // namespace lydia::train
