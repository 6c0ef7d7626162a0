// The kernels of this room, one per KERNEL and MULTI op; lydia/backend/registry.cc tables them.
#pragma once

#include "lydia/ops/op.h"

namespace lydia::cpu {

#define LYDIA_KERNEL_OP(name) void name(const KernelCall& call);
#define LYDIA_MULTI_OP(name) void name(const KernelCall& call);
#include "lydia/ops/op_list.inc"

}  // namespace lydia::cpu
