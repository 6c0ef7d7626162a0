// Elementwise comparisons and logic: bool results, no gradients.
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_BINARY(eq, to_bool)
LYDIA_DEFINE_BINARY(ne, to_bool)
LYDIA_DEFINE_BINARY(lt, to_bool)
LYDIA_DEFINE_BINARY(le, to_bool)
LYDIA_DEFINE_BINARY(gt, to_bool)
LYDIA_DEFINE_BINARY(ge, to_bool)

LYDIA_NO_GRAD(eq)
LYDIA_NO_GRAD(ne)
LYDIA_NO_GRAD(lt)
LYDIA_NO_GRAD(le)
LYDIA_NO_GRAD(gt)
LYDIA_NO_GRAD(ge)

}  // namespace lydia
