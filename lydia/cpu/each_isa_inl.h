// Compiles the including .cc file, which HWY_TARGET_INCLUDE names, once per instruction set:
// AVX-512, AVX2 and plain x86-64 (one lane at a time). Comes before any other Highway header.
#pragma once

#define HWY_BROKEN_EMU128 1  // the baseline is HWY_SCALAR with every compiler
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)

#include <hwy/foreach_target.h>
