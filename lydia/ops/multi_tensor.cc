#include "lydia/ops/multi_tensor.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"

namespace lydia {

void check_rewritten(const char* op, const Tensor& t, const char* argument) {
  check_defined(op, t, argument);
  LYDIA_CHECK(t.is_floating_point(), TypeError, op, ": expected a floating tensor for `", argument,
              "`, got ", t.dtype());
  check_inplace(op, t);
}

void check_stepped(const char* op, const Tensor& param, const Tensor& grad) {
  check_rewritten(op, param, "param");
  check_defined(op, grad, "grad");
  check_same_device(op, param, grad);
  LYDIA_CHECK(grad.sizes() == param.sizes() && grad.dtype() == param.dtype(), ValueError, op,
              ": expected a gradient of shape ", param.sizes(), " and dtype ", param.dtype(),
              ", got ", grad.sizes(), " and ", grad.dtype());
}

void Rewritten::set(size_t i, const Tensor& t) {
  targets_[i] = t;
  seen_[i] = contiguous(t);
}

void Rewritten::run(Op op, const Tensors& inputs, const void* attrs) {
  std::vector<const Tensor*> in;
  std::vector<Tensor*> out;
  for (const Tensor& t : inputs) in.push_back(&t);
  for (Tensor& t : seen_) out.push_back(&t);
  detail::run(op, in, out, attrs, nullptr);  // nothing is recorded, so nothing is boxed
  for (size_t i = 0; i < targets_.size(); ++i) {
    if (!targets_[i].defined()) continue;
    if (!seen_[i].is_same(targets_[i])) raw_copy(targets_[i], seen_[i]);
    targets_[i].storage()->bump_version();
  }
}

}  // namespace lydia
