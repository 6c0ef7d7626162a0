// Reductions: dim=None reduces everything; keepdim keeps size-1 dimensions.
#include "python/bind.h"
#include "lydia/ops/reduce.h"

namespace lydia::python {

void register_ops_reduce(nb::module_& m, TensorClass& c) {
  def_op(m, c, "sum",
         [](const Tensor& x, const DimArg& dim, bool keepdim, std::optional<DType> dtype) {
           return sum(x, dim.dims, keepdim, dtype);
         },
         "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none());
  def_op(m, c, "mean",
         [](const Tensor& x, const DimArg& dim, bool keepdim, std::optional<DType> dtype) {
           return mean(x, dim.dims, keepdim, dtype);
         },
         "dim"_a = nb::none(), "keepdim"_a = false, nb::kw_only(), "dtype"_a = nb::none());
}

}  // namespace lydia::python
