#include "lydia/autograd/backward.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

std::atomic<uint64_t> next_hook{1};
std::atomic<bool> detects_anomaly{false};
std::mutex leaf_mutex;  // two threads may walk graphs that end in one leaf

std::string default_trace() { return "(run from Python for the line that made it)"; }

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

// The gradient in the shape and dtype of the value it belongs to.
Tensor conform(const Node& from, const ValueMeta& meta, Tensor g) {
  if (!g.defined()) return g;
  if (g.sizes() != meta.sizes) {
    const bool fits = g.ndim() >= meta.sizes.ndim() &&
                      broadcast_shapes(from.name(), g.sizes(), meta.sizes) == g.sizes();
    LYDIA_CHECK(fits, ValueError, from.name(), ": expected a gradient of shape ", meta.sizes, ", got ",
                g.sizes());
    g = sum_to_size(g, meta.sizes);
  }
  return g.dtype() == meta.dtype ? g : to(g, meta.dtype);
}

void check_finite(const Node& node, const Tensors& grads) {
  for (size_t i = 0; i < grads.size(); ++i) {
    const Tensor& g = grads[i];
    if (!g.defined() || !is_floating(g.dtype())) continue;
    const bool bad = sum(ne(g, g)).item<int64_t>() > 0;
    LYDIA_CHECK(!bad, Error, "anomaly: the backward of ", node.name(), " gave NaN for input ", i,
                "; the forward op was made at: ", node.trace ? *node.trace : "(unknown)");
  }
}

class Walk {
 public:
  explicit Walk(BackwardOptions options) : options_(options) {}

  void add_root(const Tensor& root, Tensor gradient);
  // Marks inputs whose gradients are wanted; then leaves stay untouched.
  void capture(const Tensors& inputs);
  void run();
  const Tensors& captured() const { return captured_; }
  const std::vector<char>& reached() const { return reached_; }

 private:
  struct State {
    int waits_for = 0;
    bool visited = false;
    bool wanted = true;
    Tensors grads;
    std::vector<std::pair<uint32_t, size_t>> captures;  // output, index in captured_
  };

  State& state(Node* node) { return states_[node]; }
  void count_dependencies();
  void find_wanted(const std::vector<Node*>& order);
  void finish_leaf(LeafNode& leaf, Tensor g);
  void step(Node* node);
  void run_hooks(Node* node, State& s);
  void push(Node* node);

  BackwardOptions options_;
  std::unordered_map<Node*, State> states_;
  std::vector<Ref<Node>> roots_;
  std::vector<Node*> ready_;  // heap, latest node first
  Tensors captured_;
  std::vector<char> reached_;
  bool capturing_ = false;
};

bool earlier(const Node* a, const Node* b) { return a->sequence < b->sequence; }

void Walk::push(Node* node) {
  ready_.push_back(node);
  std::push_heap(ready_.begin(), ready_.end(), earlier);
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
  LYDIA_CHECK(gradient.sizes() == root.sizes(), ValueError, "backward: expected a gradient of shape ",
              root.sizes(), ", got ", gradient.sizes());
  const Edge edge = gradient_edge(root);
  State& s = state(edge.node.get());
  s.grads.resize(edge.node->outputs.size());
  accumulate(s.grads[edge.index], to(gradient, root.dtype()), options_.create_graph);
  roots_.push_back(edge.node);
}

void Walk::capture(const Tensors& inputs) {
  capturing_ = true;
  captured_.resize(inputs.size());
  reached_.resize(inputs.size(), 0);
  for (size_t i = 0; i < inputs.size(); ++i) {
    check_defined("grad", inputs[i], "input");
    LYDIA_CHECK(inputs[i].requires_grad(), Error, "grad: expected inputs that require grad; input ", i,
                " of shape ", inputs[i].sizes(), " does not");
    const Edge edge = gradient_edge(inputs[i]);
    state(edge.node.get()).captures.push_back({edge.index, i});
  }
}

// Depth-first from the roots; `order` lists nodes before the nodes that lead to them.
void Walk::count_dependencies() {
  std::vector<Node*> stack, order;
  for (const Ref<Node>& root : roots_) {
    State& s = state(root.get());
    if (!std::exchange(s.visited, true)) stack.push_back(root.get());
  }
  while (!stack.empty()) {
    Node* node = stack.back();
    stack.pop_back();
    order.push_back(node);
    for (const Edge& e : node->edges) {
      if (!e) continue;
      State& s = state(e.node.get());
      ++s.waits_for;
      if (!std::exchange(s.visited, true)) stack.push_back(e.node.get());
    }
  }
  if (capturing_) find_wanted(order);
  for (const Ref<Node>& root : roots_)
    if (state(root.get()).waits_for == 0 &&
        std::find(ready_.begin(), ready_.end(), root.get()) == ready_.end())
      push(root.get());
}

// A node matters to grad() when a wanted input lies behind it. Producers are older than their
// consumers, so one pass from the oldest node on settles it.
void Walk::find_wanted(const std::vector<Node*>& order) {
  std::vector<Node*> by_age = order;
  std::sort(by_age.begin(), by_age.end(), earlier);
  for (Node* node : by_age) {
    State& s = state(node);
    s.wanted = !s.captures.empty();
    for (const Edge& e : node->edges) s.wanted = s.wanted || (e && state(e.node.get()).wanted);
  }
}

void Walk::run_hooks(Node* node, State& s) {
  if (node->hooks) {
    const auto entries = node->hooks->on_output;  // a hook may remove itself
    for (const NodeHooks::Entry& entry : entries) {
      Tensor& g = s.grads[entry.output];
      if (!g.defined()) continue;
      Tensor replaced = entry.hook(g);
      if (replaced.defined()) g = conform(*node, node->outputs[entry.output], std::move(replaced));
    }
  }
  for (const auto& [output, index] : s.captures) {
    captured_[index] = s.grads[output];
    reached_[index] = s.grads[output].defined();
  }
}

void Walk::finish_leaf(LeafNode& leaf, Tensor g) {
  if (!g.defined()) return;
  std::lock_guard lock(leaf_mutex);
  Tensor& grad = leaf.slot->grad;
  if (options_.create_graph)
    grad = grad.defined() ? add(grad, g) : g;
  else if (grad.defined() && !grad.requires_grad())
    add_(grad, g);
  else if (grad.defined())
    grad = add(grad, g).detach();
  else
    grad = owned(g) ? g.detach() : clone(g.detach());
}

void Walk::step(Node* node) {
  State& s = state(node);
  s.grads.resize(node->outputs.size());
  run_hooks(node, s);
  Tensors grads = std::move(s.grads);
  if (node->is_leaf()) {
    if (!capturing_) finish_leaf(static_cast<LeafNode&>(*node), std::move(grads[0]));
    return;
  }
  const bool any = std::any_of(grads.begin(), grads.end(), [](const Tensor& g) { return g.defined(); });
  std::vector<char> needed(node->edges.size());
  bool wanted = false;
  for (size_t i = 0; i < node->edges.size(); ++i) {
    const Edge& e = node->edges[i];
    needed[i] = e && (!capturing_ || state(e.node.get()).wanted);
    wanted |= needed[i] != 0;
  }
  Tensors out(node->edges.size());
  if (any && wanted) {
    const NeededEdges scope(needed);
    out = node->backward(grads);
    LYDIA_CHECK(out.size() == node->edges.size(), Error, node->name(), ": expected ",
                node->edges.size(), " gradients from its backward, got ", out.size());
    if (anomaly_enabled()) check_finite(*node, out);
  }
  grads.clear();
  if (!options_.retain_graph) node->release_saved();
  for (size_t i = 0; i < node->edges.size(); ++i) {
    const Edge& e = node->edges[i];
    if (!e) continue;
    Node* target = e.node.get();
    State& t = state(target);
    if (needed[i] && out[i].defined()) {
      t.grads.resize(target->outputs.size());
      accumulate(t.grads[e.index], conform(*node, target->outputs[e.index], std::move(out[i])),
                 options_.create_graph);
    }
    if (--t.waits_for == 0) push(target);
  }
}

void Walk::run() {
  options_.retain_graph |= options_.create_graph;
  count_dependencies();
  const GradModeGuard mode(options_.create_graph);
  while (!ready_.empty()) {
    std::pop_heap(ready_.begin(), ready_.end(), earlier);
    Node* node = ready_.back();
    ready_.pop_back();
    step(node);
  }
}

}  // namespace

void backward(const Tensors& roots, const Tensors& gradients, BackwardOptions options) {
  LYDIA_CHECK(gradients.empty() || gradients.size() == roots.size(), ValueError,
              "backward: expected one gradient per tensor, got ", gradients.size(), " for ",
              roots.size());
  Walk walk(options);
  for (size_t i = 0; i < roots.size(); ++i)
    walk.add_root(roots[i], gradients.empty() ? Tensor() : gradients[i]);
  walk.run();
}

void backward(const Tensor& root, const Tensor& gradient, BackwardOptions options) {
  backward(Tensors{root}, gradient.defined() ? Tensors{gradient} : Tensors{}, options);
}

Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients,
             BackwardOptions options) {
  LYDIA_CHECK(gradients.empty() || gradients.size() == outputs.size(), ValueError,
              "grad: expected one gradient per output, got ", gradients.size(), " for ",
              outputs.size());
  Walk walk(options);
  for (size_t i = 0; i < outputs.size(); ++i)
    walk.add_root(outputs[i], gradients.empty() ? Tensor() : gradients[i]);
  walk.capture(inputs);
  walk.run();
  for (size_t i = 0; i < inputs.size(); ++i)
    LYDIA_CHECK(walk.reached()[i] || options.allow_unused, Error, "grad: input ", i,
                " was not used to make the outputs; pass allow_unused=True to get None for it");
  return walk.captured();
}

uint64_t register_hook(const Tensor& t, TensorHook hook) {
  check_defined("register_hook", t, "tensor");
  LYDIA_CHECK(t.requires_grad(), Error, "register_hook: expected a tensor that requires grad");
  const Edge edge = gradient_edge(t);
  if (!edge.node->hooks) edge.node->hooks = std::make_unique<NodeHooks>();
  const uint64_t id = next_hook.fetch_add(1);
  edge.node->hooks->on_output.push_back({id, edge.index, std::move(hook)});
  return id;
}

void remove_hook(const Tensor& t, uint64_t id) {
  const Edge edge = gradient_edge(t);
  if (!edge || !edge.node->hooks) return;
  std::erase_if(edge.node->hooks->on_output, [&](const auto& entry) { return entry.id == id; });
}

void retain_grad(const Tensor& t) {
  check_defined("retain_grad", t, "tensor");
  LYDIA_CHECK(t.requires_grad(), Error, "retain_grad: expected a tensor that requires grad");
  AutogradMeta& m = t.autograd_or_new();
  if (t.is_leaf() || m.slot) return;
  m.slot = make_ref<AutogradMeta::GradSlot>();
  register_hook(t, [slot = m.slot](const Tensor& g) {
    slot->grad = slot->grad.defined() ? add(slot->grad, g) : g;
    return Tensor();
  });
}

void set_detect_anomaly(bool enabled, TraceFn trace) {
  detects_anomaly.store(enabled);
  set_anomaly_trace(!enabled ? nullptr : trace ? trace : &default_trace);
}

bool anomaly_enabled() { return detects_anomaly.load(std::memory_order_relaxed); }

}  // namespace lydia
