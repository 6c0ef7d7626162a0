// Checkpointing: what `fn` would save for backward is dropped and computed again when backward asks
// for it. Costs one more forward of `fn`, saves the memory between its inputs and outputs.
#pragma once

#include <functional>

#include "lydia/core/tensor.h"

namespace lydia {

// fn(inputs), recorded as always; gradients flow to the inputs and to whatever else `fn` uses. `fn`
// runs a second time in backward and must then do the same; the default random generator gives it
// the same numbers again. ValueError from backward when the second run saves other tensors than the
// first, Error when an input was changed in place meanwhile.
Tensors checkpoint(const std::function<Tensors(const Tensors&)>& fn, const Tensors& inputs);

}  // namespace lydia
