// Prints the ceilings of this machine; with --json as one object, for scripts.
#include "bench/machine_peaks.h"

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  const lydia::bench::MachinePeaks peaks = lydia::bench::measure_peaks();
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  std::printf(json ? "{\"fma_gflops\": %.1f, \"vnni_gops\": %.1f, \"read_gbs\": %.2f}\n"
                   : "f32 multiply-add  %8.1f GFLOP/s\nu8·s8 multiply-add%8.1f GOP/s\n"
                     "memory read       %8.2f GB/s\n",
              peaks.fma_gflops, peaks.vnni_gops, peaks.read_gbs);
}
