#include "lydia/ops/adafactor_step.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"

namespace lydia {
namespace {

void check_state(const Tensor& t, const Dims& sizes, DType dtype) {
  check_rewritten("adafactor_step", t, "state");
  LYDIA_CHECK(t.sizes() == sizes && t.dtype() == dtype, ValueError,
              "adafactor_step: expected state of shape ", sizes, " and dtype ", dtype, ", got ",
              t.sizes(), " and ", t.dtype());
}

void check_item(const AdafactorItem& item) {
  const Tensor &p = item.param, &g = item.grad;
  check_stepped("adafactor_step", p, g);
  const DType wide = p.dtype() == DType::F64 ? DType::F64 : DType::F32;
  if (p.ndim() < 2) return check_state(item.full, p.sizes(), wide);
  Dims row = p.sizes(), column = p.sizes();
  row[row.size() - 1] = 1;
  column[column.size() - 2] = 1;
  check_state(item.row, row, wide);
  check_state(item.column, column, wide);
}

}  // namespace

void adafactor_step(std::span<const AdafactorItem> items) {
  const OutsideAutograd outside;
  const size_t n = items.size();
  Rewritten written(4 * n);
  Tensors grads(n);
  for (size_t i = 0; i < n; ++i) {
    check_item(items[i]);
    grads[i] = contiguous(items[i].grad);
    const Tensor* targets[] = {&items[i].param, &items[i].row, &items[i].column, &items[i].full};
    for (size_t j = 0; j < 4; ++j)
      if (targets[j]->defined()) written.set(j * n + i, *targets[j]);
  }
  const AdafactorAttrs attrs{items};
  written.run(Op::adafactor_step, grads, attrs);
}

}  // namespace lydia
