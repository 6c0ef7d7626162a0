// Joining tensors.
#include "lydia/ops/cat.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

using List = std::vector<Tensor>;

void def_join(Module& m, const char* name, Tensor (*f)(std::span<const Tensor>)) {
  m.def(
      name, [f](const List& tensors) { return f(tensors); }, "tensors"_a);
}

void def_along(Module& m, const char* name, Tensor (*f)(std::span<const Tensor>, int64_t)) {
  m.def(
      name, [f](const List& tensors, int64_t dim) { return f(tensors, dim); }, "tensors"_a,
      "dim"_a = 0);
  m.def(
      name,
      [f, name](const List& tensors, int64_t dim, nb::handle_t<Tensor> out) {
        return write_out(name, out, f(tensors, dim));
      },
      "tensors"_a, "dim"_a = 0, nb::kw_only(), "out"_a);
}

void def_atleast(Module& m, const char* name, Tensor (*f)(const Tensor&)) {
  m.def(name, f, "input"_a);
  m.def(
      name,
      [f](const List& tensors) {
        List out;
        for (const Tensor& t : tensors) out.push_back(f(t));
        return nb::tuple(nb::cast(out));
      },
      "tensors"_a);
}

}  // namespace

void register_ops_cat(Module& m) {
  for (const char* name : {"cat", "concat", "concatenate"}) def_along(m, name, &cat);
  def_along(m, "stack", &stack);
  def_join(m, "hstack", &hstack);
  def_join(m, "vstack", &vstack);
  def_join(m, "row_stack", &vstack);
  def_join(m, "dstack", &dstack);
  def_join(m, "column_stack", &column_stack);
  def_atleast(m, "atleast_1d", &atleast_1d);
  def_atleast(m, "atleast_2d", &atleast_2d);
  def_atleast(m, "atleast_3d", &atleast_3d);
}

}  // namespace lydia::python
