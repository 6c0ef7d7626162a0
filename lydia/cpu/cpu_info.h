// What the processor offers and which libraries compute on it, for `lydia doctor`.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lydia {

struct CpuInfo {
  std::string model;
  int cores = 0;                                  // those this process may run on
  std::vector<std::pair<std::string, bool>> isa;  // {"AVX2", true}, {"AMX", false}, ...
  std::vector<std::string> caches;                // "L1 Data 48K", ... of the first core
};

CpuInfo cpu_info();

// The compute libraries and what they choose here: {"oneDNN", "2.6.3, AVX-512 VNNI"}, ...
std::vector<std::pair<std::string, std::string>> cpu_libraries();

}  // namespace lydia
