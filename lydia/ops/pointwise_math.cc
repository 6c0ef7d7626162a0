// Exponentials, logarithms and trigonometry of one tensor: floats stay, integers become the default
// float dtype. With the gradient rules.
#include <cmath>

#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(exp, as_full_float)
LYDIA_DEFINE_UNARY(exp2, as_float)
LYDIA_DEFINE_UNARY(expm1, as_full_float)
LYDIA_DEFINE_UNARY(log, as_full_float)
LYDIA_DEFINE_UNARY(log2, as_full_float)
LYDIA_DEFINE_UNARY(log10, as_full_float)
LYDIA_DEFINE_UNARY(log1p, as_full_float)
LYDIA_DEFINE_UNARY(sin, as_float)
LYDIA_DEFINE_UNARY(cos, as_float)
LYDIA_DEFINE_UNARY(tan, as_full_float)
LYDIA_DEFINE_UNARY(asin, as_full_float)
LYDIA_DEFINE_UNARY(acos, as_full_float)
LYDIA_DEFINE_UNARY(atan, as_float)
LYDIA_DEFINE_UNARY(sinh, as_full_float)
LYDIA_DEFINE_UNARY(cosh, as_full_float)
LYDIA_DEFINE_UNARY(asinh, as_float)
LYDIA_DEFINE_UNARY(acosh, as_float)
LYDIA_DEFINE_UNARY(atanh, as_float)

LYDIA_RULE(exp, kOut(0), {mul(g, c.out())})
LYDIA_RULE(exp2, kOut(0), {mul(g, mul(c.out(), M_LN2))})
LYDIA_RULE(expm1, kOut(0), {mul(g, c.out() + 1)})
LYDIA_RULE(log, kIn(0), {div(g, c.in(0))})
LYDIA_RULE(log2, kIn(0), {div(g, c.in(0) * M_LN2)})
LYDIA_RULE(log10, kIn(0), {div(g, c.in(0) * M_LN10)})
LYDIA_RULE(log1p, kIn(0), {div(g, c.in(0) + 1)})
LYDIA_RULE(sin, kIn(0), {mul(g, cos(c.in(0)))})
LYDIA_RULE(cos, kIn(0), {neg(mul(g, sin(c.in(0))))})
LYDIA_RULE(tan, kOut(0), {mul(g, square(c.out()) + 1)})
LYDIA_RULE(asin, kIn(0), {mul(g, rsqrt(1 - square(c.in(0))))})
LYDIA_RULE(acos, kIn(0), {neg(mul(g, rsqrt(1 - square(c.in(0)))))})
LYDIA_RULE(atan, kIn(0), {div(g, square(c.in(0)) + 1)})
LYDIA_RULE(sinh, kIn(0), {mul(g, cosh(c.in(0)))})
LYDIA_RULE(cosh, kIn(0), {mul(g, sinh(c.in(0)))})
LYDIA_RULE(asinh, kIn(0), {mul(g, rsqrt(square(c.in(0)) + 1))})
// In two factors: x^2 - 1 would lose digits near 1 and accept x < -1.
LYDIA_RULE(acosh, kIn(0), {mul(g, mul(rsqrt(c.in(0) - 1), rsqrt(c.in(0) + 1)))})
LYDIA_RULE(atanh, kIn(0), {div(g, 1 - square(c.in(0)))})

}  // namespace lydia
