// The families the row kernels are compiled in, one .cc file each; rows.cc asks them in turn. Each
// returns nullptr for ops and dtypes that are not its own.
#pragma once

#include "lydia/cpu/rows.h"

namespace lydia::cpu {

RowFn arith_row(RowOp op, DType t);       // float arithmetic, choosing, rounding
RowFn compare_row(RowOp op, DType t);     // comparisons, predicates, logic; all dtypes
RowFn int_row(RowOp op, DType t);         // integers and bool
RowFn divide_row(RowOp op, DType t);      // float division with remainder
RowFn math_row(RowOp op, DType t);        // exp, log and what is made of them
RowFn trig_row(RowOp op, DType t);        // trigonometric and hyperbolic functions
RowFn activation_row(RowOp op, DType t);  // activations and their gradients
RowFn special_row(RowOp op, DType t);     // rare float functions, one element at a time

}  // namespace lydia::cpu
