// The autograd graph's data: nodes, edges, and what a tensor knows of its own history.
// core holds the data only; ops record it, autograd walks it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lydia/core/dtype.h"
#include "lydia/core/ref.h"
#include "lydia/core/shape.h"

namespace lydia {

class Node;
class Tensor;
using Tensors = std::vector<Tensor>;

// "The gradient of this value goes to output `index` of `node`."
struct Edge {
  Ref<Node> node;
  uint32_t index = 0;
  explicit operator bool() const { return static_cast<bool>(node); }
};

// What a gradient must look like to flow into a value.
struct ValueMeta {
  Dims sizes;
  DType dtype = DType::F32;
};

// Called with a gradient; a defined result replaces it.
using TensorHook = std::function<Tensor(const Tensor&)>;

struct NodeHooks;  // lydia/core/tensor.h

// One recorded operation. Edges lead to the producers of its inputs, one edge per input.
class Node : public RefCounted {
 public:
  Node();
  ~Node() override;

  virtual const char* name() const = 0;
  // One gradient per forward output in, one per forward input out; either may be undefined.
  virtual Tensors backward(const Tensors& grads) = 0;
  // Drops what was saved for backward; a second backward() is then an error.
  virtual void release_saved() {}
  // True for the node of a leaf, where gradients come to rest.
  virtual bool is_leaf() const { return false; }

  std::vector<Edge> edges;
  std::vector<ValueMeta> outputs;
  std::shared_ptr<NodeHooks> hooks;
  std::unique_ptr<std::string> trace;  // where it was made, in anomaly mode
  uint64_t sequence;                   // grows with time; later nodes run first in backward
  // The backward walk that has this node now, and its number there. A second walk at the same time
  // (another thread, or a hook that calls backward) keeps its numbers in a table of its own.
  std::atomic<const void*> walk{nullptr};
  uint32_t number = 0;

 protected:
  void destroy() override;
};

// Process-wide switches of the calling thread.
struct GradState {
  bool grad_enabled = true;
  bool inference = false;
};
GradState& grad_state();

// Set in anomaly mode: describes the caller, for error messages of backward.
using TraceFn = std::string (*)();
TraceFn anomaly_trace();
void set_anomaly_trace(TraceFn fn);

}  // namespace lydia
