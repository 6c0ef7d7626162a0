// What the parts of one forward pass share: which tokens are real, what came before them, where
// caches lie.
#pragma once

#include "lydia/models/agiformer/cache.h"
#include "lydia/models/agiformer/config.h"

namespace lydia::models {

// The pass runs over `tokens` new tokens of each of `batch` sequences, after `past` cached ones.
struct Flow {
  const AgiformerConfig& config;
  int64_t batch = 0, tokens = 0, past = 0;
  bool causal = true, training = false;
  // bool [batch, past + tokens], true for real tokens; undefined where all are, and where padding
  // only follows real tokens of a causal pass, which can't see it.
  Tensor valid = {};
  Tensor real = {};      // bool [batch, tokens]: real tokens, for what is counted; undefined: all
  Tensor position = {};  // int64 [batch or 1, tokens]: real tokens before each one
  // int64 [batch, tokens] or undefined: types of morphemes, categories of meaning.
  Tensor morpho_types = {}, semantic_categories = {};
  Cache* cache = nullptr;

  int64_t keys() const { return past + tokens; }
};

}  // namespace lydia::models
