#include "lydia/autograd/hooks.h"

#include <atomic>

#include "lydia/ops/op.h"

namespace lydia {
namespace {

std::atomic<uint64_t> next_id{1};

const std::shared_ptr<NodeHooks>& hooks_of(Node& node) {
  if (!node.hooks) node.hooks = std::make_shared<NodeHooks>();
  return node.hooks;
}

void erase_id(std::vector<NodeHooks::Entry>& entries, uint64_t id) {
  std::erase_if(entries, [&](const auto& entry) { return entry.id == id; });
}

}  // namespace

void HookHandle::remove() const {
  if (const auto hooks = hooks_.lock()) {
    erase_id(hooks->on_output, id_);
    erase_id(hooks->on_accumulate, id_);
  }
}

HookHandle register_hook(const Tensor& t, TensorHook hook) {
  check_defined("register_hook", t, "tensor");
  LYDIA_CHECK(t.requires_grad(), Error, "register_hook: expected a tensor that requires grad");
  const Edge edge = gradient_edge(t);
  const uint64_t id = next_id.fetch_add(1);
  hooks_of(*edge.node)->on_output.push_back({id, edge.index, std::move(hook)});
  return {edge.node->hooks, id};
}

HookHandle register_post_accumulate_grad_hook(const Tensor& t,
                                              std::function<void(const Tensor&)> hook) {
  check_defined("register_post_accumulate_grad_hook", t, "tensor");
  LYDIA_CHECK(t.requires_grad() && t.is_leaf(), Error,
              "register_post_accumulate_grad_hook: expected a leaf that requires grad");
  Node& node = *gradient_edge(t).node;
  // Without history, so that the node does not hold itself; the leaf is put together at each call.
  auto call = [&node, data = t.detach(), hook = std::move(hook)](const Tensor&) {
    const Tensor leaf = data.detach();
    AutogradMeta& m = leaf.autograd_or_new();
    m.edge = {Ref<Node>(&node), 0};
    m.slot = static_cast<LeafNode&>(node).slot;
    m.requires_grad = true;
    hook(leaf);
    return Tensor();
  };
  const uint64_t id = next_id.fetch_add(1);
  hooks_of(node)->on_accumulate.push_back({id, 0, std::move(call)});
  return {node.hooks, id};
}

void retain_grad(const Tensor& t) {
  check_defined("retain_grad", t, "tensor");
  LYDIA_CHECK(t.requires_grad(), Error, "retain_grad: expected a tensor that requires grad");
  const Edge edge = gradient_edge(t);
  AutogradMeta& m = t.autograd_or_new();
  if (t.is_leaf() || m.slot) return;
  m.slot = make_ref<AutogradMeta::GradSlot>();
  hooks_of(*edge.node)->retained.push_back({edge.index, m.slot});
}

bool retains_grad(const Tensor& t) { return !t.is_leaf() && t.autograd()->slot; }

}  // namespace lydia
