// The rules of ops/optimizer_step.h over contiguous rows, vectorised.
#pragma once

#include <cstdint>

#include "lydia/ops/optimizer_step.h"

namespace lydia::cpu {

template <class T>
struct StepRow {
  T* p;
  const T* g;
  T* s[kStepSlots];
  // StepNumbers in the row's type.
  T sign, l2, keep, rate, decay1, gain1, decay2, gain2, root, eps;
};

void step_row(StepRule rule, const StepRow<float>& row, int64_t n);
void step_row(StepRule rule, const StepRow<double>& row, int64_t n);

// x *= factor; true when every x was finite before.
bool scale_row(float* x, float factor, int64_t n);
bool scale_row(double* x, double factor, int64_t n);

}  // namespace lydia::cpu
