// Datasets, examples and how they become batches.
#include "lydia/train/dataset.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "lydia/io/corrupt.h"
#include "lydia/train/collate.h"

namespace lydia::train {
namespace {

template <class T>
Tensor make(const Dims& sizes, const std::vector<T>& content) {
  const Tensor tensor = empty(sizes, dtype_of<T>());
  std::copy(content.begin(), content.end(), tensor.data<T>());
  return tensor;
}

template <class T>
std::vector<T> values(const Tensor& tensor) {
  return std::vector<T>(tensor.data<T>(), tensor.data<T>() + tensor.numel());
}

TEST_CASE("examples keep the order of their fields") {
  Example example{{"image", make<float>({1}, {1})}, {"label", make<int64_t>({}, {2})}};
  CHECK(example.names() == "image, label");
  example.set("image", make<float>({1}, {5}));
  CHECK(example.names() == "image, label");
  CHECK(example["image"].item<float>() == 5);
  CHECK_THROWS_WITH_AS(example["x"],
                       "Example: expected a field \"x\", the fields are: image, label", ValueError);
  CHECK_THROWS_AS((Example{{"a", Tensor()}, {"a", Tensor()}}), ValueError);
}

TEST_CASE("a cached dataset makes each example once, and a broken one again") {
  std::atomic<int> made{0};
  const auto base = std::make_shared<FunctionDataset>(64, [&](int64_t i) {
    ++made;
    if (i == 3) throw io::CorruptRecord("file", "3", "broken");
    return Example{{"x", make<int64_t>({}, {i})}};
  });
  const CachedDataset cached(base);
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      for (int64_t i = 4; i < 64; ++i) {
        if (cached.get(i)["x"].item<int64_t>() != i) made += 1000;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  CHECK(made == 60);
  for (int again = 0; again < 2; ++again) CHECK_THROWS_AS(cached.get(3), io::CorruptRecord);
  CHECK(made == 62);
  CHECK(cached.where(3) == base->where(3));
  CHECK_THROWS_AS(cached.get(64), IndexError);
}

TEST_CASE("tensor datasets give rows, also of tensors that are not contiguous") {
  const Tensor matrix = make<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor turned = Tensor::over(matrix.storage(), DType::F32, {3, 2}, {1, 3}, 0);
  const TensorDataset data({{"x", turned}, {"y", make<int64_t>({3}, {7, 8, 9})}});
  CHECK(data.size() == 3);
  const Batch batch = stack_examples({data.get(2), data.get(0)});
  CHECK(batch["x"].sizes() == Dims{2, 2});
  CHECK(values<float>(batch["x"]) == std::vector<float>{3, 6, 1, 4});
  CHECK(values<int64_t>(batch["y"]) == std::vector<int64_t>{9, 7});
  CHECK_THROWS_AS(data.get(3), IndexError);
  CHECK_THROWS_AS(TensorDataset({{"x", matrix}, {"y", make<int64_t>({3}, {7, 8, 9})}}), ValueError);
  CHECK_THROWS_AS(TensorDataset({{"x", make<float>({}, {1})}}), ValueError);
}

TEST_CASE("subsets and joined datasets find the right example and its place") {
  const auto part = [](int64_t size, const std::string& name) {
    return std::make_shared<FunctionDataset>(
        size,
        [](int64_t i) {
          return Example{{"i", make<int64_t>({}, {i})}};
        },
        [name](int64_t i) { return name + ":" + std::to_string(i); });
  };
  const auto both = std::make_shared<ConcatDataset>(
      std::vector<DatasetPtr>{part(2, "a"), part(0, "none"), part(3, "b")});
  CHECK(both->size() == 5);
  CHECK(both->where(1) == "a:1");
  CHECK(both->where(2) == "b:0");
  const Subset subset(both, {4, 0});
  CHECK(subset.get(0)["i"].item<int64_t>() == 2);
  CHECK(subset.where(0) == "b:2");
  CHECK_THROWS_AS(Subset(both, {5}), IndexError);
  CHECK_THROWS_AS(both->get(-1), IndexError);
}

TEST_CASE("stacking names the field and the example that do not fit") {
  const Example a{{"x", make<float>({2}, {1, 2})}}, b{{"x", make<float>({3}, {1, 2, 3})}};
  const Example other{{"y", make<float>({2}, {1, 2})}}, wide{{"x", make<double>({2}, {1, 2})}};
  CHECK_THROWS_WITH_AS(stack_examples({a, b}),
                       "stack_examples: \"x\" of example 1 has shape [3], expected [2]; "
                       "pad_examples takes different sizes",
                       ValueError);
  CHECK_THROWS_AS(stack_examples({a, other}), ValueError);
  CHECK_THROWS_AS(stack_examples({a, wide}), ValueError);
  CHECK(stack_examples({}).empty());
}

TEST_CASE("padding reaches to the longest, with a value, a mask and lengths") {
  const Example a{{"input_ids", make<int64_t>({2}, {1, 2})}, {"x", make<float>({1, 2}, {1, 2})}};
  const Example b{{"input_ids", make<int64_t>({3}, {3, 4, 5})}, {"x", make<float>({2, 1}, {3, 4})}};
  const Batch batch = pad_examples(
      {a, b}, {.values = {{"input_ids", -100}}, .lengths = "lengths", .mask = "attention_mask"});
  CHECK(values<int64_t>(batch["input_ids"]) == std::vector<int64_t>{1, 2, -100, 3, 4, 5});
  CHECK(batch["x"].sizes() == Dims{2, 2, 2});
  CHECK(values<float>(batch["x"]) == std::vector<float>{1, 2, 0, 0, 3, 0, 4, 0});
  CHECK(values<int64_t>(batch["lengths"]) == std::vector<int64_t>{2, 3});
  CHECK(values<bool>(batch["attention_mask"]) ==
        std::vector<bool>{true, true, false, true, true, true});
  CHECK(pad_examples({a, b}, {.multiple_of = 4})["input_ids"].sizes() == Dims{2, 4});
  const Example none{{"input_ids", empty({0}, DType::I64)}, {"x", make<float>({1, 1}, {9})}};
  CHECK(pad_examples({none, none}, {})["input_ids"].sizes() == Dims{2, 0});
  CHECK_THROWS_AS(pad_examples({a, Example{{"input_ids", make<int64_t>({}, {1})}}}, {}),
                  ValueError);
}

}  // namespace
}  // namespace lydia::train
