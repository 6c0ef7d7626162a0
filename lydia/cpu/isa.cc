#include "lydia/cpu/isa.h"

#include <hwy/targets.h>

#include <cstdlib>
#include <string_view>

namespace lydia::cpu {

void choose_isa() {
  static const bool done = [] {
    const char* cap = std::getenv("LYDIA_MAX_ISA");
    const std::string_view max = cap ? cap : "";
    if (max == "avx2") hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
    if (max == "baseline") hwy::DisableTargets(HWY_AVX2 | HWY_AVX3 | HWY_AVX3_DL);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return true;
  }();
  (void)done;
}

const char* isa_name() {
  choose_isa();
  const int64_t best = hwy::SupportedTargets();
  if (best & HWY_AVX3) return "avx512";
  if (best & HWY_AVX2) return "avx2";
  return "baseline";
}

}  // namespace lydia::cpu
