// Custom functions: your own forward and backward as one node of the graph.
//
//   struct Scale : Function<Scale> {
//     static constexpr const char* kName = "Scale";
//     static Tensor forward(FunctionContext& ctx, const Tensor& x, double k) {
//       ctx.saved_data["k"] = k;
//       return mul(x, k);
//     }
//     static Tensors backward(FunctionContext& ctx, const Tensors& grads) {
//       return {mul(grads[0], std::any_cast<double>(ctx.saved_data["k"])), Tensor()};
//     }
//   };
//   Tensor y = Scale::apply(x, 2.0);
//
// forward runs without recording. backward gets one gradient per output and returns one per
// argument of forward; those of arguments that are no tensors stay undefined. Where backward is
// written with ops, second derivatives follow.
#pragma once

#include <any>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/op.h"

namespace lydia {

class FunctionNode;

// What forward leaves for backward.
class FunctionContext final : public RefCounted {
 public:
  // In forward: inputs, outputs or others that backward will read.
  void save_for_backward(Tensors values) { to_save_ = std::move(values); }
  // In forward: these inputs were changed in place; each must be returned too.
  void mark_dirty(Tensors inputs) { dirty_ = std::move(inputs); }
  // In forward: these outputs get no gradient.
  void mark_non_differentiable(Tensors outputs) { non_differentiable_ = std::move(outputs); }
  // In forward: false to get undefined gradients instead of zeros in backward.
  void set_materialize_grads(bool value) { materialize_ = value; }

  // In backward: the saved tensors, in order. Error where one was changed in place since.
  Tensors saved_tensors() const;
  bool needs_input_grad(size_t i) const;
  size_t input_count() const { return needs_.size(); }
  // In backward: Error once the graph was freed.
  bool released() const { return released_; }

  std::map<std::string, std::any> saved_data;

 private:
  friend class FunctionNode;
  friend class FunctionCall;
  const char* name() const;

  FunctionNode* node_ = nullptr;  // while it lives
  Tensors to_save_, dirty_, non_differentiable_;
  std::vector<SavedTensor> saved_;
  std::vector<char> needs_;
  bool materialize_ = true;
  bool released_ = false;
};

// The node of a custom function; gives its context's calls meaning in the graph.
class FunctionNode : public Node {
 public:
  explicit FunctionNode(Ref<FunctionContext> context) : ctx(std::move(context)) {
    ctx->node_ = this;
  }
  ~FunctionNode() override { ctx->node_ = nullptr; }
  Tensors backward(const Tensors& grads) final;
  void release_saved() override;

  const Ref<FunctionContext> ctx;

 protected:
  virtual Tensors call_backward(const Tensors& grads) = 0;
};

// One call: begin() before forward, finish() with its outputs after. Undefined inputs stand for
// arguments that are no tensors, undefined outputs for results that are none.
class FunctionCall {
 public:
  FunctionCall(const char* name, Tensors inputs);
  bool records() const { return records_; }
  const Ref<FunctionContext>& context() const { return context_; }
  // Hangs `node` (only where records()) behind the outputs.
  Tensors finish(Ref<FunctionNode> node, Tensors outputs);

 private:
  void finish_dirty(const Ref<FunctionNode>& node, const Tensors& outputs);
  Tensor finish_output(const Ref<FunctionNode>& node, const Tensor& output, uint32_t index);
  bool is_input(const Tensor& t) const;

  const char* name_;
  Tensors inputs_;
  std::vector<Edge> edges_;
  Ref<FunctionContext> context_;
  bool records_;
};

namespace detail {

template <class T>
Tensor tensor_or_nothing(const T& value) {
  if constexpr (std::is_same_v<T, Tensor>)
    return value;
  else
    return {};
}

template <class F>
class StaticFunctionNode final : public FunctionNode {
 public:
  using FunctionNode::FunctionNode;
  const char* name() const override { return F::kName; }

 protected:
  Tensors call_backward(const Tensors& grads) override { return F::backward(*ctx, grads); }
};

}  // namespace detail

template <class F>
struct Function {
  // forward's result: a Tensor, or Tensors.
  template <class... Args>
  static auto apply(const Args&... args) {
    FunctionCall call(F::kName, {detail::tensor_or_nothing(args)...});
    auto result = [&] {
      const NoGradGuard guard;
      return F::forward(*call.context(), args...);
    }();
    Ref<FunctionNode> node;
    if (call.records()) node = Ref<FunctionNode>(new detail::StaticFunctionNode<F>(call.context()));
    if constexpr (std::is_same_v<decltype(result), Tensor>)
      return call.finish(node, {result})[0];
    else
      return call.finish(node, std::move(result));
  }
};

}  // namespace lydia
