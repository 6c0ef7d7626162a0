// Rearranging, repeating, padding, triangles and contractions.
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/einsum.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/triangle.h"
#include "lydia/ops/view.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

using List = std::vector<Tensor>;
using OptDim = std::optional<int64_t>;

nb::tuple as_tuple(const List& tensors) { return nb::tuple(nb::cast(tensors)); }

// fn(t1, t2, ...) and fn([t1, t2, ...]).
List to_list(const nb::args& args) {
  List out;
  if (args.size() == 1 && !nb::isinstance<Tensor>(args[0])) return nb::cast<List>(args[0]);
  for (nb::handle t : args) out.push_back(nb::cast<Tensor>(t));
  return out;
}

// output_size= saves torch a look at the counts; here it is checked.
Tensor sized(const Tensor& out, std::optional<int64_t> dim, OptDim size) {
  const int64_t got = dim ? out.size(*dim) : out.numel();
  LYDIA_CHECK(!size || *size == got, ValueError, "repeat_interleave: expected output_size ", got,
              ", the sum of the repeats, got ", size.value_or(0));
  return out;
}

void register_repeat_interleave(Module& m, TensorClass& c) {
  const auto none = nb::none();
  def_op(
      m, c, "repeat_interleave",
      [](const Tensor& x, int64_t n, OptDim d, OptDim size) {
        return sized(repeat_interleave(x, n, d), d, size);
      },
      "repeats"_a, "dim"_a = none, nb::kw_only(), "output_size"_a = none);
  def_op(
      m, c, "repeat_interleave",
      [](const Tensor& x, const Tensor& n, OptDim d, OptDim size) {
        return sized(repeat_interleave(x, n, d), d, size);
      },
      "repeats"_a, "dim"_a = none, nb::kw_only(), "output_size"_a = none);
  m.def(
      "repeat_interleave",
      [](const Tensor& n, OptDim size) {
        return sized(repeat_interleave(arange(0, n.numel(), 1), n, 0), 0, size);
      },
      "repeats"_a, nb::kw_only(), "output_size"_a = none);
}

void register_rearranging(Module& m, TensorClass& c) {
  m.def("flip", &flip, "input"_a, "dims"_a);
  c.def("flip", &flip, "dims"_a);
  c.def("flip", [](const Tensor& x, const nb::args& dims) { return flip(x, args_to_dims(dims)); });
  def_op(m, c, "fliplr", &fliplr);
  def_op(m, c, "flipud", &flipud);
  def_op(
      m, c, "roll",
      [](const Tensor& x, const Dims& shifts, const DimArg& dims) {
        return roll(x, shifts, dims.dims);
      },
      "shifts"_a, "dims"_a = nb::none());
  def_op(m, c, "rot90", &rot90, "k"_a = 1, "dims"_a = Dims{0, 1});
  def_op(m, c, "swapdims", &transpose, "dim0"_a, "dim1"_a);
  def_op(m, c, "moveaxis", &movedim, "source"_a, "destination"_a);
  c.def("repeat", &repeat, "repeats"_a);
  c.def("repeat",
        [](const Tensor& x, const nb::args& repeats) { return repeat(x, args_to_dims(repeats)); });
  m.def("tile", &tile, "input"_a, "dims"_a);
  c.def("tile", &tile, "dims"_a);
  c.def("tile", [](const Tensor& x, const nb::args& dims) { return tile(x, args_to_dims(dims)); });
  register_repeat_interleave(m, c);
  m.def(
      "pad",
      [](const Tensor& x, const Dims& pads, const std::string& mode, Scalar value) {
        return pad(x, pads, mode, value);
      },
      "input"_a, "pad"_a, "mode"_a = "constant", "value"_a = 0);
  m.def("one_hot", &one_hot, "input"_a, "num_classes"_a = -1);
}

nb::tuple split_any(const Tensor& x, nb::object cuts, int64_t dim) {
  if (nb::isinstance<nb::int_>(cuts))
    return as_tuple(tensor_split(x, nb::cast<int64_t>(cuts), dim));
  return as_tuple(tensor_split(x, to_dims(cuts), dim));
}

void register_lists(Module& m, TensorClass& c) {
  def_op(m, c, "tensor_split", &split_any, "indices_or_sections"_a, "dim"_a = 0);
  def_op(
      m, c, "hsplit",
      [](const Tensor& x, nb::object cuts) { return split_any(x, cuts, x.ndim() > 1); },
      "indices_or_sections"_a);
  def_op(
      m, c, "vsplit", [](const Tensor& x, nb::object cuts) { return split_any(x, cuts, 0); },
      "indices_or_sections"_a);
  def_op(
      m, c, "dsplit", [](const Tensor& x, nb::object cuts) { return split_any(x, cuts, 2); },
      "indices_or_sections"_a);
  m.def("broadcast_tensors",
        [](const nb::args& t) { return as_tuple(broadcast_tensors(to_list(t))); });
  m.def("broadcast_shapes", [](const nb::args& shapes) {
    Dims out;
    for (nb::handle s : shapes) out = broadcast_shapes("broadcast_shapes", out, to_dims(s));
    return out;
  });
  m.def(
      "meshgrid",
      [](const nb::args& t, const std::string& indexing) {
        LYDIA_CHECK(indexing == "ij" || indexing == "xy", ValueError,
                    "meshgrid: expected indexing to be 'ij' or 'xy', got '", indexing, "'");
        return as_tuple(meshgrid(to_list(t), indexing == "xy"));
      },
      "tensors"_a, nb::kw_only(), "indexing"_a = "ij");
  m.def("cartesian_prod", [](const nb::args& t) { return cartesian_prod(to_list(t)); });
}

void def_indices(Module& m, const char* name, Tensor (*f)(int64_t, int64_t, int64_t)) {
  m.def(
      name,
      [f](int64_t row, int64_t col, int64_t offset, std::optional<DType> dtype,
          const std::optional<DeviceArg>& device) {
        if (device) check_device_available(*device);
        return to(f(row, col, offset), dtype.value_or(DType::I64));
      },
      "row"_a, "col"_a, "offset"_a = 0, nb::kw_only(), "dtype"_a = nb::none(),
      "device"_a = nb::none());
}

void register_triangle(Module& m, TensorClass& c) {
  def_op(m, c, "tril", &tril, "diagonal"_a = 0);
  def_op(m, c, "triu", &triu, "diagonal"_a = 0);
  c.def(
      "tril_",
      [](nb::handle_t<Tensor> self, int64_t d) {
        tril_(nb::cast<const Tensor&>(self), d);
        return nb::borrow(self);
      },
      "diagonal"_a = 0);
  c.def(
      "triu_",
      [](nb::handle_t<Tensor> self, int64_t d) {
        triu_(nb::cast<const Tensor&>(self), d);
        return nb::borrow(self);
      },
      "diagonal"_a = 0);
  def_indices(m, "tril_indices", &tril_indices);
  def_indices(m, "triu_indices", &triu_indices);
  def_op(m, c, "diag", &diag, "diagonal"_a = 0);
  def_op(m, c, "diag_embed", &diag_embed, "offset"_a = 0, "dim1"_a = -2, "dim2"_a = -1);
  def_op(m, c, "trace", &trace);
}

void register_contractions(Module& m, TensorClass& c) {
  m.def(
      "einsum",
      [](const std::string& equation, const nb::args& operands) {
        return einsum(equation, to_list(operands));
      },
      "equation"_a, "operands"_a);
  m.def(
      "tensordot",
      [](const Tensor& a, const Tensor& b, nb::object dims) {
        if (!nb::isinstance<nb::int_>(dims))
          return tensordot(a, b, to_dims(dims[0]), to_dims(dims[1]));
        const auto n = nb::cast<int64_t>(dims);
        LYDIA_CHECK(n >= 0 && n <= std::min(a.ndim(), b.ndim()), ValueError,
                    "tensordot: expected dims in [0, ", std::min(a.ndim(), b.ndim()), "], got ", n);
        Dims last, first;
        for (int64_t i = 0; i < n; ++i) last.push_back(a.ndim() - n + i), first.push_back(i);
        return tensordot(a, b, last, first);
      },
      "a"_a, "b"_a, "dims"_a = 2);
  def_op(m, c, "outer", &outer, "vec2"_a);
  def_op(m, c, "ger", &outer, "vec2"_a);
  def_op(m, c, "dot", &dot, "tensor"_a);
  def_op(m, c, "inner", &inner, "other"_a);
  def_op(m, c, "kron", &kron, "other"_a);
  def_op(m, c, "cross", &cross, "other"_a, "dim"_a = nb::none());
}

}  // namespace

void register_ops_shape(Module& m, TensorClass& c) {
  register_rearranging(m, c);
  register_lists(m, c);
  register_triangle(m, c);
  register_contractions(m, c);
}

}  // namespace lydia::python
