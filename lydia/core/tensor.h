// The tensor handle: a typed, strided window on shared storage. Copying a Tensor copies the handle.
//
// Element (i0, i1, ...) lives at storage[offset + i0*stride0 + i1*stride1 + ...]. Strides count
// elements and may be 0 or negative. Arithmetic lives in lydia/ops; the methods declared at the
// end are defined there, so that `x.matmul(w).relu()` reads as in PyTorch.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "lydia/core/device.h"
#include "lydia/core/dtype.h"
#include "lydia/core/error.h"
#include "lydia/core/node.h"
#include "lydia/core/ref.h"
#include "lydia/core/scalar.h"
#include "lydia/core/shape.h"
#include "lydia/core/storage.h"

namespace lydia {

struct AutogradMeta;

struct TensorImpl final : RefCounted {
  ~TensorImpl() override;
  Ref<Storage> storage;
  Dims sizes;
  Dims strides;
  int64_t offset = 0;  // in elements
  int64_t numel = 1;
  std::unique_ptr<AutogradMeta> autograd;
  DType dtype = DType::F32;
  bool contiguous = true;
  bool inference = false;  // made under inference_mode: never part of a graph
};

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}
  // A window on existing storage, bounds-checked against it. `strides` count elements.
  static Tensor over(Ref<Storage> storage, DType dtype, const Dims& sizes, const Dims& strides,
                     int64_t offset);

  bool defined() const { return static_cast<bool>(impl_); }
  TensorImpl* impl() const { return impl_.get(); }
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }

  const Dims& sizes() const { return impl_->sizes; }
  const Dims& strides() const { return impl_->strides; }
  int64_t size(int64_t dim) const;
  int64_t stride(int64_t dim) const;
  int ndim() const { return impl_->sizes.ndim(); }
  int64_t numel() const { return impl_->numel; }
  DType dtype() const { return impl_->dtype; }
  Device device() const { return impl_->storage->device(); }
  size_t element_size() const { return item_size(dtype()); }
  size_t nbytes() const { return static_cast<size_t>(numel()) * element_size(); }
  bool is_contiguous() const { return impl_->contiguous; }
  bool is_floating_point() const { return is_floating(dtype()); }
  const Ref<Storage>& storage() const { return impl_->storage; }
  int64_t storage_offset() const { return impl_->offset; }
  uint32_t version() const { return impl_->storage->version(); }

  // Address of element (0, 0, ...).
  void* data_ptr() const {
    return impl_->storage->data() + impl_->offset * static_cast<int64_t>(item_size(impl_->dtype));
  }
  // Typed address; TypeError when T is not this tensor's dtype.
  template <class T>
  T* data() const {
    LYDIA_CHECK(dtype() == dtype_of<T>(), TypeError, "data: expected dtype ", dtype(), ", got ",
                dtype_of<T>());
    return static_cast<T*>(data_ptr());
  }

  // The single element. ValueError unless numel() == 1.
  Scalar item() const;
  template <class T>
  T item() const {
    return item().to<T>();
  }

  // History. See lydia/autograd for backward().
  bool requires_grad() const;
  bool is_leaf() const;
  const Tensor& set_requires_grad(bool value = true) const;  // leaves only
  Tensor grad() const;
  void set_grad(const Tensor& grad) const;
  AutogradMeta* autograd() const { return impl_->autograd.get(); }
  AutogradMeta& autograd_or_new() const;
  // The same data without history (shares storage and version).
  Tensor detach() const;
  // Drops this tensor's own history; Error on a view, whose base would not follow.
  void cut_history() const;
  // Becomes a window on value's memory, keeping history, grad() and requires_grad().
  void set_data(const Tensor& value) const;

#include "lydia/core/tensor_methods.inc"

 private:
  Ref<TensorImpl> impl_;
};

// What a tensor remembers of how it came to be; absent on tensors without history.
struct AutogradMeta {
  // Where a leaf's gradient rests; shared with the leaf's node, which may outlive the tensor.
  struct GradSlot : RefCounted {
    Tensor grad;
    std::mutex mutex;  // two threads may walk graphs that end in one leaf
  };

  Edge edge;             // producer; for a leaf, its accumulating node
  Ref<GradSlot> slot;    // leaves and retain_grad()
  Tensor base;           // for a view: the tensor whose storage it was cut from
  uint32_t history = 0;  // on a base: counts in-place rewrites; on a view: the count it has seen
  bool requires_grad = false;
  bool no_grad_view = false;  // cut under no_grad, or inside a custom Function
};

// What runs when the gradient of a node's output is known, in this order.
struct NodeHooks {
  struct Entry {
    uint64_t id;
    uint32_t output;
    TensorHook hook;
  };
  struct Retained {
    uint32_t output;
    Ref<AutogradMeta::GradSlot> slot;
  };
  std::vector<Entry> on_output;      // may replace the gradient
  std::vector<Retained> retained;    // retain_grad(): keep the gradient
  std::vector<Entry> on_accumulate;  // leaves only: called with the leaf after grad() has grown
};

// The node of a leaf. The engine adds incoming gradients into `slot`.
class LeafNode final : public Node {
 public:
  LeafNode(ValueMeta meta, Ref<AutogradMeta::GradSlot> target) : slot(std::move(target)) {
    outputs.push_back(std::move(meta));
  }
  const char* name() const override { return "accumulate_grad"; }
  Tensors backward(const Tensors&) override { return {}; }
  bool is_leaf() const override { return true; }
  Ref<AutogradMeta::GradSlot> slot;
};

DType default_dtype();
// F16, BF16, F32 or F64; TypeError otherwise.
void set_default_dtype(DType dtype);

// Contiguous, contents unspecified.
Tensor empty(const Dims& sizes, DType dtype = default_dtype(), Device device = kCPU);
// A tensor over memory owned by the caller, kept alive until `deleter` has run.
Tensor from_blob(void* data, const Dims& sizes, const Dims& strides, DType dtype,
                 std::function<void()> deleter, size_t bytes_before = 0);

// True when the strides are row-major over `sizes`.
bool strides_are_contiguous(const Dims& sizes, const Dims& strides);

}  // namespace lydia
