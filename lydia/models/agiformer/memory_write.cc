// Writing: groups of tokens become vectors, each finds a slot by content or by use.
#include <algorithm>
#include <array>

#include "lydia/autograd/grad_mode.h"
#include "lydia/models/agiformer/dispatch.h"
#include "lydia/models/agiformer/memory.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/layer_norm.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

constexpr double kSameContent = 0.7;  // cosine from which a write goes to the slot it resembles
constexpr double kKeptUsage = 0.9;    // of the usage, a segment later
constexpr double kPriorWrites = 4;    // zeros that the running mean starts from

}  // namespace

// Groups of real tokens: `tokens` are rows of the flattened states, filled up with -1.
struct Memory::Writes {
  int64_t per_sequence = 0;          // the most that a sequence has
  std::vector<int64_t> sequence;     // of each write
  Tensor values;                     // [writes, d]
  std::vector<int64_t> real_tokens;  // per sequence
};

// Tokens of a group are weighed by a learned score.
Memory::Writes Memory::gather_writes(const Tensor& states, const Flow& flow) {
  const int64_t size = config_.memory_update_freq;
  Writes out;
  const Tensor real = flow.real.defined() ? contiguous(flow.real) : Tensor();
  std::vector<int64_t> rows;
  std::vector<char> counts;
  for (int64_t b = 0; b < flow.batch; ++b) {
    int64_t seen = 0;
    for (int64_t i = 0; i < flow.tokens; ++i) {
      const int64_t row = b * flow.tokens + i;
      if (real.defined() && !real.data<bool>()[row]) continue;
      if (seen++ % size == 0) out.sequence.push_back(b);
      rows.push_back(row), counts.push_back(1);
    }
    out.real_tokens.push_back(seen);
    for (; seen % size != 0; ++seen) rows.push_back(0), counts.push_back(0);
    out.per_sequence = std::max(out.per_sequence, seen / size);
  }
  const auto writes = static_cast<int64_t>(out.sequence.size());
  if (writes == 0) return out;
  const Tensor taken =
      index_select(flatten(states, 0, 1), 0, int_tensor(rows, {static_cast<int64_t>(rows.size())}));
  const Tensor there = empty({writes, size, 1}, DType::Bool);
  std::copy(counts.begin(), counts.end(), there.data<bool>());
  const Tensor score = reshape(write_score_(taken), {writes, size, 1});
  const Tensor share = softmax(where(there, score, -1e9), 1);
  out.values = write_value_(sum(reshape(taken, {writes, size, -1}) * share, {1}));
  return out;
}

// For each write a slot: the used one it resembles, else an unused one, else the least used one
// that this segment has not taken. `used` counts the slots of each sequence and grows.
std::vector<int64_t> Memory::choose_slots(const Tensor& values, const Writes& writes,
                                          const MemoryState& state,
                                          std::vector<int64_t>& used) const {
  const NoGradGuard guard;
  const auto unit = [](const Tensor& x) {
    const Tensor f = x.detach().to(DType::F32);
    return f / clamp(vector_norm(f, 2, {-1}, true), 1e-6, std::nullopt);
  };
  const Tensor mine = unit(values);
  const int64_t slots = state.defined() ? state.bank.size(1) : 0;
  std::vector<int64_t> slot(writes.sequence.size());
  for (size_t begin = 0; begin < slot.size();) {
    const int64_t b = writes.sequence[begin];
    size_t end = begin;
    while (end < slot.size() && writes.sequence[end] == b) ++end;
    const auto n = static_cast<int64_t>(end - begin);
    int64_t& count = used[static_cast<size_t>(b)];
    const int64_t before = count;
    const Tensor own = narrow(mine, 0, static_cast<int64_t>(begin), n);
    Tensor like = matmul(own, transpose(own, 0, 1));  // [n, slots + n]: slots, then earlier writes
    if (slots > 0)
      like = cat(std::array{matmul(own, transpose(unit(select(state.bank, 0, b)), 0, 1)), like}, 1);
    like = contiguous(like);
    std::vector<float> use(static_cast<size_t>(slots));
    if (slots > 0) {
      const Tensor from = contiguous(select(state.usage, 0, b));
      std::copy_n(from.data<float>(), slots, use.begin());
    }
    std::vector<char> taken(static_cast<size_t>(config_.memory_size > 0 ? before : 0), 0);
    for (int64_t w = 0; w < n; ++w) {
      const float* row = like.data<float>() + w * (slots + n);
      int64_t best = -1;
      double closest = kSameContent;
      for (int64_t s = 0; s < before; ++s)
        if (row[s] > closest) closest = row[s], best = s;
      for (int64_t v = 0; v < w; ++v)
        if (row[slots + v] > closest)
          closest = row[slots + v], best = slot[begin + static_cast<size_t>(v)];
      if (best < 0 && count < config_.memory_size) best = count++;
      if (best < 0) {
        for (int64_t s = 0; s < before; ++s)
          if (!taken[static_cast<size_t>(s)] &&
              (best < 0 || use[static_cast<size_t>(s)] < use[static_cast<size_t>(best)]))
            best = s;
        if (best < 0) best = w % config_.memory_size;  // more writes than slots
      }
      if (best < before) taken[static_cast<size_t>(best)] = 1;
      slot[begin + static_cast<size_t>(w)] = best;
    }
    begin = end;
  }
  return slot;
}

// A write holds what differs from the mean of all writes so far: else all slots would say mostly
// the same. Its gate decides how much of an old content it takes the place of.
MemoryState Memory::write(const Tensor& states, const Flow& flow, const MemoryState& state,
                          MemoryInfo& info) {
  const int64_t batch = flow.batch, d = config_.d_model;
  const Writes writes = gather_writes(states, flow);
  MemoryState next;
  next.live = state.live + 1;
  next.counts = state.defined() ? clone(state.counts) : zeros({batch, 3}, DType::I64);
  int64_t* const counts = ints(next.counts);
  std::vector<int64_t> used(static_cast<size_t>(batch));
  for (int64_t b = 0; b < batch; ++b) {
    counts[3 * b] += writes.real_tokens[static_cast<size_t>(b)];
    used[static_cast<size_t>(b)] = counts[3 * b + 2];
  }
  for (const int64_t b : writes.sequence) ++counts[3 * b + 1];

  const Tensor old_bank = state.defined() ? state.bank : zeros({batch, 0, d}, states.dtype());
  const Tensor old_usage = state.defined() ? state.usage : zeros({batch, 0}, DType::F32);
  next.total = state.defined() ? state.total : zeros({batch, d}, states.dtype());
  if (writes.sequence.empty()) {
    next.bank = old_bank, next.usage = old_usage * kKeptUsage;
  } else {
    const auto n = static_cast<int64_t>(writes.sequence.size());
    const Tensor sequence = int_tensor(writes.sequence, {n});
    next.total = index_add(next.total.detach(), 0, sequence, writes.values.detach());
    const Tensor centre =
        next.total / (narrow(next.counts, 1, 1, 1).to(states.dtype()) + kPriorWrites);
    const Tensor values = layer_norm(writes.values - index_select(centre, 0, sequence), Dims{d});
    const std::vector<int64_t> slot = choose_slots(values, writes, state, used);
    const int64_t slots = std::max(old_bank.size(1), *std::max_element(used.begin(), used.end()));
    const int64_t grown = slots - old_bank.size(1);
    Tensor bank = old_bank, usage = old_usage * kKeptUsage;
    if (grown > 0) {
      bank = cat(std::array{bank, zeros({batch, grown, d}, bank.dtype())}, 1);
      usage = cat(std::array{usage, zeros({batch, grown})}, 1);
    }
    std::vector<int64_t> rows(slot.size());
    for (size_t w = 0; w < slot.size(); ++w) rows[w] = writes.sequence[w] * slots + slot[w];
    const Tensor at = int_tensor(rows, {n}), flat = flatten(bank, 0, 1);
    const Tensor old = index_select(flat, 0, at);
    const Tensor gate = sigmoid(write_gate_(cat(std::array{old, values}, 1)));
    next.bank = reshape(index_copy(flat, 0, at, lerp(old, values, gate)), {batch, slots, d});
    next.usage = reshape(index_copy(flatten(usage), 0, at, ones({n})), {batch, slots});
    for (int64_t b = 0; b < batch; ++b) counts[3 * b + 2] = used[static_cast<size_t>(b)];
  }

  const Tensor real = flow.real.defined() ? flow.real : ones({batch, flow.tokens}, DType::Bool);
  next.working = states, next.working_valid = real;
  if (state.defined()) {
    next.working = cat(std::array{state.working, states}, 1);
    next.working_valid = cat(std::array{state.working_valid, real}, 1);
  }
  const int64_t extra = next.working.size(1) - config_.max_segment_len;
  if (extra > 0) {
    next.working = narrow(next.working, 1, extra, config_.max_segment_len);
    next.working_valid = narrow(next.working_valid, 1, extra, config_.max_segment_len);
  }
  info.step_count = amax(select(next.counts, 1, 0)).item<int64_t>();
  info.slots_used = lydia::mean(select(next.counts, 1, 2).to(DType::F32)).item<double>();
  return next;
}

}  // namespace lydia::models
