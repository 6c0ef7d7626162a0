// Reads Linux's /proc/cpuinfo and /sys, and asks the libraries for their versions.
#include "lydia/cpu/cpu_info.h"

#include <dlfcn.h>
#include <hwy/highway.h>
#include <lapacke.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <oneapi/dnnl/dnnl.hpp>
#include <set>
#include <sstream>
#include <thread>

namespace lydia {
namespace {

// Extensions that kernels choose by, and the flags of /proc/cpuinfo that all must be there.
struct Extension {
  const char* name;
  std::vector<std::string> flags;
};

std::vector<Extension> extensions() {
  return {
      {"AVX2", {"avx2", "fma", "f16c"}},
      {"AVX-512", {"avx512f", "avx512bw", "avx512dq", "avx512vl"}},
      {"AVX-VNNI", {"avx_vnni"}},
      {"AVX-512 VNNI", {"avx512_vnni"}},
      {"AVX-512 BF16", {"avx512_bf16"}},
      {"AVX-512 FP16", {"avx512_fp16"}},
      {"AMX", {"amx_tile", "amx_int8", "amx_bf16"}},
  };
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The value of the first "key : value" line of /proc/cpuinfo.
std::string cpuinfo_value(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

std::vector<std::string> caches() {
  std::vector<std::string> out;
  for (int i = 0;; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    const std::string level = first_line(folder + "level");
    if (level.empty()) return out;
    out.push_back("L" + level + " " + first_line(folder + "type") + " " +
                  first_line(folder + "size"));
  }
}

std::string onednn_isa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: return "SSE4.1";
    case dnnl::cpu_isa::avx: return "AVX";
    case dnnl::cpu_isa::avx2: return "AVX2";
    case dnnl::cpu_isa::avx2_vnni: return "AVX2 VNNI";
    case dnnl::cpu_isa::avx512_core: return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni: return "AVX-512 VNNI";
    case dnnl::cpu_isa::avx512_core_bf16: return "AVX-512 BF16";
    case dnnl::cpu_isa::avx512_core_amx: return "AMX";
    default: return "everything it knows";
  }
}

template <class... Parts>
std::string dotted(const Parts&... parts) {
  std::ostringstream out;
  const char* dot = "";
  ((out << dot << parts, dot = "."), ...);
  return out.str();
}

// Debian chooses the library behind LAPACK's interface when it is loaded, so ask which one it is.
std::string lapack_provider() {
  lapack_int major = 0, minor = 0, patch = 0;
  LAPACKE_ilaver(&major, &minor, &patch);
  Dl_info info{};
  void* const routine = dlsym(RTLD_DEFAULT, "dgetrf_");
  std::error_code none;
  const std::string file = routine && dladdr(routine, &info) && info.dli_fname
                               ? std::filesystem::canonical(info.dli_fname, none).string()
                               : "";
  return dotted(major, minor, patch) + ", " + (file.empty() ? "from an unknown file" : file);
}

}  // namespace

CpuInfo cpu_info() {
  CpuInfo info;
  info.model = cpuinfo_value("model name");
  info.cores = static_cast<int>(std::thread::hardware_concurrency());
  info.caches = caches();
  std::istringstream words(cpuinfo_value("flags"));
  const std::set<std::string> flags{std::istream_iterator<std::string>(words), {}};
  for (const auto& [name, needed] : extensions()) {
    const bool all = std::all_of(needed.begin(), needed.end(),
                                 [&](const std::string& flag) { return flags.contains(flag); });
    info.isa.emplace_back(name, all);
  }
  return info;
}

std::vector<std::pair<std::string, std::string>> cpu_libraries() {
  const dnnl_version_t& onednn = *dnnl_version();
  const int64_t targets = hwy::SupportedTargets();  // the best target is the lowest bit
  return {
      {"oneDNN", dotted(onednn.major, onednn.minor, onednn.patch) + ", " + onednn_isa()},
      {"Highway",
       dotted(HWY_MAJOR, HWY_MINOR, HWY_PATCH) + ", " + hwy::TargetName(targets & -targets)},
      {"OpenMP", std::to_string(_OPENMP)},
      {"LAPACK", lapack_provider()},
  };
}

}  // namespace lydia
