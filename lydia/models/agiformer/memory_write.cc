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

constexpr double kSameContent = 0.9;  // cosine from which a write goes to the slot it resembles
constexpr double kKeptUsage = 0.9;    // of the usage, a segment later

}  // namespace

// What a segment writes: one vector for each group of real tokens.
struct Memory::Writes {
  std::vector<int64_t> sequence;     // of each write
  Tensor values;                     // [writes, d]
  std::vector<int64_t> real_tokens;  // per sequence
};

// Tokens of a group are weighed by a learned score.
Memory::Writes Memory::gather_writes(const Tensor& states, const Flow& flow) {
  const int64_t size = std::min(config_.memory_update_freq, flow.tokens);
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
  }
  const auto writes = static_cast<int64_t>(out.sequence.size());
  if (writes == 0) return out;
  const Tensor taken =
      index_select(flatten(states, 0, 1), 0, int_tensor(rows, {static_cast<int64_t>(rows.size())}));
  const Tensor there = empty({writes, size, 1}, DType::Bool);
  std::copy(counts.begin(), counts.end(), there.data<bool>());
  const Tensor score = reshape(write_score_(taken), {writes, size, 1});
  const Tensor share = softmax(where(there, score, -1e9), 1);
  // Under autocast products are halves: states stay in their own dtype.
  out.values =
      write_value_(sum(reshape(taken, {writes, size, -1}) * share, {1})).to(states.dtype());
  return out;
}

namespace {

Tensor unit_rows(const Tensor& x) {
  const Tensor f = x.detach().to(DType::F32);
  return f / clamp(vector_norm(f, 2, {-1}, true), 1e-6, std::nullopt);
}

// The slots of one sequence during a segment.
struct Slots {
  int64_t limit, before, count;  // how many may be, were and are in use
  std::vector<float> usage;      // of those before
  std::vector<char> taken;       // by this segment

  // An unused one, else the least used one that this segment has not taken.
  int64_t free_slot(int64_t write) {
    if (count < limit) return count++;
    int64_t best = -1;
    for (int64_t s = 0; s < before; ++s) {
      const auto at = static_cast<size_t>(s);
      if (!taken[at] && (best < 0 || usage[at] < usage[static_cast<size_t>(best)])) best = s;
    }
    return best < 0 ? write % limit : best;  // more writes than slots
  }
  // Slots for n writes; like [n, of + n] holds their cosines with `of` slots and with each other.
  void choose(const float* like, int64_t of, int64_t n, int64_t* slot) {
    for (int64_t w = 0; w < n; ++w) {
      const float* row = like + w * (of + n);
      double closest = kSameContent;
      int64_t best = -1;
      const auto offer = [&](float cosine, int64_t s) {
        if (cosine > closest) closest = cosine, best = s;
      };
      for (int64_t s = 0; s < before; ++s) offer(row[s], s);
      for (int64_t v = 0; v < w; ++v) offer(row[of + v], slot[v]);
      slot[w] = best < 0 ? free_slot(w) : best;
      if (slot[w] < before) taken[static_cast<size_t>(slot[w])] = 1;
    }
  }
};

}  // namespace

// For each write a slot: the one it resembles, be it old or of this segment, else a free one.
// `used` counts the slots of each sequence and grows.
std::vector<int64_t> Memory::choose_slots(const Tensor& values, const Writes& writes,
                                          const MemoryState& state,
                                          std::vector<int64_t>& used) const {
  const NoGradGuard guard;
  const Tensor mine = unit_rows(values);
  const int64_t of = state.defined() ? state.bank.size(1) : 0;
  std::vector<int64_t> slot(writes.sequence.size());
  for (size_t begin = 0, end = 0; begin < slot.size(); begin = end) {
    const int64_t b = writes.sequence[begin];
    while (end < slot.size() && writes.sequence[end] == b) ++end;
    const auto n = static_cast<int64_t>(end - begin);
    const Tensor own = narrow(mine, 0, static_cast<int64_t>(begin), n);
    Tensor like = matmul(own, transpose(own, 0, 1));
    int64_t& count = used[static_cast<size_t>(b)];
    Slots slots{
        config_.memory_size, count, count, {}, std::vector<char>(static_cast<size_t>(count))};
    if (of > 0) {
      const Tensor bank = unit_rows(select(state.bank, 0, b));
      like = cat(std::array{matmul(own, transpose(bank, 0, 1)), like}, 1);
      const Tensor usage = contiguous(select(state.usage, 0, b));
      slots.usage.assign(usage.data<float>(), usage.data<float>() + of);
    }
    slots.choose(contiguous(like.to(DType::F32)).data<float>(), of, n, &slot[begin]);
    count = slots.count;
  }
  return slot;
}

// A write holds what differs from the mean of all other writes so far, those of this segment
// included: else all slots would say mostly the same. Exactly the mean: where writes are nearly
// alike, as early in a training, any share of it that stays is all that can be seen of them. Its
// gate decides how much of an old content it takes the place of.
void Memory::write_bank(const Writes& writes, const MemoryState& state, MemoryState& next) {
  const int64_t batch = next.counts.size(0), d = config_.d_model;
  const auto n = static_cast<int64_t>(writes.sequence.size());
  const Tensor sequence = int_tensor(writes.sequence, {n});
  const Tensor written = writes.values.detach();
  next.total = index_add(next.total.detach(), 0, sequence, written);
  const Tensor others = clamp(narrow(next.counts, 1, 1, 1) - 1, 1, std::nullopt);
  const Tensor centre = (index_select(next.total, 0, sequence) - written) /
                        index_select(others, 0, sequence).to(written.dtype());
  const Tensor values = layer_norm(writes.values - centre, Dims{d});

  int64_t* const counts = ints(next.counts);
  std::vector<int64_t> used(static_cast<size_t>(batch));
  for (int64_t b = 0; b < batch; ++b) used[static_cast<size_t>(b)] = counts[3 * b + 2];
  const std::vector<int64_t> slot = choose_slots(values, writes, state, used);
  for (int64_t b = 0; b < batch; ++b) counts[3 * b + 2] = used[static_cast<size_t>(b)];

  const int64_t before = next.bank.size(1);
  const int64_t slots = std::max(before, *std::max_element(used.begin(), used.end()));
  if (slots > before) {
    next.bank = cat(std::array{next.bank, zeros({batch, slots - before, d}, next.bank.dtype())}, 1);
    next.usage = cat(std::array{next.usage, zeros({batch, slots - before})}, 1);
  }
  std::vector<int64_t> rows(slot.size());
  for (size_t w = 0; w < slot.size(); ++w) rows[w] = writes.sequence[w] * slots + slot[w];
  const Tensor at = int_tensor(rows, {n}), flat = flatten(next.bank, 0, 1);
  const Tensor old = index_select(flat, 0, at);
  const Tensor gate = sigmoid(write_gate_(cat(std::array{old, values}, 1))).to(old.dtype());
  next.bank = reshape(index_copy(flat, 0, at, lerp(old, values, gate)), {batch, slots, d});
  next.usage = reshape(index_copy(flatten(next.usage), 0, at, ones({n})), {batch, slots});
}

MemoryState Memory::write(const Tensor& states, const Flow& flow, const MemoryState& state,
                          MemoryInfo& info) {
  const int64_t batch = flow.batch, d = config_.d_model;
  const Writes writes = gather_writes(states, flow);
  const bool begun = state.defined();
  MemoryState next;
  next.live = state.live + 1;
  next.counts = begun ? clone(state.counts) : zeros({batch, 3}, DType::I64);
  next.bank = begun ? state.bank.to(states.dtype()) : zeros({batch, 0, d}, states.dtype());
  next.usage = begun ? state.usage * kKeptUsage : zeros({batch, 0}, DType::F32);
  next.total = begun ? state.total.to(states.dtype()) : zeros({batch, d}, states.dtype());
  int64_t* const counts = ints(next.counts);
  for (int64_t b = 0; b < batch; ++b) counts[3 * b] += writes.real_tokens[static_cast<size_t>(b)];
  for (const int64_t b : writes.sequence) ++counts[3 * b + 1];
  if (config_.memory_size > 0 && !writes.sequence.empty()) write_bank(writes, state, next);

  const Tensor real = flow.real.defined() ? flow.real : ones({batch, flow.tokens}, DType::Bool);
  next.working = begun ? cat(std::array{state.working.to(states.dtype()), states}, 1) : states;
  next.working_valid = begun ? cat(std::array{state.working_valid, real}, 1) : real;
  const int64_t kept = std::min(next.working.size(1), config_.max_segment_len);
  const int64_t extra = next.working.size(1) - kept;
  next.working = narrow(next.working, 1, extra, kept);
  next.working_valid = narrow(next.working_valid, 1, extra, kept);
  info.step_count = amax(select(next.counts, 1, 0)).item<int64_t>();
  info.slots_used = mean(select(next.counts, 1, 2).to(DType::F32)).item<double>();
  return next;
}

}  // namespace lydia::models
