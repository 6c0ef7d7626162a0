// Matrix products.
#include "python/bind.h"
#include "lydia/ops/matmul.h"

namespace lydia::python {

void register_ops_matmul(nb::module_& m, TensorClass& c) {
  def_op(m, c, "matmul", &matmul, "other"_a);
  c.def("__matmul__", &matmul, nb::is_operator());
}

}  // namespace lydia::python
