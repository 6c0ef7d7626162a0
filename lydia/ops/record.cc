// Histories: saved values, edges, and what an in-place write does to a tensor and its views.
#include "lydia/ops/inplace.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {

bool grad_enabled() { return grad_state().grad_enabled; }

namespace {

thread_local Ref<SavedTensorStore> saved_store;

}  // namespace

SavedTensorsGuard::SavedTensorsGuard(Ref<SavedTensorStore> store)
    : outer_(std::exchange(saved_store, std::move(store))) {}
SavedTensorsGuard::~SavedTensorsGuard() { saved_store = outer_; }

SavedTensor::SavedTensor(const Tensor& value, const Node* output_of) {
  if (!value.defined()) return;
  LYDIA_CHECK(
      !value.impl()->inference || grad_state().inference, Error,
      "autograd: a tensor made under inference_mode can't be saved for backward; clone() it "
      "outside first");
  version_ = value.version();
  is_output_ = output_of != nullptr;
  requires_grad_ = value.requires_grad();
  if (requires_grad_ && !is_output_) edge_ = gradient_edge(value);
  if (is_output_ && requires_grad_) edge_.index = value.autograd()->edge.index;
  const Tensor plain = requires_grad_ || value.autograd() ? value.detach() : value;
  if (store_ = saved_store; store_)
    id_ = store_->pack(plain);
  else
    value_ = plain;
}

Tensor SavedTensor::unpack(const char* op, const Ref<Node>& owner) const {
  if (!defined()) return {};
  const Tensor value = store_ ? store_->unpack(id_) : value_;
  LYDIA_CHECK(store_ || value.version() == version_, Error, op, ": a tensor of shape ",
              value.sizes(), " needed for its gradient was changed in place (version ", version_,
              " expected, ", value.version(), " found); clone() it before the in-place op");
  if (!requires_grad_) return value;
  Tensor t = value.detach();
  if (is_output_)
    set_history(t, owner, edge_.index);
  else
    set_history(t, edge_.node, edge_.index);
  return t;
}

void set_history(const Tensor& t, Ref<Node> node, uint32_t index) {
  AutogradMeta& m = t.autograd_or_new();
  m.edge = {std::move(node), index};
  m.requires_grad = true;
}

namespace {

// True for a view whose base was rewritten since the view's history was made.
bool is_stale(const AutogradMeta& m) {
  const AutogradMeta* b = m.base.defined() ? m.base.autograd() : nullptr;
  return b && b->history != m.history;
}

}  // namespace

Edge gradient_edge(const Tensor& t) {
  AutogradMeta* m = t.autograd();
  if (!m) return {};
  if (is_stale(*m)) refresh_view(t);
  return m->requires_grad ? m->edge : Edge{};
}

namespace detail {

Tensor alias(const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset) {
  auto impl = make_ref<TensorImpl>();
  impl->storage = x.storage();
  impl->sizes = sizes;
  impl->strides = strides;
  impl->offset = offset;
  impl->numel = numel_of(sizes);
  impl->dtype = x.dtype();
  impl->contiguous = strides_are_contiguous(sizes, strides);
  impl->inference = x.impl()->inference;
  return Tensor(std::move(impl));
}

void track_view(const Tensor& x, const Tensor& view) {
  if (x.impl()->inference) return;  // can never join a graph
  const AutogradMeta* xm = x.autograd();
  const Tensor& base = xm && xm->base.defined() ? xm->base : x;
  AutogradMeta& m = view.autograd_or_new();
  m.base = base;
  m.history = base.autograd() ? base.autograd()->history : 0;
  m.no_grad_view = !grad_enabled() || (xm && xm->no_grad_view);
}

}  // namespace detail

// The view's history is replayed as "this window of what the base has become".
void refresh_view(const Tensor& view) {
  AutogradMeta& m = *view.autograd();
  const AutogradMeta& b = *m.base.autograd();
  LYDIA_CHECK(!m.no_grad_view || !b.requires_grad, Error,
              "autograd: a view made under no_grad() or in a custom Function can't be used with "
              "gradients after its base was changed in place; make the view again");
  m.history = b.history;
  m.requires_grad = b.requires_grad;
  m.edge = {};
  if (!b.requires_grad) return;
  GradState& state = grad_state();
  const bool was_enabled = std::exchange(state.grad_enabled, true);
  const Tensor replay = as_strided(m.base, view.sizes(), view.strides(), view.storage_offset());
  state.grad_enabled = was_enabled;
  m.edge = replay.autograd()->edge;
}

namespace {

// A write through such a view would not reach the history of its base.
void check_view_tracked(const char* op, const Tensor& self) {
  const AutogradMeta* m = self.autograd();
  LYDIA_CHECK(
      !m || !m->no_grad_view, Error, op,
      "_: a view made under no_grad() or in a custom Function can't be changed in place with "
      "gradients enabled; make the view outside, or clone() it");
}

// The hooks of retain_grad() stay with the tensor when its history moves on.
void move_retained(Node* from, const AutogradMeta& m) {
  if (!m.slot || !from || !from->hooks || !m.edge) return;
  const auto mine = [&](const NodeHooks::Retained& kept) { return kept.slot == m.slot; };
  if (std::erase_if(from->hooks->retained, mine) == 0) return;
  Node& to = *m.edge.node;
  if (!to.hooks) to.hooks = std::make_shared<NodeHooks>();
  to.hooks->retained.push_back({m.edge.index, m.slot});
}

}  // namespace

void check_inplace(const char* op, const Tensor& self) {
  check_defined(op, self, "self");
  LYDIA_CHECK(!self.storage()->read_only(), ValueError, op,
              "_: expected writable memory, got a tensor over read-only memory; clone() it first");
  for (int i = 0; i < self.ndim(); ++i)
    LYDIA_CHECK(
        self.strides()[i] != 0 || self.sizes()[i] <= 1, Error, op,
        "_: expected each element to have memory of its own, got an expanded tensor; clone() "
        "it first");
  if (!grad_enabled()) return;
  LYDIA_CHECK(
      !self.impl()->inference || grad_state().inference, Error, op,
      "_: a tensor made under inference_mode can't be changed in place outside it; clone() it");
  const AutogradMeta* m = self.autograd();
  if (m && m->base.defined() && m->base.requires_grad()) {
    LYDIA_CHECK(!m->base.is_leaf(), Error, op,
                "_: a view of a leaf tensor that requires grad can't "
                "be changed in place; use no_grad()");
    check_view_tracked(op, self);
  }
  LYDIA_CHECK(!self.requires_grad() || !self.is_leaf(), Error, op,
              "_: a leaf tensor that requires grad can't be changed in place; use no_grad()");
}

void adopt_history(const Tensor& self, const Tensor& result) {
  self.storage()->bump_version();
  if (!grad_enabled()) return;
  AutogradMeta* m = self.autograd();
  if (!result.requires_grad() && !self.requires_grad()) return;
  const Ref<Node> before = m && m->slot ? gradient_edge(self).node : Ref<Node>();
  if (m && m->base.defined()) {
    check_view_tracked("autograd: in-place", self);
    const Tensor base = m->base;
    const Tensor rebuilt = as_strided_scatter_history(base, result, self.sizes(), self.strides(),
                                                      self.storage_offset());
    AutogradMeta& b = base.autograd_or_new();
    const Ref<Node> base_before = b.edge.node;
    b.edge = rebuilt.defined() ? rebuilt.autograd()->edge : Edge{};
    b.requires_grad = rebuilt.defined();
    move_retained(base_before.get(), b);
    m->history = ++b.history;
  } else {
    ++self.autograd_or_new().history;
  }
  AutogradMeta& mine = self.autograd_or_new();
  mine.edge = gradient_edge(result);
  mine.requires_grad = result.requires_grad();
  move_retained(before.get(), mine);
}

}  // namespace lydia
