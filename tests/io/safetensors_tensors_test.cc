// Tensors through safetensors files: any dtype and strides come back, mapped or copied.
#include "lydia/io/safetensors_tensors.h"

#include <doctest/doctest.h>

#include <cstring>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/mapped_file.h"
#include "tests/io/safetensors_bytes.h"
#include "tests/io/temp_folder.h"

namespace lydia::io {
namespace {

constexpr DType kAllDTypes[] = {DType::Bool, DType::U8,  DType::U16, DType::U32, DType::U64,
                                DType::I8,   DType::I16, DType::I32, DType::I64, DType::F16,
                                DType::BF16, DType::F32, DType::F64};

// 0, 1, 0, 1, ... as bytes: valid in every dtype.
Tensor filled(const Dims& sizes, DType dtype) {
  const Tensor tensor = empty(sizes, dtype);
  auto* bytes = static_cast<std::byte*>(tensor.data_ptr());
  for (size_t i = 0; i < tensor.nbytes(); ++i) bytes[i] = static_cast<std::byte>(i % 2);
  return tensor;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.sizes() == b.sizes() &&
         (a.nbytes() == 0 || std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0);
}

void write_bytes(const std::string& path, const std::vector<std::byte>& bytes) {
  write_file_atomic(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

TEST_CASE("packing in memory gives the bytes of the file") {
  TempFolder folder;
  const NamedTensors tensors = {{"a", filled({2, 3}, DType::F32)}, {"b", filled({5}, DType::U8)}};
  save_safetensors(folder.file("a"), tensors, {{"key", "value"}});
  const MappedFile file(folder.file("a"));
  CHECK(file.text() == pack_safetensors(tensors, {{"key", "value"}}));
}

TEST_CASE("every dtype and odd shapes come back, copied and mapped") {
  TempFolder folder;
  NamedTensors tensors;
  for (const DType dtype : kAllDTypes) {
    const std::string name(dtype_name(dtype));
    tensors.emplace_back(name, filled({3, 5}, dtype));
    tensors.emplace_back(name + ".0d", filled({}, dtype));
    tensors.emplace_back(name + ".empty", filled({2, 0, 3}, dtype));
  }
  save_safetensors(folder.file("w"), tensors, {{"k", "v"}});
  for (const LoadMode mode : {LoadMode::Copy, LoadMode::Map}) {
    const LoadedTensors loaded = load_safetensors(folder.file("w"), mode);
    CHECK(loaded.metadata.at("k") == "v");
    REQUIRE(loaded.tensors.size() == tensors.size());
    for (const auto& item : loaded.tensors) {
      CAPTURE(item.first);
      const Tensor& tensor = item.second;
      const auto expected = std::find_if(tensors.begin(), tensors.end(), [&](const auto& entry) {
        return entry.first == item.first;
      });
      REQUIRE(expected != tensors.end());
      CHECK(same_bytes(tensor, expected->second));
      CHECK(tensor.storage()->read_only() == (mode == LoadMode::Map && tensor.numel() > 0));
    }
  }
}

TEST_CASE("strided tensors are saved as their values, not as their memory") {
  TempFolder folder;
  const Tensor base = empty({2, 3}, DType::F32);
  for (int i = 0; i < 6; ++i) base.data<float>()[i] = static_cast<float>(i);
  const Tensor transposed = Tensor::over(base.storage(), DType::F32, {3, 2}, {1, 3}, 0);
  const Tensor reversed = Tensor::over(base.storage(), DType::F32, {6}, {-1}, 5);
  const Tensor repeated = Tensor::over(base.storage(), DType::F32, {2, 2}, {0, 1}, 1);
  save_safetensors(folder.file("w"), {{"t", transposed}, {"r", reversed}, {"x", repeated}});
  const std::vector<std::pair<std::string, std::vector<float>>> expected = {
      {"r", {5, 4, 3, 2, 1, 0}}, {"t", {0, 3, 1, 4, 2, 5}}, {"x", {1, 2, 1, 2}}};
  const LoadedTensors loaded = load_safetensors(folder.file("w"));
  REQUIRE(loaded.tensors.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto& [name, tensor] = loaded.tensors[i];
    CHECK(name == expected[i].first);
    const std::vector<float> values(tensor.data<float>(), tensor.data<float>() + tensor.numel());
    CHECK(values == expected[i].second);
  }
}

TEST_CASE("mapped tensors outlive the file's name and everything but themselves") {
  TempFolder folder;
  const Tensor original = filled({1000}, DType::I64);
  save_safetensors(folder.file("w"), {{"x", original}});
  Tensor mapped = load_safetensors(folder.file("w"), LoadMode::Map).tensors[0].second;
  std::filesystem::remove(folder.file("w"));
  CHECK(same_bytes(mapped, original));
}

TEST_CASE("a file that does not align its data is copied instead of mapped") {
  TempFolder folder;
  write_bytes(folder.file("w"),
              file_bytes(R"({"x":{"dtype":"I16","shape":[1],"data_offsets":[0,2]}}  )",
                         std::string("\x34\x12", 2)));
  write_bytes(folder.file("odd"),
              file_bytes(R"({"x":{"dtype":"I16","shape":[1],"data_offsets":[0,2]}}   )",
                         std::string("\x34\x12", 2)));
  int mapped = 0;
  for (const char* name : {"w", "odd"}) {
    const Tensor x = load_safetensors(folder.file(name), LoadMode::Map).tensors[0].second;
    CHECK(x.data<int16_t>()[0] == 0x1234);
    mapped += x.storage()->read_only();
  }
  CHECK(mapped == 1);
}

TEST_CASE("what cannot be loaded or saved is a typed error") {
  TempFolder folder;
  const auto load = [&](const std::string& header, const std::string& data) {
    write_bytes(folder.file("w"), file_bytes(header, data));
    return load_safetensors(folder.file("w"));
  };
  CHECK_THROWS_AS(load(R"({"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\1\2"),
                  ValueError);
  CHECK_THROWS_AS(load(R"({"b":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", "\1"),
                  NotImplementedError);
  CHECK_THROWS_AS(load(R"({"b":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],)"
                       R"("data_offsets":[0,1]}})",
                       "\1"),
                  ValueError);
  CHECK_THROWS_AS(load_safetensors(folder.file("missing")), IoError);
  CHECK_THROWS_AS(save_safetensors(folder.file("w"), {{"x", Tensor()}}), ValueError);
}

}  // namespace
}  // namespace lydia::io
