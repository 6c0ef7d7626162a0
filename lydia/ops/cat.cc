#include "lydia/ops/cat.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

bool skipped(const Tensor& t) { return t.ndim() == 1 && t.numel() == 0; }

void check_tensors(const char* op, std::span<const Tensor> tensors) {
  LYDIA_CHECK(!tensors.empty(), ValueError, op, ": expected at least one tensor, got none");
  for (const Tensor& t : tensors) {
    check_defined(op, t, "tensors");
    check_same_device(op, tensors[0], t);
  }
}

void check_sizes(const Tensor& first, const Tensor& t, int dim) {
  bool fits = first.ndim() == t.ndim();
  for (int d = 0; fits && d < t.ndim(); ++d) fits = d == dim || t.sizes()[d] == first.sizes()[d];
  LYDIA_CHECK(fits, ValueError, "cat: expected shapes that agree outside dimension ", dim, ", got ",
              first.sizes(), " and ", t.sizes());
}

std::vector<Tensor> map(std::span<const Tensor> tensors, Tensor (*f)(const Tensor&)) {
  std::vector<Tensor> out;
  for (const Tensor& t : tensors) out.push_back(f(t));
  return out;
}

}  // namespace

Tensor cat(std::span<const Tensor> tensors, int64_t dim) {
  check_tensors("cat", tensors);
  DType dtype = tensors[0].dtype();
  for (const Tensor& t : tensors) dtype = promote_types(dtype, t.dtype());
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors)
    if (!skipped(t)) parts.push_back(to(t, dtype));
  if (parts.empty()) parts.push_back(to(tensors[0], dtype));
  const Tensor& first = parts[0];
  LYDIA_CHECK(first.ndim() > 0, ValueError,
              "cat: expected tensors of at least one dimension, got a 0-d tensor; use stack");
  CatAttrs attrs{wrap_dim("cat", dim, first.ndim()), {0}};
  const auto d = static_cast<size_t>(attrs.dim);
  std::vector<const Tensor*> inputs;
  for (const Tensor& t : parts) {
    check_sizes(first, t, static_cast<int>(d));
    inputs.push_back(&t);
    attrs.starts.push_back(attrs.starts.back() + t.sizes()[d]);
  }
  Dims sizes = first.sizes();
  sizes[d] = attrs.starts.back();
  checked_numel("cat", sizes);
  Tensor out = empty(sizes, dtype, first.device());
  run(Op::cat, inputs, {&out}, attrs);
  return out;
}

const GradRule cat_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
  const auto& a = c.attrs<CatAttrs>();
  Tensors out(a.starts.size() - 1);
  for (size_t i = 0; i < out.size(); ++i)
    if (c.needs(static_cast<int>(i)))
      out[i] = narrow(g[0], a.dim, a.starts[i], a.starts[i + 1] - a.starts[i]);
  return out;
}};

Tensor stack(std::span<const Tensor> tensors, int64_t dim) {
  check_tensors("stack", tensors);
  const Dims& sizes = tensors[0].sizes();
  const int d = wrap_dim("stack", dim, sizes.ndim() + 1);
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors) {
    LYDIA_CHECK(t.sizes() == sizes, ValueError, "stack: expected tensors of one shape, got ", sizes,
                " and ", t.sizes());
    parts.push_back(unsqueeze(t, d));
  }
  return cat(parts, d);
}

Tensor hstack(std::span<const Tensor> tensors) {
  check_tensors("hstack", tensors);
  const std::vector<Tensor> parts = map(tensors, &atleast_1d);
  return cat(parts, parts[0].ndim() == 1 ? 0 : 1);
}

Tensor vstack(std::span<const Tensor> tensors) {
  check_tensors("vstack", tensors);
  return cat(map(tensors, &atleast_2d), 0);
}

Tensor dstack(std::span<const Tensor> tensors) {
  check_tensors("dstack", tensors);
  return cat(map(tensors, &atleast_3d), 2);
}

Tensor column_stack(std::span<const Tensor> tensors) {
  check_tensors("column_stack", tensors);
  return cat(map(tensors,
                 [](const Tensor& t) {
                   return t.ndim() <= 1 ? reshape(t, {-1, 1}) : t;
                 }),
             1);
}

Tensor atleast_1d(const Tensor& x) {
  check_defined("atleast_1d", x, "input");
  return x.ndim() ? x : reshape(x, {1});
}

Tensor atleast_2d(const Tensor& x) {
  check_defined("atleast_2d", x, "input");
  return x.ndim() < 2 ? unsqueeze(atleast_1d(x), 0) : x;
}

Tensor atleast_3d(const Tensor& x) {
  check_defined("atleast_3d", x, "input");
  return x.ndim() < 3 ? unsqueeze(atleast_2d(x), -1) : x;
}

}  // namespace lydia
