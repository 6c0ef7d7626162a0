#include "lydia/ops/op.h"

#include <atomic>
#include <bit>

#include "lydia/ops/autocast.h"

namespace lydia {
namespace {

constexpr const char* kNames[] = {
#define LYDIA_POINTWISE_OP(name) #name,
#define LYDIA_KERNEL_OP(name) #name,
#define LYDIA_VIEW_OP(name) #name,
#define LYDIA_MULTI_OP(name) #name,
#include "lydia/ops/op_list.inc"
};

constexpr GradRule kNoRule;
constexpr const GradRule* kRules[] = {
#define LYDIA_POINTWISE_OP(name) &name##_rule,
#define LYDIA_KERNEL_OP(name) &name##_rule,
#define LYDIA_VIEW_OP(name) &name##_rule,
#define LYDIA_MULTI_OP(name) &kNoRule,
#include "lydia/ops/op_list.inc"
};

std::atomic<KernelObserver*> kernel_observer{nullptr};
LongKernelScope long_kernel{nullptr, nullptr};  // set once, while the host module loads

// Leaves the host's lock even when the kernel throws.
class ScopedLongKernel {
 public:
  explicit ScopedLongKernel(const KernelCall& call) {
    if (!long_kernel.enter) return;
    int64_t elements = 0;
    for (const Tensor* t : call.inputs) elements += t->defined() ? t->numel() : 0;
    for (const Tensor* t : call.outputs) elements += t->defined() ? t->numel() : 0;
    if (elements >= kLongKernel) state_ = long_kernel.enter();
  }
  ~ScopedLongKernel() {
    if (state_) long_kernel.leave(state_);
  }
  ScopedLongKernel(const ScopedLongKernel&) = delete;
  ScopedLongKernel& operator=(const ScopedLongKernel&) = delete;

 private:
  void* state_ = nullptr;
};

void call_kernel(const KernelCall& call, Device device) {
  const Kernel kernel = find_kernel(call.op, device);
  const ScopedLongKernel scope(call);
  kernel(call);
}

class Observed {
 public:
  Observed(KernelObserver& observer, const KernelCall& call) : observer_(observer), call_(call) {
    observer_.before(call_);
  }
  ~Observed() { observer_.after(call_); }
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;

 private:
  KernelObserver& observer_;
  const KernelCall& call_;
};

thread_local const std::vector<char>* needed_edges = nullptr;

}  // namespace

const char* op_name(Op op) { return kNames[static_cast<size_t>(op)]; }
const GradRule& grad_rule(Op op) { return *kRules[static_cast<size_t>(op)]; }
void set_kernel_observer(KernelObserver* observer) { kernel_observer.store(observer); }

void set_long_kernel_scope(LongKernelScope scope) { long_kernel = scope; }

void check_defined(const char* op, const Tensor& t, const char* argument) {
  LYDIA_CHECK(t.defined(), ValueError, op, ": expected a tensor for `", argument,
              "`, got an undefined one");
}

void check_same_device(const char* op, const Tensor& a, const Tensor& b) {
  LYDIA_CHECK(a.device() == b.device(), ValueError, op, ": expected tensors on one device, got ",
              a.device(), " and ", b.device());
}

bool any_requires_grad(std::span<const Tensor* const> inputs) {
  for (const Tensor* t : inputs)
    if (t->defined() && t->requires_grad()) return true;
  return false;
}

Saves saves_for(Op op, std::span<const Tensor* const> inputs) {
  const GradRule& rule = grad_rule(op);
  Saves read = 0;
  bool split = false;
  for (size_t i = 0; i < std::size(rule.by_input); ++i) {
    split |= rule.by_input[i] != 0;
    if (i < inputs.size() && inputs[i]->defined() && inputs[i]->requires_grad())
      read |= rule.by_input[i];
  }
  return split ? read : rule.saves;
}

namespace detail {

void run(Op op, std::span<const Tensor* const> in, std::span<Tensor* const> out, const void* attrs,
         BoxFn box) {
  Device device = kCPU;
  for (const Tensor* t : in)
    if (t->defined()) {
      device = t->device();
      break;
    }
  const KernelCall call{op, in, out, attrs};
  if (KernelObserver* observer = kernel_observer.load(std::memory_order_relaxed)) [[unlikely]] {
    const Observed scope(*observer, call);
    call_kernel(call, device);
  } else {
    call_kernel(call, device);
  }
  if (grad_enabled() && any_requires_grad(in)) record(op, in, out, box(attrs));
}

void record(Op op, std::span<const Tensor* const> in, std::span<Tensor* const> out,
            Ref<AttrsBase> attrs) {
  const GradRule& rule = grad_rule(op);
  if (!rule.fn) return;
  bool any_float = false;
  for (const Tensor* t : out) any_float |= is_floating(t->dtype());
  if (!any_float) return;
  std::vector<Edge> edges;  // before the node, which must be younger than what it leads to
  edges.reserve(in.size());
  for (const Tensor* t : in) edges.push_back(t->defined() ? gradient_edge(*t) : Edge{});
  auto node = make_ref<OpNode>(op, std::move(attrs));
  node->edges = std::move(edges);
  node->outputs.reserve(out.size());
  for (uint32_t i = 0; i < out.size(); ++i) {
    node->outputs.push_back({out[i]->sizes(), out[i]->dtype()});
    if (is_floating(out[i]->dtype())) set_history(*out[i], node, i);
  }
  node->save(saves_for(op, in), in, out);
}

}  // namespace detail

// ---- OpNode ------------------------------------------------------------------------------------

void OpNode::save(Saves which, std::span<const Tensor* const> in, std::span<Tensor* const> out) {
  saved_.reserve(static_cast<size_t>(std::popcount(which)));
  for (Saves left = which; left; left &= left - 1) {
    const int bit = std::countr_zero(left);
    if (bit < 16) {
      // A rule for a list of inputs (cat) saves nothing by position, so `bit` is in range or
      // absent.
      if (static_cast<size_t>(bit) >= in.size()) continue;
      saved_.emplace_back(*in[static_cast<size_t>(bit)], nullptr);
    } else {
      if (static_cast<size_t>(bit - 16) >= out.size()) continue;
      saved_.emplace_back(*out[static_cast<size_t>(bit - 16)], this);
    }
    saved_bits_ |= Saves{1} << bit;
  }
}

Tensors OpNode::backward(const Tensors& grads) {
  LYDIA_CHECK(!released_, Error, name(),
              ": backward went through this graph before and freed what it had saved; pass "
              "retain_graph=True to the first backward");
  const detail::AutocastOff as_recorded;
  return grad_rule(op_).fn(GradContext(*this), grads);
}

void OpNode::release_saved() {
  if (saved_bits_) released_ = true;
  saved_.clear();
}

Tensor OpNode::unpack(int bit) const {
  const Saves mask = Saves{1} << bit;
  LYDIA_CHECK(saved_bits_ & mask, Error, name(), ": its gradient rule reads value ", bit,
              ", which it does not save");
  const int at = std::popcount(saved_bits_ & (mask - 1));
  return saved_[static_cast<size_t>(at)].unpack(name(), Ref<Node>(const_cast<OpNode*>(this)));
}

NeededEdges::NeededEdges(const std::vector<char>& needed)
    : outer_(std::exchange(needed_edges, &needed)) {}
NeededEdges::~NeededEdges() { needed_edges = outer_; }
bool NeededEdges::wants(const Node* node, size_t i) {
  return !node || !needed_edges || i >= needed_edges->size() || (*needed_edges)[i];
}

// ---- GradContext -------------------------------------------------------------------------------

Tensor GradContext::in(int i) const { return node_.unpack(i); }
Tensor GradContext::out(int i) const { return node_.unpack(16 + i); }
bool GradContext::needs(int i) const {
  const auto at = static_cast<size_t>(i);
  return node_.edges[at] && NeededEdges::wants(&node_, at);
}
const ValueMeta& GradContext::out_meta(int i) const {
  return node_.outputs[static_cast<size_t>(i)];
}

bool GradContext::has_in(int i) const {
  const Saves mask = Saves{1} << i;
  if (!(node_.saved_bits_ & mask)) return needs(i);
  return node_.saved_[static_cast<size_t>(std::popcount(node_.saved_bits_ & (mask - 1)))].defined();
}

const Dims& GradContext::sizes(int i) const {
  const Edge& e = node_.edges[static_cast<size_t>(i)];
  return e.node->outputs[e.index].sizes;
}

DType GradContext::dtype(int i) const {
  const Edge& e = node_.edges[static_cast<size_t>(i)];
  return e.node->outputs[e.index].dtype;
}

}  // namespace lydia
