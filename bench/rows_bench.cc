// Row kernels: nanoseconds per element and GB/s (bytes read and written) for rows that fit the
// first cache, the second cache, and neither. Arguments, all optional: dtype (f32), then op names.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "bench/timing.h"
#include "lydia/cpu/convert.h"
#include "lydia/cpu/isa.h"
#include "lydia/cpu/rows.h"

namespace {

using namespace lydia;
using namespace lydia::cpu;
using bench::time_ns;

int input_count(RowOp op) {
  switch (op) {
    case RowOp::where:
    case RowOp::lerp:
    case RowOp::addcmul:
    case RowOp::addcdiv:
    case RowOp::clamp_tensor: return 3;
    default: break;
  }
  const bool binary =
      op <= RowOp::add_scaled || (op >= RowOp::eq && op <= RowOp::logical_xor) ||
      (op >= RowOp::bitwise_and && op <= RowOp::right_shift && op != RowOp::bitwise_not) ||
      op >= RowOp::sigmoid_grad;
  return binary ? 2 : 1;
}

template <class T>
void bench_op(RowOp op) {
  const RowFn fn = row_fn(op, dtype_of<T>());
  if (!fn) return;
  std::printf("%-18s", row_op_name(op));
  const int inputs = input_count(op);
  for (const int64_t n : {int64_t{2048}, int64_t{65536} / 2, int64_t{16} << 20}) {
    std::vector<T> x[3];
    for (int k = 0; k < 3; ++k) {
      x[k].resize(n);
      for (int64_t i = 0; i < n; ++i)
        x[k][i] = static_cast<T>((i * 37 + k * 11) % 97) / 24 - (k == 0);
    }
    std::vector<uint8_t> mask(n);
    for (int64_t i = 0; i < n; ++i) mask[i] = i % 3 == 0;
    std::vector<T> y(n);
    const void* in[] = {x[0].data(), x[1].data(), x[2].data()};
    if (op == RowOp::where) in[0] = mask.data();
    const double attrs[] = {1, 20, 0};
    const double ns = time_ns([&] { fn(in, y.data(), n, attrs); }) / n;
    std::printf("  %7.3f ns %6.1f GB/s", ns, (inputs + 1) * sizeof(T) / ns);
  }
  std::printf("\n");
}

void bench_convert(DType from, DType to, int from_size, int to_size, const char* name) {
  std::printf("%-18s", name);
  for (const int64_t n : {int64_t{2048}, int64_t{65536} / 2, int64_t{16} << 20}) {
    std::vector<char> x(n * from_size), y(n * to_size);
    const ConvertFn fn = convert_fn(from, to);
    const double ns = time_ns([&] { fn(x.data(), y.data(), n); }) / n;
    std::printf("  %7.3f ns %6.1f GB/s", ns, (from_size + to_size) / ns);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string dtype = argc > 1 ? argv[1] : "f32";
  std::printf("%s, %s; rows of 2 Ki, 32 Ki and 16 Mi elements\n", isa_name(), dtype.c_str());
  if (dtype == "convert") {
    bench_convert(DType::F32, DType::BF16, 4, 2, "f32 -> bf16");
    bench_convert(DType::BF16, DType::F32, 2, 4, "bf16 -> f32");
    bench_convert(DType::F32, DType::F16, 4, 2, "f32 -> f16");
    bench_convert(DType::F16, DType::F32, 2, 4, "f16 -> f32");
    bench_convert(DType::F32, DType::F64, 4, 8, "f32 -> f64");
    bench_convert(DType::F64, DType::F32, 8, 4, "f64 -> f32");
    bench_convert(DType::I64, DType::F32, 8, 4, "i64 -> f32");
    bench_convert(DType::F32, DType::I64, 4, 8, "f32 -> i64");
    bench_convert(DType::F32, DType::I32, 4, 4, "f32 -> i32");
    bench_convert(DType::U8, DType::F32, 1, 4, "u8 -> f32");
    bench_convert(DType::F32, DType::U8, 4, 1, "f32 -> u8");
    bench_convert(DType::F32, DType::Bool, 4, 1, "f32 -> bool");
    bench_convert(DType::F64, DType::F16, 8, 2, "f64 -> f16");
    return 0;
  }
  for (int i = 0; i < kRowOpCount; ++i) {
    const RowOp op = static_cast<RowOp>(i);
    bool wanted = argc <= 2;
    for (int k = 2; k < argc; ++k) wanted = wanted || std::strcmp(argv[k], row_op_name(op)) == 0;
    if (!wanted) continue;
    if (dtype == "f32") bench_op<float>(op);
    if (dtype == "f64") bench_op<double>(op);
    if (dtype == "i32") bench_op<int32_t>(op);
    if (dtype == "i64") bench_op<int64_t>(op);
    if (dtype == "u8") bench_op<uint8_t>(op);
  }
  return 0;
}
