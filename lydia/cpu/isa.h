// Which instruction set the vector kernels run with.
#pragma once

namespace lydia::cpu {

// "avx512", "avx2" or "baseline": the best this machine has, capped by the environment variable
// LYDIA_MAX_ISA (one of the same words), which is read once.
const char* isa_name();

// Makes Highway's dispatch obey LYDIA_MAX_ISA. Every kernel table calls it before it fills itself.
void choose_isa();

}  // namespace lydia::cpu
