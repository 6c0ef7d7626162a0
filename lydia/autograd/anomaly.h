// Anomaly mode: every recorded op remembers where it was made, and a gradient with NaN stops the
// walk with an error that names the forward op and that place.
#pragma once

#include "lydia/core/node.h"

namespace lydia {

// `trace` describes the caller at the time an op is recorded.
void set_detect_anomaly(bool enabled, TraceFn trace = nullptr);
bool anomaly_enabled();
// Throws Error when a gradient that came out of `node` holds NaN.
void check_gradients(const Node& node, const Tensors& grads);

class DetectAnomalyGuard {
 public:
  explicit DetectAnomalyGuard(TraceFn trace = nullptr)
      : was_(anomaly_enabled()), trace_(anomaly_trace()) {
    set_detect_anomaly(true, trace);
  }
  ~DetectAnomalyGuard() { set_detect_anomaly(was_, trace_); }
  DetectAnomalyGuard(const DetectAnomalyGuard&) = delete;
  DetectAnomalyGuard& operator=(const DetectAnomalyGuard&) = delete;

 private:
  bool was_;
  TraceFn trace_;
};

}  // namespace lydia
