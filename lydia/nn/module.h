// A part of a network: named parameters, buffers and children, each declared once, where it is a
// member:
//
//   struct Mlp : nn::Module {
//     nn::Linear& in = child<nn::Linear>("in", 784, 128);
//     nn::Linear& out = child<nn::Linear>("out", 128, 10);
//     Tensor forward(const Tensor& x) override { return out(relu(in(x))); }
//   };
//
// A module owns what it declares and is neither copied nor moved. Names, their order and the keys
// of state_dict() are those of torch.nn: a module's own entries come before its children's, each in
// the order of declaration. Two names may hold one tensor (tied weights: `head.weight =
// in.weight`); the lists then name it once, state_dict() names it twice.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::nn {

class Module;

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
using NamedModules = std::vector<std::pair<std::string, Module*>>;

// What load_state_dict found, in the order of the module and of the state.
struct LoadResult {
  std::vector<std::string> missing, unexpected;
  std::vector<std::string> mismatched;  // "name (expected [2, 3], got [3, 2])"
  bool ok() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
  // One line that names them all; empty when ok().
  std::string message() const;
};

// Each gets the module; a defined result takes the place of the input, the output, or the gradient
// of the input.
using ForwardPreHook = std::function<Tensor(Module&, const Tensor& input)>;
using ForwardHook = std::function<Tensor(Module&, const Tensor& input, const Tensor& output)>;
using BackwardHook =
    std::function<Tensor(Module&, const Tensor& grad_input, const Tensor& grad_output)>;
struct ModuleHooks;

// Undoes one registration; may outlive the module.
class ModuleHookHandle {
 public:
  ModuleHookHandle(const std::shared_ptr<ModuleHooks>& hooks, uint64_t id)
      : hooks_(hooks), id_(id) {}
  void remove() const;

 private:
  std::weak_ptr<ModuleHooks> hooks_;
  uint64_t id_;
};

class Module {
 public:
  Module() = default;
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // NotImplementedError unless overridden; modules of other arguments add overloads of their own.
  virtual Tensor forward(const Tensor& x);
  // forward() between its hooks.
  Tensor operator()(const Tensor& x);

  // The name of the class, without namespaces.
  std::string type_name() const;
  // What print() writes between the brackets: "in_features=3, out_features=4".
  virtual std::string extra_repr() const { return {}; }
  // The tree of modules, one a line.
  std::string to_string() const;

  // ---- what it holds
  NamedTensors named_parameters(const std::string& prefix = "", bool recurse = true) const;
  NamedTensors named_buffers(const std::string& prefix = "", bool recurse = true) const;
  // Itself (named by `prefix`) and all modules below, parents first.
  NamedModules named_modules(const std::string& prefix = "");
  NamedModules named_children();
  Tensors parameters() const;
  // The sizes of the parameters added up, each tensor once.
  int64_t parameter_count(bool trainable_only = false) const;

  // ---- modes
  Module& train(bool mode = true);
  Module& eval() { return train(false); }
  bool training() const { return training_; }

  // ---- values
  // Parameters and persistent buffers, without history, on the same memory.
  NamedTensors state_dict(const std::string& prefix = "") const;
  // Copies the values in, converting dtypes. Error, and nothing is changed, where shapes differ or,
  // if strict, keys are missing or unexpected. A tied name is missing only when no name of its
  // tensor is there.
  LoadResult load_state_dict(const NamedTensors& state, bool strict = true);
  // Floating parameters and buffers become `dtype`; every handle to them follows.
  Module& to(DType dtype);
  Module& to(Device device);
  // `f` on each module below, then on this one.
  Module& apply(const std::function<void(Module&)>& f);

  // ---- gradients
  Module& requires_grad_(bool value = true);
  // Switches requires_grad of the parameters whose names match `pattern` (* any text, ? one
  // character) and counts them. ValueError when there are none.
  int64_t freeze(std::string_view pattern) { return set_requires_grad(pattern, false); }
  int64_t unfreeze(std::string_view pattern) { return set_requires_grad(pattern, true); }
  void zero_grad(bool set_to_none = true);

  // ---- memory
  // Modules whose names match `pattern` keep, in training, nothing of what lies between their input
  // and their output: backward runs them again (autograd/checkpoint.h). Counts them; ValueError
  // when there are none. Batch statistics then see each batch twice.
  int64_t set_checkpointing(std::string_view pattern, bool on = true);
  // f(x) with the checkpointing that was asked for: what calls this module's forward with arguments
  // beside x calls it so. `f` is kept for backward.
  Tensor checkpointed(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) const;

  // ---- hooks, called in the order of registration
  ModuleHookHandle register_forward_pre_hook(ForwardPreHook hook);
  ModuleHookHandle register_forward_hook(ForwardHook hook);
  // Runs when the gradient of the input is known (undefined where the input needs none).
  ModuleHookHandle register_full_backward_hook(BackwardHook hook);

 protected:
  // For members of derived classes. Names hold no dot and are used once.
  template <class M, class... Args>
  M& child(const std::string& name, Args&&... args) {
    auto made = std::make_unique<M>(std::forward<Args>(args)...);
    M& result = *made;
    adopt(name, std::move(made));
    return result;
  }
  Module& adopt(const std::string& name, std::unique_ptr<Module> module);
  // A parameter of default dtype whose values reset_parameters() of the layer gives; undefined
  // (absent, as torch's None) unless `present`.
  Tensor& parameter(const std::string& name, const Dims& sizes, bool present = true);
  // A parameter with the values of `value`, which it shares.
  Tensor& parameter(const std::string& name, const Tensor& value);
  // State that is no parameter; state_dict() leaves it out unless `persistent`.
  Tensor& buffer(const std::string& name, const Tensor& value, bool persistent = true);

 private:
  struct Entry {
    std::string name;
    Tensor value;
    bool persistent = true;
  };
  struct Child {
    std::string name;
    std::unique_ptr<Module> module;
  };

  void check_name(const std::string& name) const;
  std::shared_ptr<ModuleHooks>& hooks();
  Tensor run(const Tensor& x);
  Tensor call_with_hooks(Tensor x);
  int64_t set_requires_grad(std::string_view pattern, bool value);
  void collect(const std::string& prefix, bool recurse, bool parameters, NamedTensors& out) const;
  void collect_state(const std::string& prefix, NamedTensors& out) const;
  void print(std::string& out, int indent) const;

  std::deque<Entry> parameters_, buffers_;  // a deque: members of derived classes refer to entries
  std::deque<Child> children_;
  std::shared_ptr<ModuleHooks> hooks_;  // absent without hooks
  bool training_ = true, checkpointing_ = false;
};

// True when both are the same elements of the same memory.
bool same_memory(const Tensor& a, const Tensor& b);
// Shell patterns: * stands for any text, ? for one character.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace lydia::nn
