#include "lydia/autograd/anomaly.h"

#include <atomic>

#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

std::atomic<bool> enabled_now{false};

std::string no_trace() { return "(from Python, the line would be here)"; }

}  // namespace

void set_detect_anomaly(bool enabled, TraceFn trace) {
  enabled_now.store(enabled);
  set_anomaly_trace(!enabled ? nullptr : trace ? trace : &no_trace);
}

bool anomaly_enabled() { return enabled_now.load(std::memory_order_relaxed); }

void check_gradients(const Node& node, const Tensors& grads) {
  for (size_t i = 0; i < grads.size(); ++i) {
    const Tensor& g = grads[i];
    if (!g.defined() || !is_floating(g.dtype())) continue;
    const Tensor seen = g.detach();
    const bool bad = sum(ne(seen, seen)).item<int64_t>() > 0;
    LYDIA_CHECK(
        !bad, Error, "anomaly: the backward of ", node.name(), " gave NaN for input ", i,
        "; the forward op was made at: ", node.trace ? *node.trace : "(before anomaly mode)");
  }
}

}  // namespace lydia
