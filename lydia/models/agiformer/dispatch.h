// Which tokens each expert works on, and the router that decides it.
#pragma once

#include <vector>

#include "lydia/models/agiformer/flow.h"
#include "lydia/nn/linear.h"

namespace lydia::models {

// The tokens of one expert: rows of the states seen as [batch * tokens, d]. They are ordered by
// (block, sequence, place), where a block is `block` places long, so that attention that looks back
// over a window takes them block by block.
class Routed {
 public:
  // Every token.
  Routed(int64_t batch, int64_t tokens) : batch_(batch), tokens_(tokens) {}
  // Those of `chosen`, ascending rows, in blocks of that many places.
  Routed(int64_t batch, int64_t tokens, const std::vector<int64_t>& chosen, int64_t block);

  bool all() const { return !rows_.defined(); }
  int64_t count() const { return all() ? batch_ * tokens_ : rows_.numel(); }
  int64_t batch() const { return batch_; }
  int64_t tokens() const { return tokens_; }
  const Tensor& rows() const { return rows_; }  // int64 [count]; undefined for all()
  // The chosen rows of x [batch, tokens, ...]: [count, ...].
  Tensor of(const Tensor& x) const;

  // The tokens of one block side by side: [batch, width] places, short ones filled up.
  struct Block {
    int64_t begin = 0, end = 0;  // places of the block
    int64_t width = 0;
    Tensor place;                 // int64 [batch, width] (all(): [1, width])
    Tensor from;                  // int64 [batch * width]: which of the block's rows stands there
    Tensor back;                  // int64 [rows of the block]: where each of its rows stands
    int64_t first = 0, rows = 0;  // its rows among all of the expert's
  };
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  void add_block(int64_t begin, int64_t end, const std::vector<std::vector<int64_t>>& places);

  int64_t batch_, tokens_;
  Tensor rows_;
  std::vector<Block> blocks_;  // none for all()
};

// What the router of one block says of its work.
struct RouterInfo {
  Tensor load_balancing_loss, z_loss;  // scalars, part of the graph
  Tensor expert_usage;                 // [E]: share of tokens sent to each; sums to k
  double router_entropy = 0;           // of the probabilities, in nats, mean over tokens
  Tensor choice, weight;               // [batch, tokens, k]: which experts, with which weight
};

struct Routing {
  std::vector<Routed> experts;
  Tensor weights;                // [batch * tokens, k]
  std::vector<Tensor> position;  // per choice: int64 [batch * tokens], a row of all updates joined
  RouterInfo info;
};

// p = softmax(W h + b); the k largest, renormalised. A lone expert needs no weights.
class Router : public nn::Module {
 public:
  explicit Router(const AgiformerConfig& config);
  using nn::Module::forward;
  Routing forward(const Tensor& h, const Flow& flow);

 private:
  RouterInfo info_of(const Tensor& logits, const Tensor& p, const Tensor& choice,
                     const Flow& flow) const;

  const AgiformerConfig& config_;
  nn::Linear* gate_ = nullptr;
};

int64_t* ints(const Tensor& t);
Tensor int_tensor(const std::vector<int64_t>& values, const Dims& sizes);

}  // namespace lydia::models
