// The tensor handle and its memory: bounds, alignment, sharing, the allocator's figures.
#include "lydia/core/tensor.h"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "lydia/core/allocator.h"

using namespace lydia;

TEST_CASE("half and bfloat16 round to nearest even and keep special values") {
  CHECK(Half(1.0f).bits == 0x3c00);
  CHECK(Half(65504.0f).bits == 0x7bff);
  CHECK(Half(65520.0f).bits == 0x7c00);  // rounds to infinity
  CHECK(Half(65519.9f).bits == 0x7bff);  // just below
  CHECK(Half(0x1p-24f).bits == 1);       // smallest subnormal
  CHECK(Half(0x1p-25f).bits == 0);       // half of it ties to even
  CHECK(Half(0x1.8p-24f).bits == 2);     // tie to even again
  CHECK(Half(-0.0f).bits == 0x8000);
  CHECK(std::isnan(static_cast<float>(Half(NAN))));
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {  // every half survives the round trip
    Half h;
    h.bits = static_cast<uint16_t>(bits);
    const float f = h;
    if (!std::isnan(f)) CHECK(Half(f).bits == bits);
  }
  CHECK(BFloat16(1.0f).bits == 0x3f80);
  CHECK(BFloat16(1.00390625f).bits == 0x3f80);  // 1 + 2^-8 ties to even
  CHECK(std::isnan(static_cast<float>(BFloat16(NAN))));
}

TEST_CASE("promotion follows PyTorch") {
  CHECK(promote_types(DType::U8, DType::I8) == DType::I16);
  CHECK(promote_types(DType::I64, DType::F16) == DType::F16);
  CHECK(promote_types(DType::F16, DType::BF16) == DType::F32);
  CHECK(promote_types(DType::Bool, DType::U8) == DType::U8);
  CHECK(promote_types(DType::U32, DType::I32) == DType::I64);
  CHECK_THROWS_AS(promote_types(DType::U64, DType::I8), TypeError);
}

TEST_CASE("windows are checked against their storage") {
  const Tensor x = empty({3, 4});
  CHECK_NOTHROW(Tensor::over(x.storage(), DType::F32, {2, 2}, {4, 1}, 6));
  CHECK_THROWS_AS(Tensor::over(x.storage(), DType::F32, {2, 2}, {4, 1}, 7), ValueError);
  CHECK_THROWS_AS(Tensor::over(x.storage(), DType::F32, {2}, {-1}, 0), ValueError);
  CHECK_THROWS_AS(Tensor::over(x.storage(), DType::F32, {2}, {INT64_MAX}, 1), ValueError);
  CHECK_THROWS_AS(Tensor::over(x.storage(), DType::F32, {1}, {1}, -1), ValueError);
  CHECK_NOTHROW(Tensor::over(x.storage(), DType::F32, {0}, {1}, 1000));
}

TEST_CASE("impossible sizes are errors, not crashes") {
  CHECK_THROWS_AS(empty({-1}), ValueError);
  CHECK_THROWS_AS(empty({INT64_MAX, INT64_MAX}), ValueError);
  CHECK_THROWS_AS(empty({INT64_MAX}), OutOfMemoryError);
  CHECK_THROWS_AS(empty({int64_t{1} << 45}), OutOfMemoryError);
  CHECK_THROWS_AS(Dims(17, 1), ValueError);
  CHECK(empty({0, INT64_MAX, INT64_MAX}).numel() == 0);
}

TEST_CASE("memory is aligned and counted") {
  empty_cache();
  const MemoryStats before = memory_stats();
  {
    const Tensor x = empty({1000, 1000});
    CHECK(reinterpret_cast<uintptr_t>(x.data_ptr()) % kAlignment == 0);
    CHECK(memory_stats().allocated >= before.allocated + 4000000);
  }
  CHECK(memory_stats().allocated == before.allocated);
  empty_cache();
  CHECK(memory_stats().reserved == before.reserved);
}

TEST_CASE("from_blob keeps its owner until the last tensor goes") {
  std::vector<float> data{1, 2, 3, 4, 5, 6};
  bool released = false;
  {
    Tensor part;
    {
      const Tensor x = from_blob(data.data(), {2, 3}, {3, 1}, DType::F32, [&] { released = true; });
      part = Tensor::over(x.storage(), DType::F32, {2}, {3}, 1);
    }
    CHECK(!released);
    CHECK(part.data<float>()[3] == 5);
  }
  CHECK(released);
  const Tensor backwards = from_blob(data.data() + 5, {6}, {-1}, DType::F32, nullptr);
  CHECK(backwards.data<float>()[-5] == 1);
}

TEST_CASE("many threads allocate and free at once") {
  const size_t before = memory_stats().allocated;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      std::vector<Tensor> kept;
      for (int i = 0; i < 2000; ++i) {
        kept.push_back(empty({(i * 37 + t) % 5000 + 1}));
        kept.back().data<float>()[0] = static_cast<float>(i);
        if (kept.size() > 20) kept.erase(kept.begin() + i % 20);
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(memory_stats().allocated == before);
}
