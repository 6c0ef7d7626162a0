// x[key], x[key] = value, and the ops of indexing.
#include "lydia/ops/nonzero.h"
#include "lydia/ops/view.h"
#include "python/bind.h"
#include "python/index_items.h"

namespace lydia::python {
namespace {

Tensor get_item(const Tensor& x, nb::handle key) {
  if (PyLong_CheckExact(key.ptr()) && x.ndim() > 0) return select(x, 0, to_index(key).value());
  return index(x, to_indices(key));
}

void set_item(const Tensor& x, nb::handle key, nb::handle value) {
  const std::vector<Index> items = to_indices(key);
  Scalar number(0);
  if (nb::detail::load_scalar(value, number)) return set_index(x, items, number);
  set_index(x, items, to_value(value, x));
}

}  // namespace

void register_ops_index(Module& m, TensorClass& c) {
  c.def("__getitem__", &get_item, "key"_a.none());
  c.def("__setitem__", &set_item, "key"_a.none(), "value"_a);
  c.def("__iter__", [](const Tensor& x) {
    LYDIA_CHECK(x.ndim() > 0, TypeError, "iter: a 0-d tensor can't be iterated over");
    return nb::iter(nb::cast(unbind(x, 0)));
  });
  def_op(
      m, c, "index_put",
      [](const Tensor& x, nb::object indices, nb::object values, bool accumulate) {
        return index_put(x, to_put_indices(indices), to_value(values, x), accumulate);
      },
      "indices"_a, "values"_a, "accumulate"_a = false);
  c.def(
      "index_put_",
      [](nb::handle_t<Tensor> self, nb::object indices, nb::object values, bool accumulate) {
        const Tensor& x = nb::cast<const Tensor&>(self);
        index_put_(x, to_put_indices(indices), to_value(values, x), accumulate);
        return nb::borrow(self);
      },
      "indices"_a, "values"_a, "accumulate"_a = false);
  def_op(
      m, c, "nonzero",
      [](const Tensor& x, bool as_tuple) -> nb::object {
        if (!as_tuple) return nb::cast(nonzero(x));
        return nb::tuple(nb::cast(nonzero_tuple(x)));
      },
      nb::kw_only(), "as_tuple"_a = false);
  m.def(
      "where", [](const Tensor& mask) { return nb::tuple(nb::cast(nonzero_tuple(mask))); },
      "condition"_a);
  def_op(m, c, "argwhere", &argwhere);
}

}  // namespace lydia::python
