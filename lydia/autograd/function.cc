#include "lydia/autograd/function.h"

#include <algorithm>

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

bool holds(const Tensors& list, const Tensor& t) {
  return std::any_of(list.begin(), list.end(), [&](const Tensor& x) { return x.is_same(t); });
}

Tensor alias_of(const Tensor& t) {
  return detail::alias(t, t.sizes(), t.strides(), t.storage_offset());
}

}  // namespace

// ---- FunctionContext ---------------------------------------------------------------------------

const char* FunctionContext::name() const { return node_ ? node_->name() : "Function"; }

Tensors FunctionContext::saved_tensors() const {
  LYDIA_CHECK(!released_, Error, name(),
              ": backward went through this graph before and freed what it had saved; pass "
              "retain_graph=True to the first backward");
  Tensors out;
  out.reserve(saved_.size());
  for (const SavedTensor& s : saved_) out.push_back(s.unpack(name(), Ref<Node>(node_)));
  return out;
}

bool FunctionContext::needs_input_grad(size_t i) const {
  LYDIA_CHECK(i < needs_.size(), IndexError, name(),
              ": needs_input_grad: expected an argument below ", needs_.size(), ", got ", i);
  return needs_[i] && NeededEdges::wants(node_, i);
}

// ---- FunctionNode ------------------------------------------------------------------------------

Tensors FunctionNode::backward(const Tensors& grads) {
  Tensors given = grads;
  for (size_t i = 0; ctx->materialize_ && i < given.size(); ++i)
    if (!given[i].defined()) given[i] = zeros(outputs[i].sizes, outputs[i].dtype);
  Tensors out = call_backward(given);
  while (out.size() > edges.size() && !out.back().defined()) out.pop_back();
  LYDIA_CHECK(out.size() == edges.size(), Error, name(),
              ": expected one gradient per argument of forward (", edges.size(),
              ") from its backward, got ", out.size());
  for (size_t i = 0; i < out.size(); ++i)
    if (out[i].defined() && !edges[i]) out[i] = Tensor();
  return out;
}

void FunctionNode::release_saved() {
  if (!ctx->saved_.empty()) ctx->released_ = true;
  ctx->saved_.clear();
}

// ---- FunctionCall ------------------------------------------------------------------------------

FunctionCall::FunctionCall(const char* name, Tensors inputs)
    : name_(name),
      inputs_(std::move(inputs)),
      context_(make_ref<FunctionContext>()),
      records_(false) {
  context_->needs_.resize(inputs_.size());
  edges_.resize(inputs_.size());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].defined() || !inputs_[i].requires_grad()) continue;
    context_->needs_[i] = 1;
    if (!grad_enabled()) continue;
    records_ = true;
    edges_[i] = gradient_edge(inputs_[i]);
  }
}

bool FunctionCall::is_input(const Tensor& t) const { return holds(inputs_, t); }

// Inputs that forward changed in place take over the history of the output they are.
void FunctionCall::finish_dirty(const Ref<FunctionNode>& node, const Tensors& outputs) {
  for (const Tensor& t : context_->dirty_) {
    LYDIA_CHECK(is_input(t), ValueError, name_, ": mark_dirty: expected inputs of forward only");
    const auto at =
        std::find_if(outputs.begin(), outputs.end(), [&](const Tensor& x) { return x.is_same(t); });
    LYDIA_CHECK(at != outputs.end(), ValueError, name_,
                ": mark_dirty: expected forward to return each tensor it changed in place");
    check_inplace(name_, t);
    if (!node) {
      t.storage()->bump_version();
      continue;
    }
    const Tensor written = alias_of(t);
    set_history(written, node, static_cast<uint32_t>(at - outputs.begin()));
    adopt_history(t, written);
  }
}

// Other outputs: an input returned as it came, or a view of one, becomes a view that refuses
// in-place changes, since those would bypass the custom backward.
Tensor FunctionCall::finish_output(const Ref<FunctionNode>& node, const Tensor& output,
                                   uint32_t index) {
  if (!output.defined() || holds(context_->dirty_, output)) return output;
  const bool same = is_input(output);
  if (!node || !is_floating(output.dtype()) || holds(context_->non_differentiable_, output))
    return same ? output.detach() : output;
  Tensor y = output;
  if (same) {
    const NoGradGuard guard;
    y = alias_of(output);
    detail::track_view(output, y);
  }
  LYDIA_CHECK(!y.requires_grad() || !y.autograd()->edge, Error, name_,
              ": expected forward to return tensors made without recording; detach() them");
  set_history(y, node, index);
  return y;
}

Tensors FunctionCall::finish(Ref<FunctionNode> node, Tensors outputs) {
  if (node) {
    node->edges = edges_;
    for (const Tensor& t : outputs)
      node->outputs.push_back(t.defined() ? ValueMeta{t.sizes(), t.dtype()} : ValueMeta{});
  }
  finish_dirty(node, outputs);
  Tensors out;
  for (uint32_t i = 0; i < outputs.size(); ++i) out.push_back(finish_output(node, outputs[i], i));
  if (node) {
    for (const Tensor& t : context_->to_save_) {
      const auto at = std::find_if(outputs.begin(), outputs.end(),
                                   [&](const Tensor& x) { return t.defined() && x.is_same(t); });
      const bool is_output = at != outputs.end() && (!is_input(t) || holds(context_->dirty_, t));
      const Tensor& value = is_output ? out[static_cast<size_t>(at - outputs.begin())] : t;
      context_->saved_.emplace_back(value,
                                    is_output && value.requires_grad() ? node.get() : nullptr);
    }
  }
  context_->to_save_.clear();
  context_->dirty_.clear();
  context_->non_differentiable_.clear();
  return out;
}

}  // namespace lydia
