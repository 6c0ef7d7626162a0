// The table of row kernels, filled on first use for the best instruction set of this machine.
#include "lydia/cpu/rows.h"

#include <array>

#include "lydia/cpu/isa.h"
#include "lydia/cpu/row_families.h"

namespace lydia::cpu {
namespace {

using Table = std::array<std::array<RowFn, kDTypeCount>, kRowOpCount>;

RowFn find(RowOp op, DType t) {
  for (auto family : {arith_row, compare_row, int_row, divide_row, math_row, trig_row,
                      activation_row, special_row}) {
    if (const RowFn fn = family(op, t)) return fn;
  }
  return nullptr;
}

Table make_table() {
  choose_isa();
  Table table{};
  for (int op = 0; op < kRowOpCount; ++op) {
    for (int t = 0; t < kDTypeCount; ++t) {
      table[op][t] = find(static_cast<RowOp>(op), static_cast<DType>(t));
    }
  }
  return table;
}

}  // namespace

RowFn row_fn(RowOp op, DType compute) {
  static const Table table = make_table();
  return table[static_cast<size_t>(op)][static_cast<size_t>(compute)];
}

const char* row_op_name(RowOp op) {
  static constexpr const char* kNames[] = {
#define ROW(name) #name,
#include "lydia/cpu/row_list.inc"
#undef ROW
  };
  return kNames[static_cast<size_t>(op)];
}

}  // namespace lydia::cpu
