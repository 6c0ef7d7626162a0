// The safetensors format: what is written is read back, files made by hand from the format's text
// are read, and every breach of a rule is refused with its reason.
#include "lydia/io/safetensors.h"

#include <doctest/doctest.h>

#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "tests/io/safetensors_bytes.h"
#include "tests/io/temp_folder.h"

namespace lydia::io {
namespace {

// The reason for which the bytes are refused; empty when they are accepted.
std::string refusal(const std::string& header, size_t data_bytes) {
  try {
    SafetensorsFile::parse(file_bytes(header, std::string(data_bytes, '\1')), "f");
  } catch (const ValueError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("write, map, read: names, dtypes, shapes, data and metadata come back") {
  TempFolder folder;
  const std::vector<float> weight = {1, -2, 3.5f, 4, 5, 6};
  const std::vector<int64_t> ids = {7, INT64_MIN};
  const uint8_t flag = 1;
  const std::vector<TensorView> tensors = {
      {"b.bayrak", "", DType::Bool, {}, std::as_bytes(std::span(&flag, 1))},
      {"ağırlık \"ş\"", "", DType::F32, {2, 3}, std::as_bytes(std::span(weight))},
      {"boş", "", DType::F16, {4, 0, 2}, {}},
      {"f8", "F8_E4M3", std::nullopt, {1}, std::as_bytes(std::span(&flag, 1))},
      {"ids", "", DType::I64, {2}, std::as_bytes(std::span(ids))}};
  const Metadata metadata = {{"format", "lydia"}, {"açıklama", "satır\nsonu \\ \""}};
  write_safetensors(folder.file("w"), tensors, metadata);

  const SafetensorsFile file = SafetensorsFile::open(folder.file("w"));
  CHECK(file.metadata() == metadata);
  REQUIRE(file.tensors().size() == tensors.size());
  for (const TensorView& expected : tensors) {
    const TensorView* found = file.find(expected.name);
    REQUIRE(found != nullptr);
    CHECK(found->dtype == expected.dtype);
    CHECK(found->shape == expected.shape);
    REQUIRE(found->data.size() == expected.data.size());
    CHECK(std::equal(found->data.begin(), found->data.end(), expected.data.begin()));
  }
  CHECK(file.find("f8")->format_dtype == "F8_E4M3");
  CHECK(file.find("yok") == nullptr);
  // Wide elements first: each tensor lies aligned to its element.
  CHECK(file.tensors().front().name == "ids");
  CHECK(reinterpret_cast<uintptr_t>(file.tensors().front().data.data()) % 64 == 0);
}

TEST_CASE("the owner keeps the mapping alive") {
  TempFolder folder;
  const float value = 42;
  const std::vector<TensorView> one = {
      {"x", "", DType::F32, {}, std::as_bytes(std::span(&value, 1))}};
  write_safetensors(folder.file("w"), one);
  std::shared_ptr<const void> owner;
  std::span<const std::byte> data;
  {
    const SafetensorsFile file = SafetensorsFile::open(folder.file("w"));
    owner = file.owner();
    data = file.find("x")->data;
  }
  float read = 0;
  std::memcpy(&read, data.data(), sizeof read);
  CHECK(read == 42);
}

TEST_CASE("a file written by hand from the format's text") {
  const auto file = SafetensorsFile::parse(
      file_bytes(
          R"({"t":{"dtype":"I16","shape":[2,1],"data_offsets":[1,5]},)"
          R"("u":{"data_offsets":[0,1],"shape":[],"dtype":"U8"},"__metadata__":{"k":"v"}}   )",
          std::string("\x09\x34\x12\xFF\xFF", 5)),
      "f");
  CHECK(file.tensors().front().name == "u");  // in the order of the data
  int16_t values[2];
  REQUIRE(file.find("t")->data.size() == sizeof values);
  std::memcpy(values, file.find("t")->data.data(), sizeof values);
  CHECK(values[0] == 0x1234);
  CHECK(values[1] == -1);
  CHECK(file.metadata().at("k") == "v");
}

TEST_CASE("small but valid") {
  CHECK(refusal("{}", 0).empty());
  CHECK(refusal(R"({"__metadata__":{}})", 0).empty());
  CHECK(refusal(R"({"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]},)"
                R"("b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                R"("c":{"dtype":"F32","shape":[9,0],"data_offsets":[3,3]}})",
                3)
            .empty());
  CHECK(refusal(R"({"a":{"dtype":"F4","shape":[3,2],"data_offsets":[0,3]}})", 3).empty());
  // An empty tensor may have dimensions whose product would not fit.
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})", 0)
            .empty());
}

struct Breach {
  const char* header;
  size_t data_bytes;
  const char* reason;
};

TEST_CASE("breaches of the format are refused with what and where") {
  const Breach breaches[] = {
      {"", 0, "start with"},
      {" {}", 0, "start with"},
      {"[]", 0, "start with"},
      {"{", 0, "malformed JSON at byte"},
      {"{}x", 0, "malformed JSON at byte 3"},
      {"{} {}", 0, "malformed JSON"},
      {"{}", 1, "the tensors end at byte 0 of the data, which has 1"},
      {R"({"a":1})", 0, "\"a\" expected to be an object, got a number"},
      {R"({"a":[1]})", 0, "\"a\" expected to be an object, got an array"},
      {R"({"a":{}})", 0, "\"a\" has no \"dtype\""},
      {R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, "\"a\" has no \"shape\""},
      {R"({"a":{"dtype":"U8","shape":[1]}})", 1, "\"a\" has no \"data_offsets\""},
      {R"({"a":{"dtype":"Q8","shape":[1],"data_offsets":[0,1]}})", 1, "unknown dtype \"Q8\""},
      {R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})", 1, "a number in \"dtype\""},
      {R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "a negative number"},
      {R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "1.0, which is no 64-bit"},
      {R"({"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}})", 1,
       "no 64-bit"},
      {R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}})", 1,
       "the dimension 9223372036854775808"},
      {R"({"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}})", 1, "a string"},
      {R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1, "an array"},
      {R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1, "a number in \"shape\""},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "has 1 data_offsets, not 2"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}})", 1, "3 data_offsets"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":null}})", 1, "null in \"x\""},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":{}}})", 1, "an object in \"x\""},
      {R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
       "\"a\" has \"dtype\" twice"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
       R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
       2, "\"a\" appears twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "\"__metadata__\" appears twice"},
      {R"({"__metadata__":{"k":"v","k":"v"}})", 0, "has the key \"k\" twice"},
      {R"({"__metadata__":{"k":1}})", 0, "a number in \"k\""},
      {R"({"__metadata__":{"k":{}}})", 0, "an object in \"k\""},
      {R"({"__metadata__":"v"})", 0, "\"__metadata__\" expected to be an object"},
      // Sizes and offsets.
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}})", 7, "expected 8 bytes"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4,
       "more bytes than 64 bits can count"},
      {R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}})", 1, "whole bytes"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1, "end at byte 2"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2, "end at byte 1"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "leaving a gap"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "overlapping"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
       2, "overlapping"},
      {R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[2,0]}})", 0, "\"a\" starts at 2"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,1]}})",
       1, "outside the 1 bytes"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,18446744073709551615]}})", 2,
       "end at byte 18446744073709551615"},
  };
  for (const Breach& breach : breaches) {
    CAPTURE(breach.header);
    const std::string reason = refusal(breach.header, breach.data_bytes);
    CAPTURE(reason);
    CHECK(reason.find(breach.reason) != std::string::npos);
    CHECK(reason.starts_with("f: "));
    CHECK(reason.find('\n') == std::string::npos);
  }
}

TEST_CASE("depth, zero bytes and bad UTF-8 in the header") {
  const std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CHECK(refusal(deep, 0).find("got an array") != std::string::npos);
  CHECK(refusal(std::string("{}\0{}", 5), 0).find("zero byte at byte 2") != std::string::npos);
  CHECK(refusal("{\"\xFF\":1}", 0).find("malformed JSON") != std::string::npos);
  CHECK(refusal("\xEF\xBB\xBF{}", 0).find("start with") != std::string::npos);
  const std::string long_name = "{\"" + std::string(5000, 'n') + "\\n\":1}";
  CHECK(refusal(long_name, 0).size() < 300);
}

TEST_CASE("the length of the header is checked before it is used") {
  const auto reason = [](std::vector<std::byte> bytes) -> std::string {
    try {
      SafetensorsFile::parse(std::move(bytes), "f");
    } catch (const ValueError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(reason({}).find("at least 8 bytes") != std::string::npos);
  CHECK(reason(std::vector<std::byte>(7)).find("got 7") != std::string::npos);
  std::vector<std::byte> bytes = file_bytes("{}", "");
  bytes[0] = std::byte{3};
  CHECK(reason(bytes).find("has 3 bytes, but only 2") != std::string::npos);
  bytes[4] = std::byte{1};
  CHECK(reason(bytes).find("at most 100000000") != std::string::npos);
  bytes[7] = std::byte{0xFF};
  CHECK(reason(bytes).find("at most 100000000") != std::string::npos);
}

TEST_CASE("what cannot be written is refused, and nothing is left behind") {
  TempFolder folder;
  const float value = 1;
  const auto data = std::as_bytes(std::span(&value, 1));
  const auto write = [&](const std::vector<TensorView>& tensors, const Metadata& metadata = {}) {
    write_safetensors(folder.file("w"), tensors, metadata);
  };
  CHECK_THROWS_AS(write({{"a", "", DType::F32, {2}, data}}), ValueError);
  CHECK_THROWS_AS(write({{"a", "", DType::F32, {-1}, data}}), ValueError);
  CHECK_THROWS_AS(write({{"a", "Q4", std::nullopt, {1}, data}}), ValueError);
  CHECK_THROWS_AS(write({{"__metadata__", "", DType::F32, {1}, data}}), ValueError);
  CHECK_THROWS_AS(write({{"\xFF", "", DType::F32, {1}, data}}), ValueError);
  CHECK_THROWS_AS(write({{"a", "", DType::F32, {1}, data}, {"a", "", DType::F32, {1}, data}}),
                  ValueError);
  CHECK_THROWS_AS(write({}, {{"k", "\xFF"}}), ValueError);
  CHECK_THROWS_AS(write_safetensors(folder.file("no/w"), {}), IoError);
  CHECK(folder.entries() == 0);
  CHECK_THROWS_AS(SafetensorsFile::open(folder.file("w")), IoError);
}

}  // namespace
}  // namespace lydia::io
