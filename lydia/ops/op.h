// What an op is, how its kernel is found, and how its gradient rule is recorded.
//
// An op checks its arguments, makes its outputs, and calls run(). run() finds the kernel for the
// device, calls it, and, where a gradient may be asked for, records an OpNode with what the rule
// needs. lydia/backend/registry.cc defines find_kernel(): the one table of kernels.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>

#include "lydia/core/tensor.h"

namespace lydia {

enum class Op : uint16_t {
#define LYDIA_POINTWISE_OP(name) name,
#define LYDIA_KERNEL_OP(name) name,
#define LYDIA_VIEW_OP(name) name,
#define LYDIA_MULTI_OP(name) name,
#include "lydia/ops/op_list.inc"
};
inline constexpr int kOpCount = 0
#define LYDIA_POINTWISE_OP(name) +1
#define LYDIA_KERNEL_OP(name) +1
#define LYDIA_VIEW_OP(name) +1
#define LYDIA_MULTI_OP(name) +1
#include "lydia/ops/op_list.inc"
    ;

const char* op_name(Op op);

// ---- kernels -----------------------------------------------------------------------------------

// Optional inputs may be undefined. Outputs are made by the op unless their shape depends on the
// data; then they arrive undefined and the kernel makes them.
struct KernelCall {
  Op op;
  std::span<const Tensor* const> inputs;
  std::span<Tensor* const> outputs;
  const void* attributes;

  const Tensor& in(size_t i) const { return *inputs[i]; }
  bool has(size_t i) const { return i < inputs.size() && inputs[i]->defined(); }
  Tensor& out(size_t i = 0) const { return *outputs[i]; }
  template <class A>
  const A& attrs() const {
    return *static_cast<const A*>(attributes);
  }
};
using Kernel = void (*)(const KernelCall&);

// NotImplementedError when `device` has no kernel for `op`.
Kernel find_kernel(Op op, Device device);

// ---- gradient rules ----------------------------------------------------------------------------

// Which values a rule reads, saved at record time: kIn(0) | kOut(0).
using Saves = uint32_t;
constexpr Saves kIn(int i) { return 1u << i; }
constexpr Saves kOut(int i) { return 1u << (16 + i); }

class OpNode;

// What a gradient rule may look at.
class GradContext {
 public:
  explicit GradContext(OpNode& node) : node_(node) {}
  // A saved input or output; checked against changes made in place since.
  Tensor in(int i) const;
  Tensor out(int i = 0) const;
  bool has_in(int i) const;
  // True when the gradient of input i is wanted; rules may leave the others undefined.
  bool needs(int i) const;
  // Shape and dtype of input i; only where needs(i).
  const Dims& sizes(int i) const;
  DType dtype(int i) const;
  const ValueMeta& out_meta(int i = 0) const;
  template <class A>
  const A& attrs() const;

 private:
  OpNode& node_;
};

// Pure: takes one gradient per output (undefined ones count as zero), returns one per input. The
// engine reduces broadcast dimensions, converts dtypes and sums.
using GradFn = Tensors (*)(const GradContext& c, const Tensors& g);

struct GradRule {
  GradFn fn = nullptr;  // nullptr: declared non-differentiable
  Saves saves = 0;
  // What the gradient of input i alone reads, where inputs differ (mul reads the other factor):
  // then only what the inputs that need a gradient call for is saved. All 0: all of `saves`.
  Saves by_input[3] = {0, 0, 0};
};
const GradRule& grad_rule(Op op);
// What recording `op` with these inputs saves.
Saves saves_for(Op op, std::span<const Tensor* const> inputs);

// One definition per op, in the op's .cc; the list makes a missing one a link error.
#define LYDIA_POINTWISE_OP(name) extern const GradRule name##_rule;
#define LYDIA_KERNEL_OP(name) extern const GradRule name##_rule;
#define LYDIA_VIEW_OP(name) extern const GradRule name##_rule;
#include "lydia/ops/op_list.inc"

// ---- attributes --------------------------------------------------------------------------------

struct AttrsBase : RefCounted {
  virtual const void* get() const = 0;
};
template <class A>
struct AttrsOf final : AttrsBase {
  explicit AttrsOf(const A& a) : value(a) {}
  const void* get() const override { return &value; }
  A value;
};
struct NoAttrs {};

// ---- recording ---------------------------------------------------------------------------------

// Takes the place of memory for what is saved while it is installed (SavedTensorsGuard): a
// checkpoint computes the values again, others may move them elsewhere.
class SavedTensorStore : public RefCounted {
 public:
  virtual int64_t pack(const Tensor& value) = 0;
  virtual Tensor unpack(int64_t id) = 0;
};
class SavedTensorsGuard {
 public:
  explicit SavedTensorsGuard(Ref<SavedTensorStore> store);
  ~SavedTensorsGuard();
  SavedTensorsGuard(const SavedTensorsGuard&) = delete;
  SavedTensorsGuard& operator=(const SavedTensorsGuard&) = delete;

 private:
  Ref<SavedTensorStore> outer_;
};

// An input or output kept for backward, with the version it had.
class SavedTensor {
 public:
  SavedTensor() = default;
  // `output_of` is the node that makes `value`, when it is an output.
  SavedTensor(const Tensor& value, const Node* output_of);
  // `op` is named in the error when the value was changed in place meanwhile.
  Tensor unpack(const char* op, const Ref<Node>& owner) const;
  bool defined() const { return value_.defined() || store_; }

 private:
  Tensor value_;                 // without history, so that no cycle forms
  Ref<SavedTensorStore> store_;  // or else where it is
  int64_t id_ = 0;
  Edge edge_;
  uint32_t version_ = 0;
  bool is_output_ = false;
  bool requires_grad_ = false;
};

class OpNode final : public Node {
 public:
  OpNode(Op op, Ref<AttrsBase> attrs) : op_(op), attrs_(std::move(attrs)) {}
  const char* name() const override { return op_name(op_); }
  Tensors backward(const Tensors& grads) override;
  void release_saved() override;
  void save(Saves which, std::span<const Tensor* const> in, std::span<Tensor* const> out);

 private:
  friend class GradContext;
  Tensor unpack(int bit) const;

  Op op_;
  bool released_ = false;
  Saves saved_bits_ = 0;
  Ref<AttrsBase> attrs_;
  std::vector<SavedTensor> saved_;  // in bit order
};

template <class A>
const A& GradContext::attrs() const {
  return *static_cast<const A*>(node_.attrs_->get());
}

// While it lives, GradContext::needs(i) of this thread also asks `needed[i]`: the engine's way to
// spare rules the gradients that grad() was not asked for.
class NeededEdges {
 public:
  explicit NeededEdges(const std::vector<char>& needed);
  ~NeededEdges();
  // True unless the walk at work in `node` has no use for the gradient of its input i.
  static bool wants(const Node* node, size_t i);
  NeededEdges(const NeededEdges&) = delete;
  NeededEdges& operator=(const NeededEdges&) = delete;

 private:
  const std::vector<char>* outer_;
};

bool grad_enabled();
// The edge that leads to the producer of `t`; empty when it needs no gradient.
Edge gradient_edge(const Tensor& t);
// Hangs `node` behind `t`, as output `index`.
void set_history(const Tensor& t, Ref<Node> node, uint32_t index);
bool any_requires_grad(std::span<const Tensor* const> inputs);

namespace detail {
using BoxFn = Ref<AttrsBase> (*)(const void*);
void run(Op op, std::span<const Tensor* const> in, std::span<Tensor* const> out, const void* attrs,
         BoxFn box);
void record(Op op, std::span<const Tensor* const> in, std::span<Tensor* const> out,
            Ref<AttrsBase> attrs);
template <class A>
Ref<AttrsBase> box(const void* attrs) {
  return Ref<AttrsBase>(new AttrsOf<A>(*static_cast<const A*>(attrs)));
}
}  // namespace detail

// Runs the kernel of `op` and records it. Inputs may be undefined handles.
template <class A = NoAttrs>
void run(Op op, std::initializer_list<const Tensor*> in, std::initializer_list<Tensor*> out,
         const A& attrs = {}) {
  detail::run(op, {in.begin(), in.size()}, {out.begin(), out.size()}, &attrs, detail::box<A>);
}
// The same for a list of inputs of any length (cat).
template <class A = NoAttrs>
void run(Op op, std::span<const Tensor* const> in, std::initializer_list<Tensor*> out,
         const A& attrs = {}) {
  detail::run(op, in, {out.begin(), out.size()}, &attrs, detail::box<A>);
}

// A window on x's storage as a view op: shares storage and version, records the rule of `op`.
template <class A = NoAttrs>
Tensor make_view(Op op, const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset,
                 const A& attrs = {});
namespace detail {
Tensor alias(const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset);
void track_view(const Tensor& x, const Tensor& view);
}  // namespace detail
template <class A>
Tensor make_view(Op op, const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset,
                 const A& attrs) {
  Tensor y = detail::alias(x, sizes, strides, offset);
  const Tensor* in[] = {&x};
  Tensor* out[] = {&y};
  if (grad_enabled() && x.requires_grad()) detail::record(op, in, out, detail::box<A>(&attrs));
  detail::track_view(x, y);
  return y;
}

// Called around every kernel while a profiler listens (lydia/autograd/profiler.h).
struct KernelObserver {
  virtual ~KernelObserver() = default;
  virtual void before(const KernelCall& call) = 0;
  virtual void after(const KernelCall& call) = 0;
};
// `after` follows each `before`, also when the kernel threw.
void set_kernel_observer(KernelObserver* observer);

// What a host language does around kernels long enough to matter: Python hands its lock to other
// threads. enter() may return nullptr, then leave() is not called.
struct LongKernelScope {
  void* (*enter)();
  void (*leave)(void* state);
};
inline constexpr int64_t kLongKernel = 16384;  // elements of input and output together
void set_long_kernel_scope(LongKernelScope scope);

// Throws when the tensor is undefined (a default-constructed handle).
void check_defined(const char* op, const Tensor& t, const char* argument);
void check_same_device(const char* op, const Tensor& a, const Tensor& b);

}  // namespace lydia
