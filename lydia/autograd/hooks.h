// Functions that run in the backward walk, when the gradient of a tensor is known.
#pragma once

#include <memory>

#include "lydia/core/tensor.h"

namespace lydia {

// Undoes one registration. Does not keep the graph alive; remove() after its end does nothing.
class HookHandle {
 public:
  HookHandle() = default;
  HookHandle(const std::shared_ptr<NodeHooks>& hooks, uint64_t id) : hooks_(hooks), id_(id) {}
  void remove() const;
  uint64_t id() const { return id_; }

 private:
  std::weak_ptr<NodeHooks> hooks_;
  uint64_t id_ = 0;
};

// Runs `hook` on the gradient of `t` in each backward; a defined result replaces the gradient.
HookHandle register_hook(const Tensor& t, TensorHook hook);
// Runs `hook` on the leaf `t` each time its grad() has grown. The hook gets a handle that shares
// memory and grad() with t.
HookHandle register_post_accumulate_grad_hook(const Tensor& t,
                                              std::function<void(const Tensor&)> hook);
// Keeps the gradient of a computed tensor in t.grad() too, as its hooks left it.
void retain_grad(const Tensor& t);
bool retains_grad(const Tensor& t);

}  // namespace lydia
