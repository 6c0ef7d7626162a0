// Elementwise functions of one tensor: dtype and gradient rules.
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(neg, no_bool)
LYDIA_DEFINE_UNARY(square, same_type)
LYDIA_DEFINE_UNARY(sqrt, as_float)
LYDIA_DEFINE_UNARY(exp, as_float)
LYDIA_DEFINE_UNARY(log, as_float)

LYDIA_RULE(neg, 0, {neg(g)})
LYDIA_RULE(square, kIn(0), {mul(g, mul(c.in(0), 2))})
LYDIA_RULE(sqrt, kOut(0), {div(g, mul(c.out(), 2))})
LYDIA_RULE(exp, kOut(0), {mul(g, c.out())})
LYDIA_RULE(log, kIn(0), {div(g, c.in(0))})

}  // namespace lydia
