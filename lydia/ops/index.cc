#include "lydia/ops/index.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index_plan.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

constexpr size_t kMaxTensors = 14;  // the inputs a gradient rule can save

using Inputs = std::vector<const Tensor*>;

// The shape of x with the indexed dimensions replaced by those of the index tensors.
Dims indexed_sizes(const Dims& x, const Tensors& tensors, int64_t first) {
  Dims out;
  for (int64_t d = 0; d < first; ++d) out.push_back(x[d]);
  for (int64_t s : tensors[0].sizes()) out.push_back(s);
  for (size_t d = first + tensors.size(); d < x.size(); ++d) out.push_back(x[d]);
  return out;
}

Tensor run_index(const Tensor& x, const Tensors& tensors, const IndexAttrs& attrs) {
  LYDIA_CHECK(tensors.size() <= kMaxTensors, IndexError, "index: expected at most ", kMaxTensors,
              " index tensors, got ", tensors.size());
  const Dims sizes = indexed_sizes(x.sizes(), tensors, attrs.first);
  checked_numel("index", sizes);
  Tensor out = empty(sizes, x.dtype(), x.device());
  Inputs in = {&x};
  for (const Tensor& t : tensors) in.push_back(&t);
  run(Op::index, in, {&out}, attrs);
  return out;
}

// Into `target` when it is given (which is then base itself), else into a new tensor.
Tensor run_index_put(const Tensor& base, const Tensor& values, const Tensors& tensors,
                     const IndexAttrs& attrs, Tensor target = {}) {
  LYDIA_CHECK(tensors.size() <= kMaxTensors, IndexError, "index_put: expected at most ",
              kMaxTensors, " index tensors, got ", tensors.size());
  if (!target.defined())
    target = empty(base.defined() ? base.sizes() : attrs.sizes, values.dtype(), values.device());
  Inputs in = {&base, &values};
  for (const Tensor& t : tensors) in.push_back(&t);
  run(Op::index_put, in, {&target}, attrs);
  return target;
}

Tensors saved_tensors(const GradContext& c, int from, size_t count) {
  Tensors out;
  for (size_t i = 0; i < count; ++i) out.push_back(c.in(from + static_cast<int>(i)));
  return out;
}

// 1 where the value at that index is the one that stayed (the last of its place), else 0: shaped to
// broadcast against values.
Tensor stayed(const Tensors& tensors, const Dims& sizes, const IndexAttrs& attrs, DType dtype) {
  IndexAttrs flat;
  const size_t post = sizes.size() - static_cast<size_t>(attrs.first) - tensors.size();
  for (size_t d = 0; d < tensors.size(); ++d)
    flat.sizes.push_back(sizes[static_cast<size_t>(attrs.first) + d]);
  flat.named = attrs.named;
  const Tensor order = reshape(arange(0, tensors[0].numel(), 1, DType::I64), tensors[0].sizes());
  const Tensor last = run_index(run_index_put({}, order, tensors, flat), tensors, flat);
  Dims shape = order.sizes();
  for (size_t i = 0; i < post; ++i) shape.push_back(1);
  return to(reshape(eq(last, order), shape), dtype);
}

Tensor as_values(const char* op, const Tensor& value, const Tensor& self, const Dims& sizes) {
  check_defined(op, value, "value");
  check_same_device(op, self, value);
  Tensor v = to(value, self.dtype());
  while (v.ndim() > sizes.ndim() && v.sizes()[0] == 1) v = squeeze(v, {0});
  LYDIA_CHECK(v.ndim() <= sizes.ndim() && broadcast_shapes(op, sizes, v.sizes()) == sizes,
              ValueError, op, ": expected a value that broadcasts to ", sizes, ", got shape ",
              value.sizes());
  return v.sizes() == sizes ? v : expand(v, sizes);
}

Tensor own(const Tensor& t, const Tensor& self) {
  return t.storage() == self.storage() ? clone(t) : t;
}

void put_in_place(const char* op, const Tensor& x, const IndexPlan& plan, const Tensor& value,
                  bool accumulate) {
  IndexAttrs attrs;
  const Tensor window = index_window(x, plan, &attrs.first);
  attrs.named = plan.named;
  attrs.accumulate = accumulate;
  check_inplace(op, window);
  const Dims sizes = indexed_sizes(window.sizes(), plan.tensors, attrs.first);
  const Tensor values = own(as_values(op, value, x, sizes), x);
  Tensors tensors;
  for (const Tensor& t : plan.tensors) tensors.push_back(own(t, x));
  adopt_history(window, run_index_put(window, values, tensors, attrs, window.detach()));
}

// x[mask] = number needs no list of places: the mask, or an undefined tensor where the items or
// the value are others. Trailing dimensions that the mask does not cover become size 1.
Tensor lone_mask(const Tensor& x, Indices items) {
  if (items.size() != 1 || items[0].kind() != Index::Kind::Tensor) return {};
  const Tensor& mask = items[0].tensor();
  const auto n = static_cast<size_t>(mask.ndim());
  if (mask.dtype() != DType::Bool || n == 0 || mask.ndim() > x.ndim()) return {};
  Dims sizes = mask.sizes();
  for (size_t d = 0; d < n; ++d)
    if (sizes[d] != x.sizes()[d]) return {};  // the general way has the error message
  while (sizes.ndim() < x.ndim()) sizes.push_back(1);
  return own(mask.sizes() == sizes ? mask : reshape(mask, sizes), x);
}

}  // namespace

Tensor index(const Tensor& x, Indices items) {
  const IndexPlan plan = plan_index("index", x, items);
  IndexAttrs attrs;
  const Tensor window = index_window(x, plan, &attrs.first);
  if (plan.tensors.empty()) return window;
  attrs.named = plan.named;
  return run_index(window, plan.tensors, attrs);
}

Tensor index(const Tensor& x, std::initializer_list<Index> items) {
  return index(x, Indices(items.begin(), items.size()));
}

const GradRule index_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                               IndexAttrs attrs = c.attrs<IndexAttrs>();
                               attrs.sizes = c.sizes(0);
                               attrs.accumulate = true;
                               Tensors out(attrs.named.size() + 1);
                               out[0] = run_index_put(
                                   {}, g[0], saved_tensors(c, 1, attrs.named.size()), attrs);
                               return out;
                             },
                             0xfffeu};  // every index tensor

const GradRule index_put_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<IndexAttrs>();
      const Tensors tensors = saved_tensors(c, 2, attrs.named.size());
      Tensors out(attrs.named.size() + 2);
      if (c.needs(0) && attrs.accumulate) out[0] = g[0];
      if (c.needs(0) && !attrs.accumulate) {
        const Dims sizes = indexed_sizes(g[0].sizes(), tensors, attrs.first);
        out[0] = run_index_put(g[0], expand(scalar_tensor(0, g[0].dtype()), sizes), tensors, attrs);
      }
      if (c.needs(1)) {
        out[1] = run_index(g[0], tensors, attrs);
        if (!attrs.accumulate && tensors[0].numel() > 1)
          out[1] = mul(out[1], stayed(tensors, g[0].sizes(), attrs, g[0].dtype()));
      }
      return out;
    },
    0xfffcu};  // every index tensor

void set_index(const Tensor& x, Indices items, const Tensor& value) {
  const IndexPlan plan = plan_index("index_put", x, items);
  if (!plan.tensors.empty()) return put_in_place("index_put", x, plan, value, false);
  const Tensor window = index_window(x, plan, nullptr);
  check_inplace("index_put", window);
  write_inplace("index_put", window, as_values("index_put", value, x, window.sizes()));
}

void set_index(const Tensor& x, Indices items, Scalar value) {
  if (const Tensor mask = lone_mask(x, items); mask.defined()) {
    check_inplace("index_put", x);
    masked_fill_(x, mask, scalar_tensor(value, x.dtype(), x.device()));
    return;
  }
  const IndexPlan plan = plan_index("index_put", x, items);
  if (!plan.tensors.empty())
    return put_in_place("index_put", x, plan, scalar_tensor(value, x.dtype(), x.device()), false);
  fill_(index_window(x, plan, nullptr), value);
}

const Tensor& index_put_(const Tensor& self, Indices items, const Tensor& values, bool accumulate) {
  const IndexPlan plan = plan_index("index_put", self, items);
  if (!plan.tensors.empty()) {
    put_in_place("index_put", self, plan, values, accumulate);
    return self;
  }
  const Tensor window = index_window(self, plan, nullptr);
  const Tensor v = as_values("index_put", values, self, window.sizes());
  write_inplace("index_put", window, accumulate ? add(window, v) : v);
  return self;
}

Tensor index_put(const Tensor& x, Indices items, const Tensor& values, bool accumulate) {
  check_defined("index_put", x, "input");
  return index_put_(clone(x), items, values, accumulate);
}

}  // namespace lydia
