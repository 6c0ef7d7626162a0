// The engine. One walk visits each node once, after all that depends on it, latest first.
#include "lydia/autograd/backward.h"

#include <algorithm>
#include <unordered_map>

#include "lydia/autograd/anomaly.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

// True when nobody else can see the memory of `t`.
bool owned(const Tensor& t) {
  return t.impl()->use_count() == 1 && t.storage()->use_count() == 1 && t.is_contiguous() &&
         !t.storage()->read_only();
}

void accumulate(Tensor& sum, Tensor g, bool create_graph) {
  if (!g.defined()) return;
  if (!sum.defined())
    sum = std::move(g);
  else if (!create_graph && owned(sum) && sum.sizes() == g.sizes() && sum.dtype() == g.dtype())
    add_(sum, g);
  else
    sum = add(sum, g);
}

// Into a leaf's grad(), which the user may hold: in place only where that is seen as grown.
void accumulate_into(AutogradMeta::GradSlot& slot, Tensor g, bool create_graph) {
  const std::lock_guard lock(slot.mutex);
  Tensor& grad = slot.grad;
  if (create_graph) {
    grad = grad.defined() ? add(grad, g) : g;
  } else if (!grad.defined()) {
    grad = owned(g) ? g.detach() : clone(g.detach());
  } else if (!grad.requires_grad() && grad.is_contiguous() && !grad.storage()->read_only()) {
    add_(grad, g);
  } else {
    grad = add(grad, g).detach();
  }
}

// True when summing broadcast dimensions of `from` gives `to`.
bool sums_to(const Dims& from, const Dims& to) {
  const int lead = from.ndim() - to.ndim();
  bool fits = lead >= 0;
  for (int i = 0; fits && i < to.ndim(); ++i) fits = to[i] == from[i + lead] || to[i] == 1;
  return fits;
}

// The gradient in the shape and dtype of the value it belongs to.
Tensor conform(const Node& from, const ValueMeta& meta, Tensor g) {
  if (!g.defined()) return g;
  if (g.sizes() != meta.sizes) {
    LYDIA_CHECK(sums_to(g.sizes(), meta.sizes), ValueError, from.name(),
                ": expected a gradient of shape ", meta.sizes, ", got ", g.sizes());
    g = sum_to_size(g, meta.sizes);
  }
  return g.dtype() == meta.dtype ? g : to(g, meta.dtype);
}

class Walk {
 public:
  explicit Walk(BackwardOptions options) : options_(options) {}
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  void add_root(const Tensor& root, Tensor gradient);
  // Marks inputs whose gradients are wanted; then leaves stay untouched.
  void capture(const Tensors& inputs);
  void run();
  const Tensors& captured() const { return captured_; }

 private:
  struct State {
    Node* node;
    int waits_for = 0;
    bool claimed = false;
    bool visited = false;
    bool wanted = true;
    bool captured = false;
    Tensors grads{};
  };
  struct Capture {
    Ref<Node> node;
    uint32_t output;
    size_t index;  // in captured_
  };

  State& state(Node* node);
  void count_dependencies();
  void find_wanted();
  void step(Node* node);
  void run_hooks(Node* node, State& s);
  void finish_leaf(LeafNode& leaf, Tensor g);
  void send(const Node& from, const Edge& edge, Tensor g);
  bool find_needed(const Node& node);
  void push(Node* node);

  BackwardOptions options_;
  std::vector<State> states_;
  std::unordered_map<Node*, uint32_t> elsewhere_;  // numbers of nodes that another walk has
  std::vector<Ref<Node>> roots_;
  std::vector<Node*> ready_;  // heap, latest node first
  std::vector<char> needed_;  // per edge of the node at work
  std::vector<Capture> captures_;
  Tensors captured_;
};

Walk::~Walk() {
  for (const State& s : states_)
    if (s.claimed) s.node->walk.store(nullptr, std::memory_order_release);
}

Walk::State& Walk::state(Node* node) {
  if (node->walk.load(std::memory_order_acquire) == this) return states_[node->number];
  if (!elsewhere_.empty())
    if (const auto it = elsewhere_.find(node); it != elsewhere_.end()) return states_[it->second];
  const auto number = static_cast<uint32_t>(states_.size());
  states_.push_back({node});
  const void* nobody = nullptr;
  if (node->walk.compare_exchange_strong(nobody, this, std::memory_order_acq_rel)) {
    node->number = number;
    states_.back().claimed = true;
  } else {
    elsewhere_.emplace(node, number);
  }
  return states_.back();
}

void Walk::push(Node* node) {
  ready_.push_back(node);
  std::push_heap(ready_.begin(), ready_.end(),
                 [](const Node* a, const Node* b) { return a->sequence < b->sequence; });
}

void Walk::add_root(const Tensor& root, Tensor gradient) {
  check_defined("backward", root, "tensor");
  LYDIA_CHECK(root.requires_grad(), Error,
              "backward: expected a tensor that requires grad, got one of shape ", root.sizes(),
              " without a graph");
  if (!gradient.defined()) {
    LYDIA_CHECK(root.numel() == 1, ValueError,
                "backward: expected a gradient argument for a tensor of shape ", root.sizes(),
                "; it can be left out only for a single element");
    gradient = ones_like(root);
  }
  LYDIA_CHECK(gradient.sizes() == root.sizes(), ValueError,
              "backward: expected a gradient of shape ", root.sizes(), ", got ", gradient.sizes());
  const Edge edge = gradient_edge(root);
  State& s = state(edge.node.get());
  s.grads.resize(edge.node->outputs.size());
  accumulate(s.grads[edge.index], to(gradient, root.dtype()), options_.create_graph);
  roots_.push_back(edge.node);
}

void Walk::capture(const Tensors& inputs) {
  captured_.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    check_defined("grad", inputs[i], "input");
    LYDIA_CHECK(inputs[i].requires_grad(), Error, "grad: expected inputs that require grad; input ",
                i, " of shape ", inputs[i].sizes(), " does not");
    const Edge edge = gradient_edge(inputs[i]);
    captures_.push_back({edge.node, edge.index, i});
    state(edge.node.get()).captured = true;
  }
}

void Walk::count_dependencies() {
  std::vector<Node*> stack;
  for (const Ref<Node>& root : roots_)
    if (!std::exchange(state(root.get()).visited, true)) stack.push_back(root.get());
  while (!stack.empty()) {
    Node* node = stack.back();
    stack.pop_back();
    for (const Edge& e : node->edges) {
      if (!e) continue;
      State& s = state(e.node.get());
      ++s.waits_for;
      if (!std::exchange(s.visited, true)) stack.push_back(e.node.get());
    }
  }
  if (!captures_.empty()) find_wanted();
  for (const Ref<Node>& root : roots_)
    if (state(root.get()).waits_for == 0 &&
        std::find(ready_.begin(), ready_.end(), root.get()) == ready_.end())
      push(root.get());
}

// A node matters to grad() when a wanted input lies behind it. Nodes are put in order, each after
// all that depend on it, and settled from the last one back.
void Walk::find_wanted() {
  std::vector<int> left(states_.size());
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < states_.size(); ++i) {
    left[i] = states_[i].waits_for;
    if (states_[i].visited && left[i] == 0) order.push_back(i);
  }
  const auto number = [this](Node* node) {
    return static_cast<size_t>(&state(node) - states_.data());
  };
  for (size_t at = 0; at < order.size(); ++at)
    for (const Edge& e : states_[order[at]].node->edges)
      if (e && --left[number(e.node.get())] == 0)
        order.push_back(static_cast<uint32_t>(number(e.node.get())));
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    State& s = states_[*it];
    s.wanted = s.captured;
    for (const Edge& e : s.node->edges) s.wanted = s.wanted || (e && state(e.node.get()).wanted);
  }
}

void Walk::run_hooks(Node* node, State& s) {
  if (const auto hooks = node->hooks) {
    const auto entries = hooks->on_output;  // a hook may remove itself
    for (const NodeHooks::Entry& entry : entries) {
      Tensor& g = s.grads[entry.output];
      if (!g.defined()) continue;
      Tensor replaced = entry.hook(g);
      if (replaced.defined()) g = conform(*node, node->outputs[entry.output], std::move(replaced));
    }
    for (const NodeHooks::Retained& kept : hooks->retained)
      if (const Tensor& g = s.grads[kept.output]; g.defined())
        kept.slot->grad = kept.slot->grad.defined() ? add(kept.slot->grad, g) : g;
  }
  if (!s.captured) return;
  for (const Capture& c : captures_)
    if (c.node.get() == node) captured_[c.index] = s.grads[c.output];
}

void Walk::finish_leaf(LeafNode& leaf, Tensor g) {
  if (!g.defined()) return;
  accumulate_into(*leaf.slot, std::move(g), options_.create_graph);
  if (const auto hooks = leaf.hooks) {
    const auto entries = hooks->on_accumulate;
    for (const NodeHooks::Entry& entry : entries) entry.hook(leaf.slot->grad);
  }
}

// Fills needed_; true when any gradient of `node` is wanted.
bool Walk::find_needed(const Node& node) {
  needed_.assign(node.edges.size(), 0);
  bool any = false;
  for (size_t i = 0; i < node.edges.size(); ++i) {
    const Edge& e = node.edges[i];
    needed_[i] = e && (captures_.empty() || state(e.node.get()).wanted);
    any |= needed_[i] != 0;
  }
  return any;
}

void Walk::send(const Node& from, const Edge& edge, Tensor g) {
  State& target = state(edge.node.get());
  target.grads.resize(edge.node->outputs.size());
  accumulate(target.grads[edge.index], conform(from, edge.node->outputs[edge.index], std::move(g)),
             options_.create_graph);
}

void Walk::step(Node* node) {
  State& s = state(node);
  s.grads.resize(node->outputs.size());
  run_hooks(node, s);
  Tensors grads = std::move(s.grads);
  if (node->is_leaf()) {
    if (captures_.empty()) finish_leaf(static_cast<LeafNode&>(*node), std::move(grads[0]));
    return;
  }
  const bool arrived =
      std::any_of(grads.begin(), grads.end(), [](const Tensor& g) { return g.defined(); });
  Tensors out(node->edges.size());
  if (find_needed(*node) && arrived) {
    const NeededEdges scope(needed_);
    out = node->backward(grads);
    LYDIA_CHECK(out.size() == node->edges.size(), Error, node->name(), ": expected ",
                node->edges.size(), " gradients from its backward, got ", out.size());
    if (anomaly_enabled()) check_gradients(*node, out);
  }
  grads.clear();
  if (!options_.retain_graph) node->release_saved();
  for (size_t i = 0; i < node->edges.size(); ++i) {
    const Edge& e = node->edges[i];
    if (!e) continue;
    if (needed_[i] && out[i].defined()) send(*node, e, std::move(out[i]));
    if (--state(e.node.get()).waits_for == 0) push(e.node.get());
  }
}

void Walk::run() {
  options_.retain_graph |= options_.create_graph;
  count_dependencies();
  const GradModeGuard mode(options_.create_graph);
  while (!ready_.empty()) {
    std::pop_heap(ready_.begin(), ready_.end(),
                  [](const Node* a, const Node* b) { return a->sequence < b->sequence; });
    Node* node = ready_.back();
    ready_.pop_back();
    step(node);
  }
}

void add_roots(Walk& walk, const char* op, const Tensors& roots, const Tensors& gradients) {
  LYDIA_CHECK(gradients.empty() || gradients.size() == roots.size(), ValueError, op,
              ": expected one gradient per tensor, got ", gradients.size(), " for ", roots.size());
  for (size_t i = 0; i < roots.size(); ++i)
    walk.add_root(roots[i], gradients.empty() ? Tensor() : gradients[i]);
}

}  // namespace

void backward(const Tensors& roots, const Tensors& gradients, BackwardOptions options,
              const Tensors& inputs) {
  Walk walk(options);
  add_roots(walk, "backward", roots, gradients);
  walk.capture(inputs);
  walk.run();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!walk.captured()[i].defined()) continue;
    AutogradMeta& m = inputs[i].autograd_or_new();
    if (!m.slot) m.slot = make_ref<AutogradMeta::GradSlot>();
    accumulate_into(*m.slot, walk.captured()[i], options.create_graph);
  }
}

void backward(const Tensor& root, const Tensor& gradient, BackwardOptions options) {
  backward(Tensors{root}, gradient.defined() ? Tensors{gradient} : Tensors{}, options);
}

Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients,
             BackwardOptions options) {
  LYDIA_CHECK(!inputs.empty(), ValueError, "grad: expected at least one input");
  Walk walk(options);
  add_roots(walk, "grad", outputs, gradients);
  walk.capture(inputs);
  walk.run();
  for (size_t i = 0; i < inputs.size(); ++i)
    LYDIA_CHECK(walk.captured()[i].defined() || options.allow_unused, Error, "grad: input ", i,
                " was not used to make the outputs; pass allow_unused=True to get None for it");
  return walk.captured();
}

}  // namespace lydia
