// Every row kernel of every dtype: a row's length, its place in memory and working in place change
// nothing, and nothing outside the row is written.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "lydia/cpu/rows.h"
#include "tests/cpu/row_cases.h"

namespace lydia::cpu {
namespace {

using namespace testing;

constexpr int64_t kMost = 70;
constexpr double kAttrs[] = {0.5, 1.5, 2.5};
constexpr std::byte kGuard{0xa5};

bool gives_bool(RowOp op) { return op >= RowOp::eq && op <= RowOp::signbit; }

bool has_row(RowOp op, DType t) { return row_fn(op, t) != nullptr; }

template <class T>
std::vector<T> some_values(uint32_t seed) {
  std::vector<T> values(kMost + 8);
  std::mt19937_64 random(seed);
  for (T& v : values) {
    if constexpr (std::is_floating_point_v<T>) {
      v = random() % 8 == 0 ? std::bit_cast<T>(static_cast<BitsOf<T>>(random()))
                            : static_cast<T>(static_cast<double>(random() % 2000) / 100 - 10);
    } else {
      v = static_cast<T>(random() % 4 == 0 ? random() : random() % 40);
    }
  }
  return values;
}

// The rows of one op, with the inputs at `offset` elements into their memory.
template <class T>
struct Rows {
  Rows(RowOp op, DType compute)
      : op(op), fn(row_fn(op, compute)), out_size(gives_bool(op) ? 1 : sizeof(T)) {
    for (uint32_t k = 0; k < 3; ++k) inputs[k] = some_values<T>(17 + k);
    mask.resize(kMost + 8);
    for (size_t i = 0; i < mask.size(); ++i) mask[i] = i * i % 7 < 3;
    if (compute == DType::Bool) {
      for (auto& input : inputs) {
        for (T& v : input) v = static_cast<T>(v != T{0});
      }
    }
  }

  std::vector<std::byte> run(int64_t offset, int64_t n) const {
    const void* in[] = {inputs[0].data() + offset, inputs[1].data() + offset,
                        inputs[2].data() + offset};
    if (op == RowOp::where) in[0] = mask.data() + offset;
    std::vector<std::byte> out(n * out_size + 64, kGuard);
    fn(in, out.data(), n, kAttrs);
    REQUIRE(std::count(out.begin() + n * out_size, out.end(), kGuard) == 64);
    out.resize(n * out_size);
    return out;
  }

  std::vector<std::byte> run_in_place(int64_t n, int into) {
    std::vector<T> kept = inputs[into];
    const void* in[] = {inputs[0].data(), inputs[1].data(), inputs[2].data()};
    if (op == RowOp::where) in[0] = mask.data();
    fn(in, inputs[into].data(), n, kAttrs);
    std::vector<std::byte> out(n * out_size);
    if (n > 0) std::memcpy(out.data(), inputs[into].data(), out.size());
    inputs[into] = kept;
    return out;
  }

  RowOp op;
  RowFn fn;
  size_t out_size;
  std::vector<T> inputs[3];
  std::vector<uint8_t> mask;
};

template <class T>
void check_layout(RowOp op, DType compute) {
  Rows<T> rows(op, compute);
  if (!rows.fn) return;
  INFO(std::string(row_op_name(op)), " of dtype ", static_cast<int>(compute));
  std::vector<std::byte> each;  // every element by itself
  for (int64_t i = 0; i < kMost; ++i) {
    const std::vector<std::byte> one = rows.run(i, 1);
    each.insert(each.end(), one.begin(), one.end());
  }
  bool same = true;
  for (int64_t n = 0; n <= kMost; ++n) {
    for (int64_t offset : {0, 1, 3}) {
      if (offset + n > kMost) continue;
      const std::vector<std::byte> out = rows.run(offset, n);
      same = same && std::equal(out.begin(), out.end(), each.begin() + offset * rows.out_size);
    }
  }
  CHECK_MESSAGE(same, "a longer row differs from its elements");
  if (rows.out_size != sizeof(T)) return;
  for (int into = op == RowOp::where ? 1 : 0; into < 3; ++into) {
    for (int64_t n : {1, 7, 16, 33, 70}) {
      const bool equal = rows.run(0, n) == rows.run_in_place(n, into);
      CHECK_MESSAGE(equal, "in place into input ", into, ", ", n, " elements");
    }
  }
}

TEST_CASE("rows do not depend on length, alignment or aliasing") {
  for (int i = 0; i < kRowOpCount; ++i) {
    const RowOp op = static_cast<RowOp>(i);
    check_layout<uint8_t>(op, DType::Bool);
    check_layout<uint8_t>(op, DType::U8);
    check_layout<uint16_t>(op, DType::U16);
    check_layout<uint32_t>(op, DType::U32);
    check_layout<uint64_t>(op, DType::U64);
    check_layout<int8_t>(op, DType::I8);
    check_layout<int16_t>(op, DType::I16);
    check_layout<int32_t>(op, DType::I32);
    check_layout<int64_t>(op, DType::I64);
    check_layout<float>(op, DType::F32);
    check_layout<double>(op, DType::F64);
  }
}

TEST_CASE("rows too long for the caches are stored past them, wherever they start") {
  const int64_t n = (int64_t{5} << 20) + 7;
  std::vector<float> a(n), b(n), y(n + 32), want(n);
  for (int64_t i = 0; i < n; ++i) a[i] = static_cast<float>(i % 1013), b[i] = 1.0f / (a[i] + 1);
  const RowFn add = row_fn(RowOp::add, DType::F32);
  for (int64_t i = 0; i < n; i += 1000) {
    const void* in[] = {a.data() + i, b.data() + i};
    add(in, want.data() + i, std::min<int64_t>(1000, n - i), nullptr);
  }
  const void* in[] = {a.data(), b.data()};
  for (int64_t offset : {0, 1, 5, 16}) {
    std::fill(y.begin(), y.end(), -1.0f);
    add(in, y.data() + offset, n, nullptr);
    CHECK(std::equal(want.begin(), want.end(), y.begin() + offset));
    CHECK(y[offset + n] == -1.0f);
    if (offset > 0) CHECK(y[offset - 1] == -1.0f);
  }
  add(in, a.data(), n, nullptr);  // in place
  CHECK(a == want);
}

TEST_CASE("every op has a row for f32 and f64, bit ops for the integers") {
  for (int i = 0; i < kRowOpCount; ++i) {
    const RowOp op = static_cast<RowOp>(i);
    const bool bits = op >= RowOp::bitwise_and && op <= RowOp::right_shift;
    const bool whole = op == RowOp::gcd || op == RowOp::lcm;
    INFO(std::string(row_op_name(op)));
    for (DType t : {DType::F32, DType::F64}) CHECK(has_row(op, t) == !(bits || whole));
    if (bits || whole) CHECK(has_row(op, DType::I32));
  }
  CHECK(has_row(RowOp::where, DType::BF16));
  CHECK_FALSE(has_row(RowOp::exp, DType::I32));
}

}  // namespace
}  // namespace lydia::cpu
