#include "lydia/ops/optimizer_step.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"

namespace lydia {
namespace {

// Which of s0, s1, s2 a rule uses.
constexpr bool kUses[kStepRules][kStepSlots] = {
    {false, false, false}, {true, false, false}, {true, false, false}, {true, true, false},
    {true, true, true},    {true, false, false}, {true, false, false}, {true, false, true},
    {true, true, false},   {true, true, true},   {true, false, false}, {false, false, false}};

void check_item(const StepItem& item) {
  const char* op = "optimizer_step";
  const Tensor& p = item.param;
  check_stepped(op, p, item.grad);
  const DType wide = p.dtype() == DType::F64 ? DType::F64 : DType::F32;
  for (int s = 0; s < kStepSlots; ++s) {
    if (!kUses[static_cast<int>(item.rule)][s]) continue;
    check_rewritten(op, item.state[s], "state");
    LYDIA_CHECK(item.state[s].sizes() == p.sizes() && item.state[s].dtype() == wide, ValueError, op,
                ": expected state of shape ", p.sizes(), " and dtype ", wide, ", got ",
                item.state[s].sizes(), " and ", item.state[s].dtype());
  }
}

}  // namespace

void optimizer_step(std::span<const StepItem> items) {
  const OutsideAutograd outside;
  const size_t n = items.size();
  Rewritten written(n * (1 + kStepSlots));
  Tensors grads(n);
  std::vector<StepAttrs::One> each;
  each.reserve(n);
  for (size_t i = 0; i < n; ++i) {
    check_item(items[i]);
    each.push_back({items[i].rule, items[i].numbers});
    grads[i] = contiguous(items[i].grad);
    written.set(i, items[i].param);
    for (int s = 0; s < kStepSlots; ++s)
      if (kUses[static_cast<int>(items[i].rule)][s])
        written.set(n * static_cast<size_t>(s + 1) + i, items[i].state[s]);
  }
  const StepAttrs attrs{each};
  written.run(Op::optimizer_step, grads, attrs);
}

}  // namespace lydia
