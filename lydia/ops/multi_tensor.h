// Ops over lists of tensors that rewrite some of them in place, outside autograd: optimiser steps,
// clipping, averages of weights. Such an op (LYDIA_MULTI_OP) has a kernel and no gradient rule.
#pragma once

#include <span>
#include <vector>

#include "lydia/ops/op.h"

namespace lydia {

// Nothing is recorded while it lives, and nothing made is an inference tensor.
class OutsideAutograd {
 public:
  OutsideAutograd() : saved_(grad_state()) { grad_state() = {false, false}; }
  ~OutsideAutograd() { grad_state() = saved_; }
  OutsideAutograd(const OutsideAutograd&) = delete;
  OutsideAutograd& operator=(const OutsideAutograd&) = delete;

 private:
  GradState saved_;
};

// Throws unless `t` is a floating tensor whose memory may be written.
void check_rewritten(const char* op, const Tensor& t, const char* argument);

// The same for a parameter, and that its gradient has its shape and dtype.
void check_stepped(const char* op, const Tensor& param, const Tensor& grad);

// The tensors that a multi op rewrites. The kernel sees them contiguous: others are copied for it
// and written back.
class Rewritten {
 public:
  explicit Rewritten(size_t count) : targets_(count), seen_(count) {}
  void set(size_t i, const Tensor& t);
  // Runs the kernel of `op` over (inputs, the tensors set; others are undefined) and counts the
  // versions of what was written up.
  template <class A>
  void run(Op op, const Tensors& inputs, const A& attrs) {
    run(op, inputs, static_cast<const void*>(&attrs));
  }

 private:
  void run(Op op, const Tensors& inputs, const void* attrs);

  Tensors targets_, seen_;
};

}  // namespace lydia
