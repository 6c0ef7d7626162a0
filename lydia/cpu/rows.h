// Elementwise kernels over contiguous rows of one compute dtype, vectorised for the machine's best
// instruction set. They know nothing of tensors: the strided traversal feeds them rows.
#pragma once

#include <cstdint>

#include "lydia/core/dtype.h"

namespace lydia::cpu {

enum class RowOp : uint16_t {
#define ROW(name) name,
#include "lydia/cpu/row_list.inc"
#undef ROW
};

#define ROW(name) +1
inline constexpr int kRowOpCount = 0
#include "lydia/cpu/row_list.inc"
    ;
#undef ROW

// in[i] points at n contiguous elements of the compute dtype (`where` takes its mask, in[0], as
// bool); out at n contiguous elements of the result dtype: the compute dtype, or bool for
// comparisons, predicates and logical ops. attrs is the op's array of numbers, or nullptr when it
// has none. out may be one of the inputs, and inputs may be each other, but they never overlap in
// part.
using RowFn = void (*)(const void* const* in, void* out, int64_t n, const double* attrs);

// The row kernel of `op` for `compute`, or nullptr when the op does not take that compute dtype.
// Float ops take f32 and f64; f16 and bf16 are for the caller to convert (see convert.h), except
// for `where`, which only moves bits.
RowFn row_fn(RowOp op, DType compute);

// "add", "sub", ...: the name in row_list.inc.
const char* row_op_name(RowOp op);

}  // namespace lydia::cpu
