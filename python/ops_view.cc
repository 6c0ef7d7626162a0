// Views. Methods take sizes and dims as one sequence or as separate arguments, as in torch.
#include "lydia/ops/view.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

// The same bytes as another dtype. Where element sizes differ the last dimension grows or shrinks.
Tensor view_bits(const Tensor& x, DType dtype) {
  LYDIA_CHECK(!x.requires_grad(), Error, "view: a view as ", dtype,
              " takes no part in gradients; detach() the tensor");
  const auto from = static_cast<int64_t>(x.element_size()),
             to = static_cast<int64_t>(item_size(dtype));
  Dims sizes = x.sizes(), strides = x.strides();
  if (from != to) {
    LYDIA_CHECK(x.ndim() > 0 && x.stride(-1) == 1, ValueError, "view: expected a last dimension ",
                "of stride 1 to see ", x.dtype(), " as ", dtype, ", got strides ", x.strides());
    const auto fits = [&](int64_t n) { return n * from % to == 0; };
    const size_t last = sizes.size() - 1;
    bool whole = fits(sizes[last]) && fits(x.storage_offset());
    for (size_t d = 0; d < last; ++d) {
      whole = whole && fits(strides[d]);
      strides[d] = strides[d] * from / to;
    }
    LYDIA_CHECK(whole, ValueError, "view: ", x.dtype(), " of shape ", x.sizes(), " and strides ",
                x.strides(), " does not fill whole elements of ", dtype);
    sizes[last] = sizes[last] * from / to;
  }
  return Tensor::over(x.storage(), dtype, sizes, strides, x.storage_offset() * from / to);
}

}  // namespace

void register_ops_view(Module& m, TensorClass& c) {
  def_op(
      m, c, "as_strided",
      [](const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
        return as_strided(x, size, stride, offset);
      },
      "size"_a, "stride"_a, "storage_offset"_a = nb::none());
  m.def(
      "_as_strided_scatter",
      [](const Tensor& x, const Tensor& src, const Dims& size, const Dims& stride, int64_t offset) {
        return as_strided_scatter(x, src, x.sizes(), size, stride, offset, false);
      },
      "input"_a, "src"_a, "size"_a, "stride"_a, "storage_offset"_a);
  c.def("view", &view_bits, "dtype"_a).def("view", &view, "size"_a);
  c.def("view",
        [](const Tensor& x, const nb::args& shape) { return view(x, args_to_dims(shape)); });
  c.def("reshape", &reshape, "shape"_a);
  c.def("reshape",
        [](const Tensor& x, const nb::args& shape) { return reshape(x, args_to_dims(shape)); });
  m.def("reshape", &reshape, "input"_a, "shape"_a);
  c.def("permute", &permute, "dims"_a);
  c.def("permute",
        [](const Tensor& x, const nb::args& dims) { return permute(x, args_to_dims(dims)); });
  m.def("permute", &permute, "input"_a, "dims"_a);
  c.def("expand", &expand, "size"_a);
  c.def("expand",
        [](const Tensor& x, const nb::args& size) { return expand(x, args_to_dims(size)); });
  m.def("broadcast_to", &broadcast_to, "input"_a, "size"_a);
  def_op(m, c, "transpose", &transpose, "dim0"_a, "dim1"_a);
  def_op(m, c, "swapaxes", &transpose, "axis0"_a, "axis1"_a);
  def_op(m, c, "t", &t);
  def_op(m, c, "squeeze", [](const Tensor& x) { return squeeze(x); });
  def_op(
      m, c, "squeeze", [](const Tensor& x, const Dims& dim) { return squeeze(x, dim); }, "dim"_a);
  def_op(m, c, "unsqueeze", &unsqueeze, "dim"_a);
  def_op(m, c, "narrow", &narrow, "dim"_a, "start"_a, "length"_a);
  def_op(m, c, "select", &select, "dim"_a, "index"_a);
  def_op(m, c, "_slice", &slice, "dim"_a, "start"_a.none(), "stop"_a.none(), "step"_a);
  def_op(
      m, c, "split",
      [](const Tensor& x, nb::object size, int64_t dim) {
        return nb::isinstance<nb::int_>(size) ? split(x, nb::cast<int64_t>(size), dim)
                                              : split(x, to_dims(size), dim);
      },
      "split_size_or_sections"_a, "dim"_a = 0);
  c.def(
      "split", [](const Tensor& x, int64_t size, int64_t dim) { return split(x, size, dim); },
      "split_size"_a, "dim"_a = 0);
  def_op(m, c, "chunk", &chunk, "chunks"_a, "dim"_a = 0);
  def_op(m, c, "unbind", &unbind, "dim"_a = 0);
  c.def("unfold", &unfold, "dimension"_a, "size"_a, "step"_a);
  def_op(m, c, "flatten", &flatten, "start_dim"_a = 0, "end_dim"_a = -1);
  def_op(m, c, "unflatten", &unflatten, "dim"_a, "sizes"_a);
  def_op(m, c, "movedim", &movedim, "source"_a, "destination"_a);
  def_op(m, c, "diagonal", &diagonal, "offset"_a = 0, "dim1"_a = 0, "dim2"_a = 1);
}

}  // namespace lydia::python
