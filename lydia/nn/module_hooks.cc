// Calling a module: hooks around forward, and hooks on the gradients that pass through it.
#include <map>

#include "lydia/autograd/checkpoint.h"
#include "lydia/autograd/function.h"
#include "lydia/autograd/hooks.h"
#include "lydia/nn/module.h"
#include "lydia/ops/view.h"

namespace lydia::nn {

struct ModuleHooks {
  std::map<uint64_t, ForwardPreHook> before;
  std::map<uint64_t, ForwardHook> after;
  std::map<uint64_t, BackwardHook> backward;
  uint64_t next = 0;
};

namespace {

using OnGrad = std::function<Tensor(const Tensor&)>;

// The same values as a node of their own: the gradient that passes it belongs to one call of one
// module, whatever else reads the tensor.
struct Gate : Function<Gate> {
  static constexpr const char* kName = "module_gate";
  static Tensor forward(FunctionContext& ctx, const Tensor& x, const OnGrad& on_grad) {
    ctx.saved_data["on_grad"] = on_grad;
    return view(x, x.sizes());
  }
  static Tensors backward(FunctionContext& ctx, const Tensors& grads) {
    const Tensor changed = std::any_cast<const OnGrad&>(ctx.saved_data["on_grad"])(grads[0]);
    return {changed.defined() ? changed : grads[0], Tensor()};
  }
};

Tensor run_backward_hooks(Module& module, const std::weak_ptr<ModuleHooks>& weak, Tensor grad_input,
                          const Tensor& grad_output) {
  const auto hooks = weak.lock();  // the module may be gone before its graph
  if (!hooks) return grad_input;
  for (const auto& [id, hook] : std::map(hooks->backward)) {
    const Tensor changed = hook(module, grad_input, grad_output);
    if (changed.defined()) grad_input = changed;
  }
  return grad_input;
}

}  // namespace

void ModuleHookHandle::remove() const {
  const auto hooks = hooks_.lock();
  if (!hooks) return;
  hooks->before.erase(id_);
  hooks->after.erase(id_);
  hooks->backward.erase(id_);
}

std::shared_ptr<ModuleHooks>& Module::hooks() {
  if (!hooks_) hooks_ = std::make_shared<ModuleHooks>();
  return hooks_;
}

ModuleHookHandle Module::register_forward_pre_hook(ForwardPreHook hook) {
  const uint64_t id = hooks()->next++;
  hooks_->before.emplace(id, std::move(hook));
  return {hooks_, id};
}

ModuleHookHandle Module::register_forward_hook(ForwardHook hook) {
  const uint64_t id = hooks()->next++;
  hooks_->after.emplace(id, std::move(hook));
  return {hooks_, id};
}

ModuleHookHandle Module::register_full_backward_hook(BackwardHook hook) {
  const uint64_t id = hooks()->next++;
  hooks_->backward.emplace(id, std::move(hook));
  return {hooks_, id};
}

Tensor Module::operator()(const Tensor& x) { return hooks_ ? call_with_hooks(x) : run(x); }

Tensor Module::run(const Tensor& x) {
  if (!checkpointing_) return forward(x);
  return checkpointed([this](const Tensor& input) { return forward(input); }, x);
}

Tensor Module::checkpointed(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) const {
  if (!checkpointing_ || !training_ || !grad_enabled()) return f(x);
  return checkpoint([f](const Tensors& inputs) { return Tensors{f(inputs[0])}; }, {x})[0];
}

Tensor Module::call_with_hooks(Tensor x) {
  // Copies: a hook may remove itself or others.
  for (const auto& [id, hook] : std::map(hooks_->before)) {
    const Tensor changed = hook(*this, x);
    if (changed.defined()) x = changed;
  }
  const bool gated = !hooks_->backward.empty() && grad_enabled();
  const bool gated_input = gated && x.requires_grad();
  const std::weak_ptr<ModuleHooks> weak = hooks_;
  const auto grad_output = std::make_shared<Tensor>();
  if (gated_input)
    x = Gate::apply(x, OnGrad([this, weak, grad_output](const Tensor& g) {
                      return run_backward_hooks(*this, weak, g, *grad_output);
                    }));
  Tensor y = run(x);
  for (const auto& [id, hook] : std::map(hooks_->after)) {
    const Tensor changed = hook(*this, x, y);
    if (changed.defined()) y = changed;
  }
  if (gated && y.requires_grad())
    y = Gate::apply(y, OnGrad([this, weak, grad_output, gated_input](const Tensor& g) {
                      *grad_output = g;
                      if (!gated_input) run_backward_hooks(*this, weak, {}, g);
                      return Tensor();
                    }));
  return y;
}

}  // namespace lydia::nn
