// Elementwise logic, predicates and bit ops: no gradients.
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_BINARY(logical_and, to_bool)
LYDIA_DEFINE_BINARY(logical_or, to_bool)
LYDIA_DEFINE_BINARY(logical_xor, to_bool)
LYDIA_DEFINE_UNARY(logical_not, to_bool)
LYDIA_DEFINE_UNARY(isnan, to_bool)
LYDIA_DEFINE_UNARY(isinf, to_bool)
LYDIA_DEFINE_UNARY(isfinite, to_bool)
LYDIA_DEFINE_UNARY(isposinf, to_bool)
LYDIA_DEFINE_UNARY(isneginf, to_bool)
LYDIA_DEFINE_UNARY(signbit, to_bool)

LYDIA_NO_GRAD(logical_and)
LYDIA_NO_GRAD(logical_or)
LYDIA_NO_GRAD(logical_xor)
LYDIA_NO_GRAD(logical_not)
LYDIA_NO_GRAD(isnan)
LYDIA_NO_GRAD(isinf)
LYDIA_NO_GRAD(isfinite)
LYDIA_NO_GRAD(isposinf)
LYDIA_NO_GRAD(isneginf)
LYDIA_NO_GRAD(signbit)

LYDIA_DEFINE_BINARY(bitwise_and, only_bits)
LYDIA_DEFINE_BINARY(bitwise_or, only_bits)
LYDIA_DEFINE_BINARY(bitwise_xor, only_bits)
LYDIA_DEFINE_UNARY(bitwise_not, only_bits)
LYDIA_DEFINE_BINARY(left_shift, only_integer)
LYDIA_DEFINE_BINARY(right_shift, only_integer)

LYDIA_NO_GRAD(bitwise_and)
LYDIA_NO_GRAD(bitwise_or)
LYDIA_NO_GRAD(bitwise_xor)
LYDIA_NO_GRAD(bitwise_not)
LYDIA_NO_GRAD(left_shift)
LYDIA_NO_GRAD(right_shift)

}  // namespace lydia
