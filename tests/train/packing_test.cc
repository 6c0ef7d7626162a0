// Packed rows, attention masks, windows of tokens, folders of pictures.
#include "lydia/train/packing.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "lydia/core/philox_stream.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/corrupt.h"
#include "lydia/train/data_loader.h"
#include "lydia/train/image_folder.h"
#include "tests/io/temp_folder.h"

namespace lydia::train {
namespace {

std::vector<int64_t> values(const Tensor& tensor) {
  return std::vector<int64_t>(tensor.data<int64_t>(), tensor.data<int64_t>() + tensor.numel());
}

// Sequence i holds 10 i, 10 i + 1, ...
DatasetPtr sequences(const std::vector<int64_t>& lengths) {
  return std::make_shared<FunctionDataset>(std::ssize(lengths), [lengths](int64_t i) {
    const Tensor ids = empty({lengths[static_cast<size_t>(i)]}, DType::I32);
    for (int64_t k = 0; k < ids.numel(); ++k)
      ids.data<int32_t>()[k] = static_cast<int32_t>(10 * i + k);
    return Example{{"input_ids", ids}};
  });
}

TEST_CASE("packing: every sequence once, no row over its length, few rows") {
  std::vector<int64_t> lengths;
  PhiloxStream random(3);
  int64_t total = 0;
  for (int i = 0; i < 500; ++i) {
    lengths.push_back(1 + static_cast<int64_t>(random.below(100)));
    total += lengths.back();
  }
  const auto rows = pack_lengths(lengths, 128);
  std::set<int64_t> seen;
  for (const Indices& row : rows) {
    int64_t sum = 0;
    for (const int64_t i : row) {
      CHECK(seen.insert(i).second);
      sum += lengths[static_cast<size_t>(i)];
    }
    CHECK(sum <= 128);
  }
  CHECK(seen.size() == 500);
  CHECK(std::ssize(rows) <= total / 128 * 105 / 100 + 1);
  CHECK_THROWS_AS(pack_lengths({129}, 128), ValueError);
}

TEST_CASE("packed rows: labels, positions and segments") {
  const std::vector<int64_t> lengths = {2, 3, 1};
  const PackedDataset data(sequences(lengths), lengths, {.max_length = 5, .pad_id = 99});
  REQUIRE(data.size() == 2);
  const Example first = data.get(0), second = data.get(1);
  CHECK(values(first["input_ids"]) == std::vector<int64_t>{10, 11, 12, 0, 1});
  CHECK(values(first["labels"]) == std::vector<int64_t>{11, 12, -100, 1, -100});
  CHECK(values(first["position_ids"]) == std::vector<int64_t>{0, 1, 2, 0, 1});
  CHECK(values(first["segment_ids"]) == std::vector<int64_t>{1, 1, 1, 2, 2});
  CHECK(values(second["input_ids"]) == std::vector<int64_t>{20, 99, 99, 99, 99});
  CHECK(values(second["segment_ids"]) == std::vector<int64_t>{1, 0, 0, 0, 0});
  CHECK_THROWS_AS(PackedDataset(sequences({2, 3, 2}), lengths, {.max_length = 5}).get(1),
                  ValueError);
  CHECK_THROWS_AS(PackedDataset(sequences({2}), lengths, {.max_length = 5}), ValueError);
}

TEST_CASE("packed_mask: attention stays within its segment") {
  const Tensor segments = empty({1, 4}, DType::I64);
  const int64_t ids[] = {1, 1, 2, 0};
  std::copy_n(ids, 4, segments.data<int64_t>());
  const Tensor causal = packed_mask(segments), full = packed_mask(segments, false);
  const std::string expected =
                        "1000"
                        "1100"
                        "0010"
                        "0001",
                    both =
                        "1100"
                        "1100"
                        "0010"
                        "0001";
  for (size_t i = 0; i < 16; ++i) {
    CHECK(causal.data<bool>()[i] == (expected[i] == '1'));
    CHECK(full.data<bool>()[i] == (both[i] == '1'));
  }
  CHECK(causal.sizes() == Dims{1, 1, 4, 4});
}

TEST_CASE("token windows cover the text and shift their labels by one") {
  const Tensor tokens = empty({10}, DType::U16);
  for (int64_t i = 0; i < 10; ++i) tokens.data<uint16_t>()[i] = static_cast<uint16_t>(i);
  const TokenDataset data(tokens, 3);
  CHECK(data.size() == 3);
  CHECK(values(data.get(2)["input_ids"]) == std::vector<int64_t>{6, 7, 8});
  CHECK(values(data.get(2)["labels"]) == std::vector<int64_t>{7, 8, 9});
  CHECK(TokenDataset(tokens, 3, 1).size() == 7);
  CHECK(TokenDataset(tokens, 9).size() == 1);
  CHECK(TokenDataset(tokens, 10).size() == 0);
  CHECK_THROWS_AS(data.get(3), IndexError);
  CHECK_THROWS_AS(TokenDataset(tokens, 0), ValueError);
}

TEST_CASE("image folders: classes by name, broken pictures named") {
  TempFolder folder;
  const Tensor image = empty({1, 2, 3}, DType::U8);
  std::fill_n(image.data<uint8_t>(), 6, uint8_t{7});
  for (const char* name : {"normal", "broken"})
    std::filesystem::create_directory(folder.file(name));
  io::write_png(folder.file("normal/b.PNG"), image);
  io::write_png(folder.file("normal/a.png"), image);
  io::write_file_atomic(folder.file("broken/x.jpg"), "\xFF\xD8\xFF");
  io::write_file_atomic(folder.file("normal/notes.txt"), "none");
  const auto data = std::make_shared<ImageFolder>(folder.file(""));
  CHECK(data->classes() == std::vector<std::string>{"broken", "normal"});
  REQUIRE(data->size() == 3);
  CHECK(data->where(1).ends_with("normal/a.png"));
  CHECK(data->get(2)["label"].item<int64_t>() == 1);
  CHECK(data->get(2)["image"].sizes() == Dims{3, 2, 3});
  CHECK_THROWS_AS(data->get(0), io::CorruptRecord);
  DataLoader loader(data, std::make_shared<FixedBatches>(std::make_shared<SequentialSampler>(3), 3),
                    {.on_corrupt = io::OnCorrupt::Skip});
  CHECK(loader.next()->at("label").numel() == 2);
  CHECK(loader.corrupt().messages()[0].find("broken/x.jpg") != std::string::npos);
  CHECK_THROWS_AS(ImageFolder(folder.file("none")), IoError);
  CHECK_THROWS_AS(ImageFolder(folder.file("normal")), ValueError);
}

}  // namespace
}  // namespace lydia::train
