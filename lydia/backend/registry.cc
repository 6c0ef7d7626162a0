// The one table of kernels: which function serves which op on which device.
#include "lydia/cpu/kernels.h"
#include "lydia/cpu/pointwise.h"
#include "lydia/ops/op.h"

namespace lydia {
namespace {

constexpr Kernel kCpuKernels[] = {
#define LYDIA_POINTWISE_OP(name) &cpu::pointwise_kernel<cpu::RowOp::name>,
#define LYDIA_KERNEL_OP(name) &cpu::name,
#define LYDIA_VIEW_OP(name) nullptr,
#define LYDIA_MULTI_OP(name) &cpu::name,
#include "lydia/ops/op_list.inc"
};

}  // namespace

Kernel find_kernel(Op op, Device device) {
  check_device_available(device);
  const Kernel kernel = kCpuKernels[static_cast<size_t>(op)];
  LYDIA_CHECK(kernel, NotImplementedError, op_name(op), ": has no kernel on ", device);
  return kernel;
}

}  // namespace lydia
