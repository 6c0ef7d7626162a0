#include "lydia/models/agiformer/dispatch.h"

#include <algorithm>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/shape_ops.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/view.h"

namespace lydia::models {

int64_t* ints(const Tensor& t) { return t.data<int64_t>(); }

Tensor int_tensor(const std::vector<int64_t>& values, const Dims& sizes) {
  const Tensor out = empty(sizes, DType::I64);
  std::copy(values.begin(), values.end(), ints(out));
  return out;
}

Routed::Routed(int64_t batch, int64_t tokens, const std::vector<int64_t>& chosen, int64_t block)
    : batch_(batch), tokens_(tokens) {
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(batch));
  for (const int64_t row : chosen)
    places[static_cast<size_t>(row / tokens)].push_back(row % tokens);
  rows_ = empty({static_cast<int64_t>(chosen.size())}, DType::I64);
  for (int64_t begin = 0; begin < tokens; begin += block)
    add_block(begin, std::min(begin + block, tokens), places);
}

void Routed::add_block(int64_t begin, int64_t end,
                       const std::vector<std::vector<int64_t>>& places) {
  Block block{
      begin, end, 0, {}, {}, {}, blocks_.empty() ? 0 : blocks_.back().first + blocks_.back().rows,
      0};
  std::vector<std::vector<int64_t>> inside(places.size());
  for (size_t b = 0; b < places.size(); ++b) {
    std::copy_if(places[b].begin(), places[b].end(), std::back_inserter(inside[b]),
                 [&](int64_t at) { return at >= begin && at < end; });
    block.width = std::max(block.width, static_cast<int64_t>(inside[b].size()));
  }
  std::vector<int64_t> place, from, back;
  for (size_t b = 0; b < inside.size(); ++b) {
    for (size_t i = 0; i < static_cast<size_t>(block.width); ++i) {
      const bool real = i < inside[b].size();
      if (real) {
        ints(rows_)[block.first + block.rows] = static_cast<int64_t>(b) * tokens_ + inside[b][i];
        back.push_back(static_cast<int64_t>(place.size()));
      }
      place.push_back(real ? inside[b][i] : begin);
      from.push_back(real ? block.rows++ : 0);
    }
  }
  block.place = int_tensor(place, {batch_, block.width});
  block.from = int_tensor(from, {batch_ * block.width});
  block.back = int_tensor(back, {block.rows});
  blocks_.push_back(block);
}

Tensor Routed::of(const Tensor& x) const {
  const Tensor flat = flatten(x, 0, 1);
  return all() ? flat : index_select(flat, 0, rows_);
}

Router::Router(const AgiformerConfig& config) : config_(config) {
  if (config.n_experts > 1) gate_ = &child<nn::Linear>("gate", config.d_model, config.n_experts);
}

Routing Router::forward(const Tensor& h, const Flow& flow) {
  const int64_t experts = config_.n_experts, k = config_.chosen_experts();
  const int64_t rows = flow.batch * flow.tokens;
  if (!gate_) {
    const Tensor none = zeros({}), one = ones({flow.batch, flow.tokens, 1}, h.dtype());
    return {{Routed(flow.batch, flow.tokens)},
            {},
            {},
            {none, none, ones({1}), 0, zeros({flow.batch, flow.tokens, 1}, DType::I64), one}};
  }
  const Tensor logits = reshape((*gate_)(h), {rows, experts}).to(DType::F32);
  const Tensor p = softmax(logits, -1);
  const Tensor choice = topk(p.detach(), k).second;
  const Tensor picked = gather(p, 1, choice);
  Routing out;
  out.weights = picked / sum(picked, {1}, true);
  out.info = info_of(logits, p, choice, flow);
  out.info.weight = reshape(out.weights.detach(), {flow.batch, flow.tokens, k});

  std::vector<std::vector<int64_t>> chosen(static_cast<size_t>(experts));
  const Tensor dense = contiguous(choice);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t j = 0; j < k; ++j)
      chosen[static_cast<size_t>(ints(dense)[row * k + j])].push_back(row);
  // A token's update stands in its expert's part of all updates joined.
  std::vector<std::vector<int64_t>> at(static_cast<size_t>(experts));
  int64_t start = 0;
  for (int64_t e = 0; e < experts; ++e) {
    auto& mine = chosen[static_cast<size_t>(e)];
    const bool whole = static_cast<int64_t>(mine.size()) == rows;
    out.experts.push_back(whole ? Routed(flow.batch, flow.tokens)
                                : Routed(flow.batch, flow.tokens, mine, config_.expert_window));
    at[static_cast<size_t>(e)].assign(static_cast<size_t>(rows), 0);
    const Routed& routed = out.experts.back();
    for (int64_t i = 0; i < routed.count(); ++i)
      at[static_cast<size_t>(e)][static_cast<size_t>(whole ? i : ints(routed.rows())[i])] =
          start + i;
    start += routed.count();
  }
  for (int64_t j = 0; j < k; ++j) {
    std::vector<int64_t> position(static_cast<size_t>(rows));
    for (int64_t row = 0; row < rows; ++row)
      position[static_cast<size_t>(row)] =
          at[static_cast<size_t>(ints(dense)[row * k + j])][static_cast<size_t>(row)];
    out.position.push_back(int_tensor(position, {rows}));
  }
  return out;
}

// The share of tokens sent to e (a constant) times the mean of p_e, summed: smallest when even.
RouterInfo Router::info_of(const Tensor& logits, const Tensor& p, const Tensor& choice,
                           const Flow& flow) const {
  const int64_t experts = config_.n_experts, rows = p.size(0);
  Tensor count = ones({rows, 1}), total = full({}, static_cast<double>(rows));
  if (flow.real.defined()) {
    count = reshape(flow.real.to(DType::F32), {rows, 1});
    total = clamp(sum(count), 1, std::nullopt);
  }
  const Tensor sent = sum(one_hot(choice, experts).to(DType::F32), {1});
  const Tensor usage = sum(sent * count, {0}) / total;
  const Tensor mean_p = sum(p * count, {0}) / total;
  RouterInfo out;
  out.expert_usage = usage;
  out.load_balancing_loss =
      sum(usage * mean_p) * (config_.load_balancing_loss_weight * static_cast<double>(experts));
  out.z_loss = config_.router_z_weight > 0 ? sum(square(logsumexp(logits, {1}, true)) * count) /
                                                 total * config_.router_z_weight
                                           : zeros({});
  const NoGradGuard guard;
  out.router_entropy = (-sum(xlogy(p, p) * count) / total).item<double>();
  out.choice = reshape(choice, {flow.batch, flow.tokens, config_.chosen_experts()});
  return out;
}

}  // namespace lydia::models
