// A character model of causal convolutions, written directly on tensors.
//
//   h = one[character] + two[it and the one before] + three[it and the two before]
//   for each block:  u = layer_norm(h);  h = h + gelu(now(u) + before(u))
//   logits = out(gelu(mix(layer_norm(h))))
//
// now, before, mix and out are linear layers. The tables of two and three characters have a row for
// each value of a hash. "before" looks 1, 2, 4, ... characters back, a power of two per block, so n
// blocks see 2^n characters and a little. Sequences run side by side: row t * batch + b holds time
// t of sequence b, so looking k characters back is looking k * batch rows up, a window on the same
// memory. A block yields rows only where both its inputs exist; every prediction therefore sees the
// whole context.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/core/tensor.h"
#include "lydia/io/safetensors_tensors.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/embedding.h"
#include "lydia/ops/layer_norm.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/view.h"

namespace charlm {

using lydia::Dims;
using lydia::Tensor;

inline constexpr int kMaxGram = 3;  // the longest run of characters with a table of its own

struct ModelSize {
  int64_t vocab = 0, width = 0, blocks = 0;
  int table_bits = 0;  // a table has 2^table_bits rows
  // Characters that a prediction sees.
  int64_t context() const { return (int64_t{1} << blocks) + kMaxGram - 1; }
};

// Rows in the table of `gram` characters: for times kMaxGram - 1 and later of `ids` (time first).
inline Tensor gram_rows(const Tensor& ids, int64_t batch, int gram, int table_bits) {
  const int64_t skipped = (kMaxGram - 1) * batch;
  const Tensor rows = lydia::empty({ids.numel() - skipped}, lydia::DType::I64);
  const int64_t* id = ids.data<int64_t>() + skipped;
  for (int64_t i = 0; i < rows.numel(); ++i) {
    uint64_t key = 0;
    for (int back = 0; back < gram; ++back) {
      key = (key + static_cast<uint64_t>(id[i - back * batch]) + 1) * 0x9e3779b97f4a7c15u;
    }
    rows.data<int64_t>()[i] = static_cast<int64_t>(key >> (64 - table_bits));
  }
  return rows;
}

class Model {
 public:
  Model(const ModelSize& size, uint32_t seed) : size_(size), random_(seed) {
    const int64_t width = size.width;
    const float spread = 1 / std::sqrt(static_cast<float>(width));
    normal("one", {size.vocab, width}, 1);
    normal("two", {int64_t{1} << size.table_bits, width}, 0.02f);
    normal("three", {int64_t{1} << size.table_bits, width}, 0.02f);
    for (int64_t i = 0; i < size.blocks; ++i) {
      const std::string block = "block" + std::to_string(i) + ".";
      add_norm(block);
      add_linear(block + "now.", width, width, spread);
      normal(block + "before", {width, width}, spread);
    }
    add_norm("mix.");
    add_linear("mix.", width, width, spread);
    add_linear("out.", size.vocab, width, 0.2f * spread);
  }

  const ModelSize& size() const { return size_; }
  const lydia::io::NamedTensors& parameters() const { return parameters_; }

  // `ids`: int64 [T * batch], T >= context(). Returns logits [(T - context() + 1) * batch, vocab]:
  // what follows time context() - 1, context(), ...
  Tensor forward(const Tensor& ids, int64_t batch) const {
    const int64_t skipped = (kMaxGram - 1) * batch;
    Tensor h = lydia::embedding(at("one"), lydia::narrow(ids, 0, skipped, ids.numel() - skipped)) +
               lydia::embedding(at("two"), gram_rows(ids, batch, 2, size_.table_bits)) +
               lydia::embedding(at("three"), gram_rows(ids, batch, 3, size_.table_bits));
    for (int64_t i = 0; i < size_.blocks; ++i) {
      const std::string block = "block" + std::to_string(i) + ".";
      const int64_t back = batch << i, rows = h.size(0) - back;
      const Tensor u = norm(h, block);
      const Tensor now = linear(lydia::narrow(u, 0, back, rows), block + "now.");
      const Tensor before = lydia::linear(lydia::narrow(u, 0, 0, rows), at(block + "before"));
      h = lydia::narrow(h, 0, back, rows) + activation(now + before);
    }
    const Tensor mixed = activation(linear(norm(h, "mix."), "mix."));
    return linear(mixed, "out.");
  }

  // The values of a file that parameters() was saved to.
  void load(const std::string& path) {
    for (const auto& [name, tensor] : lydia::io::load_safetensors(path).tensors) {
      const auto found = by_name_.find(name);
      LYDIA_CHECK(found != by_name_.end(), lydia::ValueError, path, ": unknown tensor ", name);
      LYDIA_CHECK(tensor.sizes() == found->second.sizes(), lydia::ValueError, path, ": ", name,
                  " expected shape ", found->second.sizes(), ", got ", tensor.sizes());
      lydia::raw_copy(found->second, tensor);
    }
  }

 private:
  static Tensor activation(const Tensor& x) { return lydia::relu(x); }

  const Tensor& at(const std::string& name) const { return by_name_.at(name); }

  Tensor norm(const Tensor& h, const std::string& prefix) const {
    return lydia::layer_norm(h, {size_.width}, at(prefix + "scale"), at(prefix + "shift"));
  }

  Tensor linear(const Tensor& x, const std::string& prefix) const {
    return lydia::linear(x, at(prefix + "weight"), at(prefix + "bias"));
  }

  void add_norm(const std::string& prefix) {
    filled(prefix + "scale", {size_.width}, 1);
    filled(prefix + "shift", {size_.width}, 0);
  }

  void add_linear(const std::string& prefix, int64_t outputs, int64_t inputs, float spread) {
    normal(prefix + "weight", {outputs, inputs}, spread);
    filled(prefix + "bias", {outputs}, 0);
  }

  Tensor add(const std::string& name, const Dims& sizes) {
    const Tensor tensor = lydia::empty(sizes, lydia::DType::F32);
    tensor.set_requires_grad();
    parameters_.emplace_back(name, tensor);
    by_name_.emplace(name, tensor);
    return tensor;
  }

  void normal(const std::string& name, const Dims& sizes, float spread) {
    const Tensor tensor = add(name, sizes);
    std::normal_distribution<float> draw(0, spread);
    for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data<float>()[i] = draw(random_);
  }

  void filled(const std::string& name, const Dims& sizes, float value) {
    const Tensor tensor = add(name, sizes);
    std::fill_n(tensor.data<float>(), tensor.numel(), value);
  }

  ModelSize size_;
  std::mt19937 random_;
  lydia::io::NamedTensors parameters_;  // in order
  std::map<std::string, Tensor> by_name_;
};

}  // namespace charlm
