// Between the planner (gemm_int8.cc) and the kernels (gemm_int8_tiles.cc) of the 8-bit product.
//
// Four neighbours along k make one 32-bit word, so that the product becomes one of word matrices,
// k/4 deep, in which a word times a word is a sum of four products. Blocks are as in gemm_block.h.
#pragma once

#include "lydia/cpu/gemm_block.h"

namespace lydia::cpu {

using WordBlock = GemmBlock<int32_t, int32_t>;

// The bytes of S are unsigned and those of V signed, or the other way round.
void tiles_u8_s8(const WordBlock& block);
void tiles_s8_u8(const WordBlock& block);

// words[j] = the bytes from[0][j], from[1][j], from[2][j], from[3][j], lowest first, for j < count.
void zip_bytes(const uint8_t* const from[4], int64_t count, int32_t* words);

}  // namespace lydia::cpu
