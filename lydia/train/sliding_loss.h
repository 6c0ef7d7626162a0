// How well a language model predicts a whole text: every token but the first once, in windows that
// overlap, so that none is judged without a context.
#pragma once

#include <cstdint>

#include "lydia/nn/module.h"

namespace lydia::train {

// The sum of -ln P(token | those before it in its window) over tokens[1..], in nats. `module` maps
// int64 [batch, <= length] to logits [batch, <= length, vocabulary] and is put into eval mode
// meanwhile. A window begins every `stride` tokens: beyond the first window a token has at least
// length - stride tokens before it. tokens: integers in one dimension, at least 2; 1 <= stride <=
// length.
double sliding_loss(nn::Module& module, const Tensor& tokens, int64_t length, int64_t stride,
                    int64_t batch_size = 16);

}  // namespace lydia::train
