// linear: y[i, j] = sum over p of x[i, p] weight[j, p] + bias[j].
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/matmul.h"
#include "lydia/ops/copy.h"

namespace lydia::cpu {
namespace {

template <class T>
void typed_linear(const KernelCall& call) {
  const Tensor &x = call.in(0), &w = call.in(1);
  Gemm<T, SumOf<T>> g{x.size(0),
                      w.size(0),
                      x.size(1),
                      {static_cast<const T*>(x.data_ptr()), x.stride(0), x.stride(1)},
                      {static_cast<const T*>(w.data_ptr()), w.stride(1), w.stride(0)},
                      {}};
  Tensor bias;
  if (call.has(2)) {
    bias = to(call.in(2).detach(), dtype_of<SumOf<T>>());
    g.bias = bias.data<SumOf<T>>();
  }
  float_product<T>(g, static_cast<T*>(call.out().data_ptr()));
}

}  // namespace

void linear(const KernelCall& call) {
  switch (call.out().dtype()) {
    case DType::F16: return typed_linear<Half>(call);
    case DType::BF16: return typed_linear<BFloat16>(call);
    case DType::F32: return typed_linear<float>(call);
    default: return typed_linear<double>(call);
  }
}

}  // namespace lydia::cpu
