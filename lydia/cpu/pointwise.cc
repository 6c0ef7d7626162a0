#include "lydia/cpu/pointwise.h"

#include <algorithm>

#include "lydia/cpu/convert.h"
#include "lydia/cpu/parallel.h"
#include "lydia/cpu/strided.h"
#include "lydia/ops/pointwise.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kBlock = 1024;  // elements gathered at a time
constexpr int kMaxInputs = kMaxOperands - 1;

// How operand i reaches the row: in place where it can, else through a block buffer.
struct Operand {
  int64_t stride;     // innermost, in bytes
  size_t size;        // of an element as stored
  DType stored, row;  // dtype in memory, dtype the row sees
  ConvertFn convert;  // nullptr when they agree
  bool dense;         // the innermost run can be used in place
};

struct Plan {
  RowFn row;
  const double* values;
  int inputs;
  Operand operand[kMaxOperands];  // 0 is the output
  bool all_dense = true;
};

struct Buffers {
  alignas(64) std::byte gathered[kBlock * 8];
  alignas(64) std::byte block[kMaxOperands][kBlock * 8];
};

Operand make_operand(const StridedSpace& space, int i, DType stored, DType row) {
  Operand o;
  o.stride = space.inner_stride(i);
  o.size = item_size(stored);
  o.stored = stored;
  o.row = row;
  o.convert = nullptr;
  if (stored != row) o.convert = i == 0 ? convert_fn(row, stored) : convert_fn(stored, row);
  o.dense = !o.convert && o.stride == static_cast<int64_t>(o.size);
  return o;
}

// Collects `count` elements of operand i from the cursor on, across runs, into `to`.
void gather(const StridedSpace& space, StridedCursor at, int i, size_t size, int64_t count,
            std::byte* to) {
  while (count > 0) {
    const int64_t n = std::min(count, at.run_left());
    copy_strided(to, static_cast<int64_t>(size), at.pointer(i), space.inner_stride(i), n, size);
    to += n * static_cast<int64_t>(size);
    count -= n;
    if (count) at.advance(n);
  }
}

void scatter(const StridedSpace& space, StridedCursor at, size_t size, int64_t count,
             const std::byte* from) {
  while (count > 0) {
    const int64_t n = std::min(count, at.run_left());
    copy_strided(at.pointer(0), space.inner_stride(0), from, static_cast<int64_t>(size), n, size);
    from += n * static_cast<int64_t>(size);
    count -= n;
    if (count) at.advance(n);
  }
}

const void* fetch(const StridedSpace& space, const Plan& plan, const StridedCursor& at, int i,
                  int64_t count, Buffers& buffers) {
  const Operand& o = plan.operand[i];
  if (o.dense && count <= at.run_left()) return at.pointer(i);
  const bool in_place = o.stride == static_cast<int64_t>(o.size) && count <= at.run_left();
  const std::byte* source = at.pointer(i);
  if (!in_place) {
    std::byte* to = o.convert ? buffers.gathered : buffers.block[i];
    gather(space, at, i, o.size, count, to);
    source = to;
  }
  if (o.convert) o.convert(source, buffers.block[i], count);
  return buffers.block[i];
}

void run_range(const StridedSpace& space, const Plan& plan, int64_t begin, int64_t end) {
  Buffers buffers;
  StridedCursor at(space, begin);
  const Operand& out = plan.operand[0];
  for (int64_t left = end - begin; left > 0;) {
    const int64_t run = std::min(left, at.run_left());
    // Long runs are used in place; short ones are gathered into blocks that span several.
    const int64_t count = plan.all_dense && run >= kBlock / 8 ? run
                          : run >= kBlock / 2                 ? std::min(run, kBlock)
                                                              : std::min(left, kBlock);
    const void* in[kMaxInputs];
    for (int i = 1; i <= plan.inputs; ++i) in[i - 1] = fetch(space, plan, at, i, count, buffers);
    if (out.dense && count <= at.run_left()) {
      plan.row(in, at.pointer(0), count, plan.values);
    } else {
      std::byte* block = buffers.block[0];
      plan.row(in, block, count, plan.values);
      if (out.convert) {
        out.convert(block, buffers.gathered, count);
        block = buffers.gathered;
      }
      scatter(space, at, out.size, count, block);
    }
    left -= count;
    if (left) at.advance(count);
  }
}

RowFn find_row(const KernelCall& call, RowOp row, DType compute) {
  RowFn fn = row_fn(row, compute);
  LYDIA_CHECK(fn, TypeError, op_name(call.op), ": dtype ", compute, " is not supported");
  return fn;
}

// Half types compute in float32; the traversal converts.
DType row_dtype(DType t) { return t == DType::F16 || t == DType::BF16 ? DType::F32 : t; }

}  // namespace

void pointwise(const KernelCall& call, RowOp row) {
  const auto& attrs = call.attrs<PointwiseAttrs>();
  const DType compute = row_dtype(attrs.compute);
  const DType result = attrs.result == attrs.compute ? compute : attrs.result;
  Plan plan;
  plan.row = find_row(call, row, compute);
  plan.values = attrs.values;
  plan.inputs = static_cast<int>(call.inputs.size());
  const Tensor& out = call.out();
  const auto seen_as = [&](size_t i) { return attrs.mask_first && i == 0 ? DType::Bool : compute; };

  bool plain = out.is_contiguous() && out.dtype() == result;
  for (size_t i = 0; i < call.inputs.size() && plain; ++i)
    plain = call.in(i).is_contiguous() && call.in(i).dtype() == seen_as(i) &&
            call.in(i).numel() == out.numel();
  if (plain) {
    const int64_t out_size = static_cast<int64_t>(out.element_size());
    auto* to = static_cast<std::byte*>(out.data_ptr());
    parallel_for(0, out.numel(), kGrain, [&](int64_t begin, int64_t end) {
      const void* in[kMaxInputs];
      for (int i = 0; i < plan.inputs; ++i)
        in[i] = static_cast<std::byte*>(call.in(i).data_ptr()) +
                begin * static_cast<int64_t>(call.in(i).element_size());
      plan.row(in, to + begin * out_size, end - begin, plan.values);
    });
    return;
  }

  const Tensor* operands[kMaxOperands] = {&out};
  for (int i = 0; i < plan.inputs; ++i) operands[i + 1] = call.inputs[i];
  const StridedSpace space({operands, call.inputs.size() + 1});
  plan.operand[0] = make_operand(space, 0, out.dtype(), result);
  plan.all_dense = plan.operand[0].dense;
  for (int i = 1; i <= plan.inputs; ++i) {
    plan.operand[i] = make_operand(space, i, operands[i]->dtype(), seen_as(i - 1));
    plan.all_dense &= plan.operand[i].dense;
  }
  parallel_for(0, space.numel, kGrain,
               [&](int64_t begin, int64_t end) { run_range(space, plan, begin, end); });
}

}  // namespace lydia::cpu
