// In-place ops: checks before the write, and the history after it.
//
// `x.op_(...)` computes the recorded result r = op(x, ...), writes r's values into x's memory and
// lets x take over r's history; a base of x, and its other views, see the rewrite too.
#pragma once

#include "lydia/ops/op.h"

namespace lydia {

// Throws unless `self` may be written in place: writable, not expanded, not a leaf that requires
// grad (nor a view of one) while gradients are enabled. `op` without the trailing underscore.
void check_inplace(const char* op, const Tensor& self);
// After result's values were written into self: bumps the version, moves result's history to self.
void adopt_history(const Tensor& self, const Tensor& result);
// Copies result into self (converting dtype, broadcasting) and adopts its history.
const Tensor& write_inplace(const char* op, const Tensor& self, const Tensor& result);
// self, or a copy of it with the same history when `saved` holds one of the inputs, since the op
// is about to overwrite it.
Tensor inplace_source(const Tensor& self, Saves saved);
// Renews the history of a view whose base was rewritten.
void refresh_view(const Tensor& view);

}  // namespace lydia
