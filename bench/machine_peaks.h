// What this machine can do at best: the ceilings that benchmarks are judged by, on
// get_num_threads() threads.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "lydia/core/allocator.h"
#include "lydia/core/threads.h"
#include "lydia/cpu/parallel.h"

namespace lydia::bench {

struct MachinePeaks {
  double fma_gflops = 0;  // f32 multiply-adds, two operations each
  double vnni_gops = 0;   // u8·s8 multiply-adds into s32, two operations each; 0: no AVX512-VNNI
  double read_gbs = 0;    // reading 1 GiB, in 10^9 bytes a second
};

inline double now_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// Keeps the compiler from dropping the work behind `value`.
inline void keep(double value) {
  static std::atomic<double> sink;
  sink.store(value, std::memory_order_relaxed);
}

// Each of these does `rounds` rounds of 16 independent chains, enough to hide the latency of a
// multiply-add, and returns the operations done.
inline double fma_plain(int64_t rounds) {
  float chain[64];
  std::fill_n(chain, 64, 0.5f);
  for (int64_t i = 0; i < rounds; ++i) {
    for (float& x : chain) x = x * 0.999f + 0.001f;
  }
  keep(chain[rounds % 64]);
  return 64.0 * 2 * rounds;
}

#if defined(__x86_64__)

[[gnu::target("avx512f")]] inline double fma_avx512(int64_t rounds) {
  const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
  __m512 chain[16];
  for (__m512& x : chain) x = b;
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < 16; ++j) chain[j] = _mm512_fmadd_ps(chain[j], a, b);
  }
  for (__m512 x : chain) keep(x[0]);
  return 16.0 * 16 * 2 * rounds;
}

[[gnu::target("avx2,fma")]] inline double fma_avx2(int64_t rounds) {
  const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
  __m256 chain[12];  // 16 registers in all
  for (__m256& x : chain) x = b;
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < 12; ++j) chain[j] = _mm256_fmadd_ps(chain[j], a, b);
  }
  for (__m256 x : chain) keep(x[0]);
  return 12.0 * 8 * 2 * rounds;
}

// Written as instructions: from the intrinsic g++ 12 makes register moves that cost a third.
[[gnu::target("avx512f,avx512vnni")]] inline double vnni_avx512(int64_t rounds) {
  const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-2);
#define LYDIA_CHAIN(n) "vpdpbusd %1, %0, %%zmm" #n "\n"
  for (int64_t i = 0; i < rounds; ++i) {
    asm volatile(LYDIA_CHAIN(16) LYDIA_CHAIN(17) LYDIA_CHAIN(18) LYDIA_CHAIN(19) LYDIA_CHAIN(20)
                     LYDIA_CHAIN(21) LYDIA_CHAIN(22) LYDIA_CHAIN(23) LYDIA_CHAIN(24) LYDIA_CHAIN(25)
                         LYDIA_CHAIN(26) LYDIA_CHAIN(27) LYDIA_CHAIN(28) LYDIA_CHAIN(29)
                             LYDIA_CHAIN(30) LYDIA_CHAIN(31)
                 :
                 : "v"(a), "v"(b)
                 : "zmm16", "zmm17", "zmm18", "zmm19", "zmm20", "zmm21", "zmm22", "zmm23", "zmm24",
                   "zmm25", "zmm26", "zmm27", "zmm28", "zmm29", "zmm30", "zmm31");
  }
#undef LYDIA_CHAIN
  return 16.0 * 64 * 2 * rounds;
}

#endif

using Rounds = double (*)(int64_t rounds);

inline Rounds best_fma() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return fma_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma_avx2;
#endif
  return fma_plain;
}

inline Rounds best_vnni() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) return vnni_avx512;
#endif
  return nullptr;
}

// 10^9 operations a second, the best of five runs of about 20 ms.
inline double billions(Rounds run) {
  double best = 0;
  for (int trial = 0; trial < 5; ++trial) {
    std::atomic<double> done{0};
    const double start = now_seconds();
    parallel_for(0, get_num_threads(), 1, [&](int64_t, int64_t) { done += run(5'000'000); });
    best = std::max(best, done / (now_seconds() - start) / 1e9);
  }
  return best;
}

// One piece per thread, so that each reads forward through its own part.
inline double read_billions() {
  constexpr int64_t kWords = (int64_t{1} << 30) / sizeof(uint64_t);
  uint64_t* const data = static_cast<uint64_t*>(allocate(kWords * sizeof(uint64_t)));
  parallel_for(0, kWords, kGrain,
               [&](int64_t first, int64_t last) { std::fill(data + first, data + last, 1); });
  double best = 0;
  for (int trial = 0; trial < 5; ++trial) {
    const double start = now_seconds();
    parallel_for(0, kWords, kGrain, [&](int64_t first, int64_t last) {
      uint64_t sums[32] = {};  // as many loads in flight as the core takes
      for (int64_t i = first; i + 32 <= last; i += 32) {
        for (int j = 0; j < 32; ++j) sums[j] += data[i + j];
      }
      keep(static_cast<double>(sums[first % 32]));
    });
    best = std::max(best, kWords * 8.0 / (now_seconds() - start) / 1e9);
  }
  deallocate(data, kWords * sizeof(uint64_t));
  return best;
}

inline MachinePeaks measure_peaks() {
  MachinePeaks peaks;
  peaks.fma_gflops = billions(best_fma());
  if (best_vnni()) peaks.vnni_gops = billions(best_vnni());
  peaks.read_gbs = read_billions();
  return peaks;
}

}  // namespace lydia::bench
