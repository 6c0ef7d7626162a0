// Scoped switches of the calling thread: what is recorded for backward.
#pragma once

#include "lydia/core/node.h"

namespace lydia {

class GradModeGuard {
 public:
  explicit GradModeGuard(bool enabled) : saved_(grad_state()) {
    grad_state().grad_enabled = enabled;
  }
  ~GradModeGuard() { grad_state() = saved_; }
  GradModeGuard(const GradModeGuard&) = delete;
  GradModeGuard& operator=(const GradModeGuard&) = delete;

 protected:
  GradState saved_;
};

// Nothing is recorded while it lives.
struct NoGradGuard : GradModeGuard {
  NoGradGuard() : GradModeGuard(false) {}
};
// Records again inside a NoGradGuard.
struct EnableGradGuard : GradModeGuard {
  EnableGradGuard() : GradModeGuard(true) {}
};
// Records nothing, tracks no views; what is made inside can never join a graph.
struct InferenceModeGuard : GradModeGuard {
  explicit InferenceModeGuard(bool enabled = true) : GradModeGuard(!enabled) {
    grad_state().inference = enabled;
  }
};

}  // namespace lydia
