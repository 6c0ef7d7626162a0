// Reductions: dim=None reduces everything; keepdim keeps size-1 dimensions.
#include <limits>

#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "python/pointwise_bind.h"

namespace lydia::python {
namespace {

using OptDType = std::optional<DType>;

// (values, indices) as lydia.return_types.<name>.
nb::object value_and_index(const char* name, std::pair<Tensor, Tensor> result) {
  return nb::module_::import_("lydia.return_types").attr(name)(result.first, result.second);
}

template <class F>
void def_summed(Module& m, TensorClass& c, const char* name, F f) {
  def_op(
      m, c, name,
      [f](const Tensor& x, const DimArg& dim, bool keepdim, OptDType dtype) {
        return f(x, dim.dims, keepdim, dtype);
      },
      "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none());
  m.def(
      name,
      [f, name](const Tensor& x, const DimArg& dim, bool keepdim, OptDType dtype,
                nb::handle_t<Tensor> out) {
        return write_out(name, out, f(x, dim.dims, keepdim, dtype));
      },
      "input"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none(),
      "out"_a);
}

template <class F>
void def_reduced(Module& m, TensorClass& c, const char* name, F f) {
  def_op(
      m, c, name,
      [f](const Tensor& x, const DimArg& dim, bool keepdim) { return f(x, dim.dims, keepdim); },
      "dim"_a = nb::none(), "keepdim"_a = false);
  m.def(
      name,
      [f, name](const Tensor& x, const DimArg& dim, bool keepdim, nb::handle_t<Tensor> out) {
        return write_out(name, out, f(x, dim.dims, keepdim));
      },
      "input"_a, "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "out"_a);
}

template <class F>
void def_nan_free(Module& m, TensorClass& c, const char* name, F f) {
  def_op(
      m, c, name,
      [f](const Tensor& x, const DimArg& dim, bool keepdim, OptDType dtype) {
        return f(dtype ? to(x, *dtype) : x, dim.dims, keepdim);
      },
      "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none());
}

// torch has `unbiased` beside `correction`.
template <class F>
void def_spread(Module& m, TensorClass& c, const char* name, F f) {
  def_op(
      m, c, name,
      [f](const Tensor& x, const DimArg& dim, bool unbiased, bool keepdim) {
        return f(x, dim.dims, unbiased ? 1 : 0, keepdim);
      },
      "dim"_a.none(), "unbiased"_a, "keepdim"_a = false);
  def_op(
      m, c, name,
      [f](const Tensor& x, const DimArg& dim, std::optional<double> correction, bool keepdim) {
        return f(x, dim.dims, correction.value_or(1), keepdim);
      },
      "dim"_a = nb::none(), nb::kw_only(), "correction"_a = 1.0, "keepdim"_a = false);
  def_op(
      m, c, name, [f](const Tensor& x, bool unbiased) { return f(x, {}, unbiased ? 1 : 0, false); },
      "unbiased"_a);
}

double norm_order(nb::handle p) {
  if (!nb::isinstance<nb::str>(p)) return p.is_none() ? 2 : to_scalar(p).to<double>();
  const auto text = nb::cast<std::string>(p);
  LYDIA_CHECK(text == "fro", ValueError, "norm: expected a number or 'fro', got '", text, "'");
  return 2;
}

void def_extremes(Module& m, TensorClass& c) {
  def_op(m, c, "max", [](const Tensor& x) { return amax(x); });
  def_op(m, c, "min", [](const Tensor& x) { return amin(x); });
  def_op(
      m, c, "max",
      [](const Tensor& x, int64_t dim, bool keepdim) {
        return value_and_index("max", max(x, dim, keepdim));
      },
      "dim"_a, "keepdim"_a = false);
  def_op(
      m, c, "min",
      [](const Tensor& x, int64_t dim, bool keepdim) {
        return value_and_index("min", min(x, dim, keepdim));
      },
      "dim"_a, "keepdim"_a = false);
  def_op(
      m, c, "max", [](const Tensor& x, const Tensor& other) { return maximum(x, other); },
      "other"_a);
  def_op(
      m, c, "min", [](const Tensor& x, const Tensor& other) { return minimum(x, other); },
      "other"_a);
  def_reduced(m, c, "amax", &amax);
  def_reduced(m, c, "amin", &amin);
  def_op(
      m, c, "aminmax",
      [](const Tensor& x, const DimArg& dim, bool keepdim) {
        return value_and_index("aminmax", {amin(x, dim.dims, keepdim), amax(x, dim.dims, keepdim)});
      },
      nb::kw_only(), "dim"_a = nb::none(), "keepdim"_a = false);
  def_op(m, c, "argmax", &argmax, "dim"_a = nb::none(), "keepdim"_a = false);
  def_op(m, c, "argmin", &argmin, "dim"_a = nb::none(), "keepdim"_a = false);
}

}  // namespace

void register_ops_reduce(Module& m, TensorClass& c) {
  def_summed(m, c, "sum", &sum);
  def_summed(m, c, "prod", &prod);
  def_summed(m, c, "mean", &mean);
  def_extremes(m, c);
  def_reduced(m, c, "any", &any);
  def_reduced(m, c, "all", &all);
  def_op(
      m, c, "count_nonzero",
      [](const Tensor& x, const DimArg& dim) { return count_nonzero(x, dim.dims); },
      "dim"_a = nb::none());
  def_op(m, c, "logsumexp", &logsumexp, "dim"_a, "keepdim"_a = false);
  def_nan_free(m, c, "nansum", &nansum);
  def_nan_free(m, c, "nanmean", &nanmean);
  def_spread(m, c, "var", &var);
  def_spread(m, c, "std", &std);
  def_op(
      m, c, "norm",
      [](const Tensor& x, nb::object p, const DimArg& dim, bool keepdim, OptDType dtype) {
        return vector_norm(dtype ? to(x, *dtype) : x, norm_order(p), dim.dims, keepdim);
      },
      "p"_a = "fro", "dim"_a = nb::none(), "keepdim"_a = false, "dtype"_a = nb::none());
  m.def(
      "_vector_norm",
      [](const Tensor& x, double ord, const DimArg& dim, bool keepdim) {
        return vector_norm(x, ord, dim.dims, keepdim);
      },
      "x"_a, "ord"_a = 2.0, "dim"_a = nb::none(), "keepdim"_a = false);
}

}  // namespace lydia::python
