// The matrix product on raw memory at the sizes of language models, beside the machine's ceilings:
// C = A·Bᵀ + bias ("linear"), C = A·B, and u8·s8 -> s32 ("int8"). Best and median of repeated
// calls. Arguments, all optional: which of linear, matmul, int8 to run.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "bench/machine_peaks.h"
#include "lydia/cpu/gemm.h"
#include "lydia/cpu/gemm_int8.h"

namespace lydia::bench {
namespace {

struct Size {
  int64_t n, k;
};
constexpr Size kSizes[] = {{768, 768}, {3072, 768}, {768, 3072}, {4096, 4096}, {50257, 768}};
constexpr int64_t kRows[] = {1, 8, 32, 128, 512};

// 64-byte aligned, as tensors are; pages touched by several threads.
template <class T>
struct Buffer {
  explicit Buffer(int64_t count)
      : bytes(count * sizeof(T)), data(static_cast<T*>(allocate(bytes))) {
    for (int64_t i = 0; i < count; ++i) data[i] = static_cast<T>(i * 37 % 61 - 30);
  }
  ~Buffer() { deallocate(data, bytes); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  size_t bytes;
  T* data;
};

struct Times {
  double best, median;
};

template <class F>
Times time_calls(const F& call) {
  call();
  std::vector<double> seconds;
  const double end = now_seconds() + 0.4;
  while (now_seconds() < end || seconds.size() < 5) {
    const double start = now_seconds();
    call();
    seconds.push_back(now_seconds() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds.front(), seconds[seconds.size() / 2]};
}

void print_row(int64_t m, Size s, Times t, double peak_gops, double bytes, double read_gbs) {
  const double ops = 2.0 * m * s.n * s.k;
  std::printf("%5ld %6ld %5ld %10.1f %10.1f %9.1f %6.1f %8.1f %6.1f\n", static_cast<long>(m),
              static_cast<long>(s.n), static_cast<long>(s.k), t.best * 1e6, t.median * 1e6,
              ops / t.best / 1e9, 100 * ops / t.best / 1e9 / peak_gops, bytes / t.best / 1e9,
              100 * bytes / t.best / 1e9 / read_gbs);
}

void print_head(const char* name, const char* unit) {
  std::printf("\n%s\n    M      N     K    best us  median us %9s %6s %8s %6s\n", name, unit,
              "% peak", "GB/s", "% read");
}

void bench_f32(const char* name, bool linear, const MachinePeaks& peaks) {
  print_head(name, "GFLOP/s");
  for (const Size s : kSizes) {
    const Buffer<float> b(s.n * s.k), bias(s.n);
    for (const int64_t m : kRows) {
      const Buffer<float> a(m * s.k), c(m * s.n);
      cpu::Gemm<float, float> g{m, s.n, s.k, {a.data, s.k, 1}, {b.data, s.n, 1}, {c.data, s.n, 1}};
      if (linear) {
        g.b = {b.data, 1, s.k};
        g.bias = bias.data;
      }
      const double bytes = 4.0 * (m * s.k + s.n * s.k + m * s.n);
      print_row(m, s, time_calls([&] { cpu::gemm(g); }), peaks.fma_gflops, bytes, peaks.read_gbs);
    }
  }
}

void bench_int8(const MachinePeaks& peaks) {
  print_head("int8, B stored as rows of N", "GOP/s");
  const double peak = peaks.vnni_gops > 0 ? peaks.vnni_gops : peaks.fma_gflops;
  for (const Size s : kSizes) {
    const Buffer<int8_t> b(s.n * s.k);
    for (const int64_t m : kRows) {
      const Buffer<uint8_t> a(m * s.k);
      const Buffer<int32_t> c(m * s.n);
      const cpu::GemmInt8 g{m, s.n, s.k, {a.data, s.k, 1}, {b.data, 1, s.k}, {c.data, s.n, 1}};
      const double bytes = 1.0 * m * s.k + s.n * s.k + 4.0 * m * s.n;
      print_row(m, s, time_calls([&] { cpu::gemm(g); }), peak, bytes, peaks.read_gbs);
    }
  }
}

}  // namespace
}  // namespace lydia::bench

int main(int argc, char** argv) {
  const auto wanted = [&](const char* name) {
    bool found = argc == 1;
    for (int i = 1; i < argc; ++i) found |= std::strcmp(argv[i], name) == 0;
    return found;
  };
  const lydia::bench::MachinePeaks peaks = lydia::bench::measure_peaks();
  std::printf("%d threads; FMA %.0f GFLOP/s, VNNI %.0f GOP/s, read %.1f GB/s\n",
              lydia::get_num_threads(), peaks.fma_gflops, peaks.vnni_gops, peaks.read_gbs);
  if (wanted("linear")) lydia::bench::bench_f32("linear, f32", true, peaks);
  if (wanted("matmul")) lydia::bench::bench_f32("matmul, f32", false, peaks);
  if (wanted("int8")) lydia::bench::bench_int8(peaks);
}
