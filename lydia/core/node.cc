#include "lydia/core/node.h"

#include <atomic>

#include "lydia/core/tensor.h"

namespace lydia {
namespace {

std::atomic<uint64_t> next_sequence{1};
std::atomic<TraceFn> trace_fn{nullptr};

// Nodes waiting to be deleted by the outermost destroy() of this thread.
struct Graveyard {
  std::vector<Node*> dead;
  bool digging = false;
};
thread_local Graveyard graveyard;

}  // namespace

Node::Node() : sequence(next_sequence.fetch_add(1, std::memory_order_relaxed)) {
  if (TraceFn fn = anomaly_trace()) trace = std::make_unique<std::string>(fn());
}

Node::~Node() = default;

// A chain of a million nodes must not recurse a million deep, so deletions queue up.
void Node::destroy() {
  graveyard.dead.push_back(this);
  if (graveyard.digging) return;
  graveyard.digging = true;
  while (!graveyard.dead.empty()) {
    Node* node = graveyard.dead.back();
    graveyard.dead.pop_back();
    delete node;
  }
  graveyard.digging = false;
}

GradState& grad_state() {
  thread_local GradState state;
  return state;
}

TraceFn anomaly_trace() { return trace_fn.load(std::memory_order_acquire); }
void set_anomaly_trace(TraceFn fn) { trace_fn.store(fn, std::memory_order_release); }

}  // namespace lydia
