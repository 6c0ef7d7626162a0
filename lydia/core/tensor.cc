#include "lydia/core/tensor.h"

#include <atomic>

namespace lydia {
namespace {

std::atomic<DType> default_dtype_value{DType::F32};

// Lowest and highest element a window touches, relative to its first element.
std::pair<int64_t, int64_t> extent(const Dims& sizes, const Dims& strides) {
  int64_t low = 0, high = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    int64_t reach = 0;
    const bool overflow =
        __builtin_mul_overflow(sizes[i] - 1, strides[i], &reach) ||
        __builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high);
    LYDIA_CHECK(!overflow, ValueError, "tensor: strides ", strides, " overflow for shape ", sizes);
  }
  return {low, high};
}

}  // namespace

TensorImpl::~TensorImpl() = default;

bool strides_are_contiguous(const Dims& sizes, const Dims& strides) {
  int64_t expected = 1;
  for (int i = sizes.ndim() - 1; i >= 0; --i) {
    if (sizes[i] == 0) return true;
    if (sizes[i] == 1) continue;
    if (strides[i] != expected) return false;
    expected *= sizes[i];
  }
  return true;
}

Tensor Tensor::over(Ref<Storage> storage, DType dtype, const Dims& sizes, const Dims& strides,
                    int64_t offset) {
  const int64_t numel = checked_numel("tensor", sizes);
  LYDIA_CHECK(sizes.size() == strides.size(), ValueError,
              "tensor: expected one stride per size, got ", sizes, " and ", strides);
  if (numel > 0) {
    const auto [low, high] = extent(sizes, strides);
    const int64_t capacity = static_cast<int64_t>(storage->bytes() / item_size(dtype));
    int64_t first = 0, last = 0;
    const bool overflow =
        __builtin_add_overflow(offset, low, &first) || __builtin_add_overflow(offset, high, &last);
    LYDIA_CHECK(!overflow && first >= 0 && last < capacity, ValueError, "tensor: shape ", sizes,
                " with strides ", strides, " and offset ", offset, " reaches outside a storage of ",
                capacity, " elements");
  }
  auto impl = make_ref<TensorImpl>();
  impl->storage = std::move(storage);
  impl->sizes = sizes;
  impl->strides = strides;
  impl->offset = offset;
  impl->numel = numel;
  impl->dtype = dtype;
  impl->contiguous = strides_are_contiguous(sizes, strides);
  impl->inference = grad_state().inference;
  return Tensor(std::move(impl));
}

int64_t Tensor::size(int64_t dim) const {
  LYDIA_CHECK(ndim() > 0, IndexError, "size: expected a dimension to exist, got a 0-d tensor");
  return sizes()[wrap_dim("size", dim, ndim())];
}

int64_t Tensor::stride(int64_t dim) const {
  LYDIA_CHECK(ndim() > 0, IndexError, "stride: expected a dimension to exist, got a 0-d tensor");
  return strides()[wrap_dim("stride", dim, ndim())];
}

Scalar Tensor::item() const {
  LYDIA_CHECK(numel() == 1, ValueError, "item: expected a tensor of one element, got shape ",
              sizes());
  return visit_dtype(dtype(),
                     [&](auto tag) -> Scalar { return *static_cast<decltype(tag)*>(data_ptr()); });
}

AutogradMeta& Tensor::autograd_or_new() const {
  if (!impl_->autograd) impl_->autograd = std::make_unique<AutogradMeta>();
  return *impl_->autograd;
}

bool Tensor::requires_grad() const {
  const AutogradMeta* m = autograd();
  if (!m) return false;
  if (m->base.defined()) {
    const AutogradMeta* b = m->base.autograd();
    if (b && b->history != m->history) return b->requires_grad;
  }
  return m->requires_grad;
}

bool Tensor::is_leaf() const {
  if (!requires_grad()) return true;
  return autograd()->edge && autograd()->edge.node->is_leaf();
}

const Tensor& Tensor::set_requires_grad(bool value) const {
  if (value == requires_grad()) return *this;
  LYDIA_CHECK(!value || is_floating_point(), TypeError,
              "requires_grad_: expected a floating-point tensor, got dtype ", dtype());
  LYDIA_CHECK(
      value || is_leaf(), Error,
      "requires_grad_: expected a leaf; use .detach() to cut a computed tensor from its graph");
  LYDIA_CHECK(
      !value || !impl_->inference || grad_state().inference, Error,
      "requires_grad_: expected a normal tensor, got one made under inference_mode; clone() it");
  AutogradMeta& m = autograd_or_new();
  m.requires_grad = value;
  if (value) {
    if (!m.slot) m.slot = make_ref<AutogradMeta::GradSlot>();
    m.edge = {Ref<Node>(new LeafNode({sizes(), dtype()}, m.slot)), 0};
  } else {
    m.edge = {};
  }
  return *this;
}

Tensor Tensor::grad() const {
  const AutogradMeta* m = autograd();
  return m && m->slot ? m->slot->grad : Tensor();
}

void Tensor::set_grad(const Tensor& grad) const {
  if (grad.defined()) {
    LYDIA_CHECK(grad.sizes() == sizes(), ValueError, "grad: expected shape ", sizes(), ", got ",
                grad.sizes());
    LYDIA_CHECK(grad.dtype() == dtype(), TypeError, "grad: expected dtype ", dtype(), ", got ",
                grad.dtype());
  }
  AutogradMeta& m = autograd_or_new();
  if (!m.slot) m.slot = make_ref<AutogradMeta::GradSlot>();
  m.slot->grad = grad;
}

Tensor Tensor::detach() const {
  auto impl = make_ref<TensorImpl>();
  impl->storage = impl_->storage;
  impl->sizes = impl_->sizes;
  impl->strides = impl_->strides;
  impl->offset = impl_->offset;
  impl->numel = impl_->numel;
  impl->dtype = impl_->dtype;
  impl->contiguous = impl_->contiguous;
  impl->inference = impl_->inference;
  return Tensor(std::move(impl));
}

void Tensor::cut_history() const {
  AutogradMeta* m = autograd();
  if (!m) return;
  LYDIA_CHECK(!m->base.defined() || !m->base.requires_grad(), Error,
              "detach_: expected a tensor that is no view; use detach()");
  m->edge = {};
  m->requires_grad = false;
}

// A leaf may change its dtype too, so that a module can be converted under its handles.
void Tensor::set_data(const Tensor& value) const {
  LYDIA_CHECK(
      value.dtype() == dtype() || (is_leaf() && (value.is_floating_point() || !requires_grad())),
      TypeError, "data: expected a tensor of dtype ", dtype(), ", got ", value.dtype());
  LYDIA_CHECK(is_leaf() || value.sizes() == sizes(), ValueError, "data: expected shape ", sizes(),
              " for a computed tensor, got ", value.sizes());
  const TensorImpl& from = *value.impl_;
  impl_->storage = from.storage;
  impl_->sizes = from.sizes;
  impl_->strides = from.strides;
  impl_->offset = from.offset;
  impl_->numel = from.numel;
  impl_->contiguous = from.contiguous;
  impl_->dtype = from.dtype;
  if (requires_grad() && is_leaf()) autograd()->edge.node->outputs[0] = {from.sizes, from.dtype};
}

DType default_dtype() { return default_dtype_value.load(std::memory_order_relaxed); }

void set_default_dtype(DType dtype) {
  LYDIA_CHECK(is_floating(dtype), TypeError,
              "set_default_dtype: expected a floating-point dtype, got ", dtype);
  default_dtype_value.store(dtype, std::memory_order_relaxed);
}

Tensor empty(const Dims& sizes, DType dtype, Device device) {
  auto impl = make_ref<TensorImpl>();
  impl->numel = checked_numel("empty", sizes);
  int64_t bytes = 0;
  LYDIA_CHECK(!__builtin_mul_overflow(impl->numel, static_cast<int64_t>(item_size(dtype)), &bytes),
              OutOfMemoryError, "empty: shape ", sizes, " of ", dtype,
              " needs more than 2^63 bytes");
  impl->storage = make_ref<Storage>(static_cast<size_t>(bytes), device);
  impl->sizes = sizes;
  impl->strides = contiguous_strides(sizes);
  impl->dtype = dtype;
  impl->inference = grad_state().inference;
  return Tensor(std::move(impl));
}

Tensor from_blob(void* data, const Dims& sizes, const Dims& strides, DType dtype,
                 std::function<void()> deleter, size_t bytes_before) {
  const int64_t numel = checked_numel("from_blob", sizes);
  const auto [low, high] = numel ? extent(sizes, strides) : std::pair<int64_t, int64_t>{0, -1};
  const int64_t size = static_cast<int64_t>(item_size(dtype));
  const int64_t before = std::max(static_cast<int64_t>(bytes_before) / size, -low);
  auto* start = static_cast<std::byte*>(data) - before * size;
  auto storage = make_ref<Storage>(start, static_cast<size_t>((before + high + 1) * size), kCPU,
                                   std::move(deleter));
  return Tensor::over(std::move(storage), dtype, sizes, strides, before);
}

}  // namespace lydia
