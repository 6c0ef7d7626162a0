// Small models and texts for the tests of AGIFORMER.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/core/rng.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {

// Two blocks of width 32 and everything switched off but text.
inline AgiformerConfig tiny(std::vector<std::string> experts = {"language", "logic"}) {
  AgiformerConfig c;
  c.vocab_size = 50, c.d_model = 32, c.n_layers = 2, c.n_heads = 4, c.d_ff = 48;
  c.expert_types = std::move(experts);
  c.n_experts = static_cast<int64_t>(c.expert_types.size());
  c.max_seq_len = 64, c.dropout = 0, c.memory_size = 20, c.relation_window = 8;
  c.use_memory = c.use_introspection = c.use_multimodal = false;
  c.image_size = 16, c.patch_size = 8, c.vision_width = 16, c.vision_layers = 1;
  c.vision_heads = 2, c.max_segment_len = 24;
  return c;
}

// The six variants of conf/model at toy size.
inline std::vector<std::pair<std::string, AgiformerConfig>> variants() {
  std::vector<std::pair<std::string, AgiformerConfig>> out;
  const AgiformerConfig base = tiny();
  out.emplace_back("base", base);
  AgiformerConfig text_only = base;
  text_only.use_memory = true;
  out.emplace_back("text_only", text_only);
  AgiformerConfig multimodal = text_only;
  multimodal.use_introspection = multimodal.use_multimodal = true;
  out.emplace_back("multimodal", multimodal);
  AgiformerConfig full = multimodal;
  full.expert_types = {"language", "logic", "spatial", "causal"};
  full.n_experts = 4, full.use_linear_attention = true;
  out.emplace_back("full", full);
  AgiformerConfig minimal = tiny({"language"});
  minimal.use_memory = true;
  out.emplace_back("minimal", minimal);
  return out;
}

// Made with a seed, so that tests do not depend on each other.
template <class M = Agiformer, class... Args>
std::unique_ptr<M> seeded(const Args&... args) {
  default_generator().set_seed(1);
  auto model = std::make_unique<M>(args...);
  model->eval();
  return model;
}

inline Tensor ids(int64_t batch, int64_t length, uint64_t seed = 7, int64_t vocab = 50) {
  Generator g(seed);
  return randint(0, vocab, {batch, length}, DType::I64, &g);
}

inline double largest(const Tensor& x) { return x.numel() == 0 ? 0 : amax(abs(x)).item<double>(); }
inline double difference(const Tensor& a, const Tensor& b) { return largest(a - b); }

inline AgiformerInput text_input(const Tensor& text, const Tensor& mask = {}) {
  AgiformerInput in;
  in.text = text;
  in.mask = mask;
  return in;
}

}  // namespace lydia::models
