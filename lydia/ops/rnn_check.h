// What lstm_scan and gru_scan share: argument checks and the pieces of their gradients.
#pragma once

#include "lydia/ops/rnn.h"

namespace lydia {

// x [T, B, gates * H], w_hh [gates * H, H], states [B, H], all of one floating dtype.
void check_scan(const char* op, const Tensor& x, const Tensor& w_hh, const Tensor& state,
                int64_t gates, const ScanOptions& options);
// The state before each time: [T, B, H].
Tensor states_before(const Tensor& states, const Tensor& first, const ScanOptions& options);
// a [T, B, N] and b [T, B, H]: sum over times and rows of a bᵀ, [N, H].
Tensor outer_sum(const Tensor& a, const Tensor& b);
// [B, 1] of 1 for the rows that take part at `time`, else 0; undefined when all do.
Tensor active_rows(const ScanOptions& options, int64_t time, const Tensor& like);
// `value` in the rows of `active`, `other` elsewhere.
Tensor choose_rows(const Tensor& active, const Tensor& value, const Tensor& other);

}  // namespace lydia
