// Gathers, scatters, and writing along one dimension.
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "python/bind.h"

namespace lydia::python {
namespace {

// Tensor.<name>: f(self, args...) in place, returning self.
template <class... Args, class... Extra>
void def_in_place(TensorClass& c, const char* name, const Tensor& (*f)(const Tensor&, Args...),
                  const Extra&... extra) {
  c.def(
      name,
      [f](nb::handle_t<Tensor> self, Args... args) {
        f(nb::cast<const Tensor&>(self), args...);
        return nb::borrow(self);
      },
      extra...);
}

// reduce= of scatter: nothing, "add" or "multiply".
Tensor scatter_by_name(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                       const std::string& reduce) {
  if (reduce.empty()) return scatter(x, dim, index, src);
  if (reduce == "add") return scatter_add(x, dim, index, src);
  LYDIA_CHECK(reduce == "multiply", ValueError,
              "scatter: expected reduce to be 'add' or 'multiply', got '", reduce, "'");
  return scatter_reduce(x, dim, index, src, "prod");
}

const Tensor& scatter_by_name_(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                               const std::string& reduce) {
  if (reduce.empty()) return scatter_(x, dim, index, src);
  if (reduce == "add") return scatter_add_(x, dim, index, src);
  LYDIA_CHECK(reduce == "multiply", ValueError,
              "scatter: expected reduce to be 'add' or 'multiply', got '", reduce, "'");
  return scatter_reduce_(x, dim, index, src, "prod");
}

Tensor value_like(const Tensor& index, const Tensor& x, Scalar value) {
  return full(index.sizes(), value, x.dtype(), x.device());
}

void register_scatter(Module& m, TensorClass& c) {
  def_op(m, c, "scatter", &scatter_by_name, "dim"_a, "index"_a, "src"_a, nb::kw_only(),
         "reduce"_a = "");
  def_op(
      m, c, "scatter",
      [](const Tensor& x, int64_t dim, const Tensor& index, Scalar value,
         const std::string& reduce) {
        return scatter_by_name(x, dim, index, value_like(index, x, value), reduce);
      },
      "dim"_a, "index"_a, "value"_a, nb::kw_only(), "reduce"_a = "");
  def_in_place(c, "scatter_", &scatter_by_name_, "dim"_a, "index"_a, "src"_a, nb::kw_only(),
               "reduce"_a = "");
  c.def(
      "scatter_",
      [](nb::handle_t<Tensor> self, int64_t dim, const Tensor& index, Scalar value,
         const std::string& reduce) {
        const Tensor& x = nb::cast<const Tensor&>(self);
        scatter_by_name_(x, dim, index, value_like(index, x, value), reduce);
        return nb::borrow(self);
      },
      "dim"_a, "index"_a, "value"_a, nb::kw_only(), "reduce"_a = "");
  def_op(m, c, "scatter_add", &scatter_add, "dim"_a, "index"_a, "src"_a);
  def_in_place(c, "scatter_add_", &scatter_add_, "dim"_a, "index"_a, "src"_a);
  def_op(
      m, c, "scatter_reduce",
      [](const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
         const std::string& reduce,
         bool include_self) { return scatter_reduce(x, dim, index, src, reduce, include_self); },
      "dim"_a, "index"_a, "src"_a, "reduce"_a, nb::kw_only(), "include_self"_a = true);
  c.def(
      "scatter_reduce_",
      [](nb::handle_t<Tensor> self, int64_t dim, const Tensor& index, const Tensor& src,
         const std::string& reduce, bool include_self) {
        scatter_reduce_(nb::cast<const Tensor&>(self), dim, index, src, reduce, include_self);
        return nb::borrow(self);
      },
      "dim"_a, "index"_a, "src"_a, "reduce"_a, nb::kw_only(), "include_self"_a = true);
}

void register_select(Module& m, TensorClass& c) {
  def_op(m, c, "index_select", &index_select, "dim"_a, "index"_a);
  def_op(m, c, "index_add", &index_add, "dim"_a, "index"_a, "source"_a, nb::kw_only(),
         "alpha"_a = 1);
  def_in_place(c, "index_add_", &index_add_, "dim"_a, "index"_a, "source"_a, nb::kw_only(),
               "alpha"_a = 1);
  def_op(m, c, "index_copy", &index_copy, "dim"_a, "index"_a, "source"_a);
  def_in_place(c, "index_copy_", &index_copy_, "dim"_a, "index"_a, "source"_a);
  def_op(m, c, "index_fill", &index_fill, "dim"_a, "index"_a, "value"_a);
  def_op(
      m, c, "index_fill",
      [](const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
        return index_fill(x, dim, index, scalar_tensor(value, x.dtype(), x.device()));
      },
      "dim"_a, "index"_a, "value"_a);
  def_in_place(c, "index_fill_", &index_fill_, "dim"_a, "index"_a, "value"_a);
  c.def(
      "index_fill_",
      [](nb::handle_t<Tensor> self, int64_t dim, const Tensor& index, Scalar value) {
        const Tensor& x = nb::cast<const Tensor&>(self);
        index_fill_(x, dim, index, scalar_tensor(value, x.dtype(), x.device()));
        return nb::borrow(self);
      },
      "dim"_a, "index"_a, "value"_a);
  def_op(m, c, "masked_select", &masked_select, "mask"_a);
  def_op(m, c, "masked_scatter", &masked_scatter, "mask"_a, "source"_a);
  def_in_place(c, "masked_scatter_", &masked_scatter_, "mask"_a, "source"_a);
  def_op(m, c, "take", &take, "index"_a);
  def_op(m, c, "put", &put, "index"_a, "source"_a, "accumulate"_a = false);
  def_in_place(c, "put_", &put_, "index"_a, "source"_a, "accumulate"_a = false);
}

}  // namespace

void register_ops_gather(Module& m, TensorClass& c) {
  // Gradients are dense whatever sparse_grad says.
  def_op(
      m, c, "gather",
      [](const Tensor& x, int64_t dim, const Tensor& index, bool) { return gather(x, dim, index); },
      "dim"_a, "index"_a, nb::kw_only(), "sparse_grad"_a = false);
  def_op(m, c, "take_along_dim", &take_along_dim, "indices"_a, "dim"_a = nb::none());
  register_scatter(m, c);
  register_select(m, c);
}

}  // namespace lydia::python
