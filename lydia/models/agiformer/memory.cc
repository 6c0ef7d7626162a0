// Reading the memories, and their state. Writing is in memory_write.cc.
#include "lydia/models/agiformer/memory.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/models/agiformer/dispatch.h"
#include "lydia/models/agiformer/rotary.h"
#include "lydia/nn/init.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

constexpr int64_t kAllSlots = 1024, kTopSlots = 32;
constexpr double kSharpness = 16;  // the first score of a slot that says what is being read
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor split_heads(const Tensor& x, int64_t heads) {
  return transpose(reshape(x, {x.size(0), x.size(1), heads, x.size(2) / heads}), 1, 2);
}

// Each head of x [batch, n, d] turned by its places [batch or 1, n].
Tensor turned(const Tensor& x, int64_t heads, const Tensor& places) {
  const Tensor rows = reshape(x, {x.size(0) * x.size(1), heads, x.size(2) / heads});
  return reshape(rotary_at(rows, flatten(contiguous(expand(places, {x.size(0), x.size(1)})))),
                 x.sizes());
}

// int64 [batch, n]: -1 for the last state of the working memory, -2 for the one before it, ...
Tensor places_back(const Tensor& valid) {
  const Tensor seen = cumsum(valid.to(DType::I64), 1);
  return seen - narrow(seen, 1, seen.size(1) - 1, 1) - 1;
}

// bool [batch, slots]: the first counts[b, 2] of each row.
Tensor slots_in_use(const MemoryState& s) {
  return lt(unsqueeze(arange(0, s.bank.size(1)), 0), narrow(s.counts, 1, 2, 1));
}

}  // namespace

MemoryState MemoryState::detached() const {
  if (!defined()) return *this;
  return {working.detach(), working_valid, bank.detach(), usage, total.detach(), counts, 0};
}

nn::NamedTensors MemoryState::tensors() const {
  LYDIA_CHECK(defined(), ValueError, "MemoryState: expected a state, got one that is empty");
  return {{"working", working.detach()}, {"working_valid", working_valid},
          {"bank", bank.detach()},       {"usage", usage},
          {"total", total.detach()},     {"counts", counts}};
}

MemoryState MemoryState::from_tensors(const nn::NamedTensors& tensors) {
  const auto get = [&](const std::string& name, int dims) {
    for (const auto& [key, value] : tensors) {
      if (key != name) continue;
      LYDIA_CHECK(value.ndim() == dims, ValueError, "MemoryState: ", name, ": expected ", dims,
                  " dimensions, got ", value.sizes());
      return value;
    }
    fail<ValueError>("MemoryState: '", name, "' is missing: half a state can't be taken up");
  };
  MemoryState s{get("working", 3),
                get("working_valid", 2),
                get("bank", 3),
                get("usage", 2),
                get("total", 2),
                get("counts", 2),
                0};
  const int64_t batch = s.batch(), d = s.working.size(2);
  LYDIA_CHECK(
      s.counts.dtype() == DType::I64 && s.counts.size(1) == 3 &&
          s.working_valid.dtype() == DType::Bool &&
          s.working_valid.sizes() == Dims({batch, s.working.size(1)}) &&
          s.working.size(0) == batch && s.bank.sizes() == Dims({batch, s.bank.size(1), d}) &&
          s.usage.sizes() == Dims({batch, s.bank.size(1)}) && s.total.sizes() == Dims({batch, d}),
      ValueError, "MemoryState: the tensors do not fit together: working ", s.working.sizes(),
      ", bank ", s.bank.sizes(), ", counts ", s.counts.sizes());
  for (const Tensor* t : {&s.working, &s.bank, &s.usage, &s.total})
    LYDIA_CHECK(t->is_floating_point() && all(isfinite(*t)).item<bool>(), ValueError,
                "MemoryState: expected finite floating-point values, got ", t->dtype(),
                t->is_floating_point() ? " with NaN or infinity" : "");
  constexpr int64_t kMost = int64_t{1} << 60;
  LYDIA_CHECK(batch == 0 ||
                  (amin(s.counts).item<int64_t>() >= 0 && amax(s.counts).item<int64_t>() <= kMost &&
                   amax(select(s.counts, 1, 2)).item<int64_t>() <= s.bank.size(1)),
              ValueError, "MemoryState: expected counts from 0 to ", kMost,
              " and no more slots than the bank has");
  for (Tensor* t : {&s.working, &s.working_valid, &s.bank, &s.total, &s.counts})
    *t = contiguous(*t);
  s.usage = contiguous(s.usage.to(DType::F32));
  return s;
}

// What is added starts at a tenth of a unit, so that an empty memory disturbs little. A write
// starts as what was read and a question as what is being read, without random matrices between
// them: a token finds the slots that tell of it before anything is learnt. From random ones,
// writing and asking would each have to wait for the other to make sense.
Memory::Memory(const AgiformerConfig& c)
    : config_(c),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})),
      working_query_(child<nn::Linear>("working_query", c.d_model, c.d_model)),
      working_(child<nn::Linear>("working", c.d_model, 2 * c.d_model)),
      query_(child<nn::Linear>("query", c.d_model, c.d_model)),
      fuse_in_(child<nn::Linear>("fuse_in", 3 * c.d_model, c.d_model)),
      fuse_out_(child<nn::Linear>("fuse_out", c.d_model, c.d_model)),
      fuse_norm_(child<nn::LayerNorm>("fuse_norm", Dims{c.d_model})),
      write_score_(child<nn::Linear>("write_score", c.d_model, 1, false)),
      write_value_(child<nn::Linear>("write_value", c.d_model, c.d_model)),
      write_gate_(child<nn::Linear>("write_gate", 2 * c.d_model, 1)) {
  nn::init::constant_(fuse_norm_.weight, 0.1);
  nn::init::constant_(write_gate_.bias, 1.0);
  for (nn::Linear* same : {&query_, &write_value_}) {
    nn::init::eye_(same->weight);
    nn::init::zeros_(same->bias);
  }
  const NoGradGuard guard;
  mul_(query_.weight, kSharpness / std::sqrt(static_cast<double>(c.d_model)));
}

MemoryState Memory::prepared(const MemoryState& state, int64_t batch) const {
  if (!state.defined()) return state;
  LYDIA_CHECK(state.batch() == batch && state.total.size(1) == config_.d_model, ValueError,
              "AGIFORMER: state: expected one of ", batch, " sequences and width ", config_.d_model,
              ", got ", state.batch(), " and ", state.total.size(1),
              "; call reset_memory() or pass the state of these sequences");
  return state.live > config_.bptt_segments ? state.detached() : state;
}

Tensor Memory::read(const Tensor& x, const Flow& flow, const MemoryState& state, MemoryInfo& info) {
  const Tensor h = norm_(x);
  const Tensor working = read_working(h, flow, state), far = read_bank(h, state, info);
  const Tensor joined = cat(std::array{h, working, far}, -1);
  return x + fuse_norm_(fuse_out_(gelu(fuse_in_(joined), Gelu::tanh)));
}

// Keys stand at the places before the segment, so that a token knows how far back each one is.
// Keys and values stay the same during a segment: the cache keeps them.
Tensor Memory::read_working(const Tensor& x, const Flow& flow, const MemoryState& state) {
  if (!state.defined() || state.working.size(1) == 0) return zeros(x.sizes(), x.dtype());
  Tensor own, &kv = flow.cache ? flow.cache->value(this) : own;
  const int64_t d = config_.d_model, heads = config_.n_heads;
  if (!kv.defined()) {
    const Tensor both = working_(state.working.to(x.dtype()));
    const Tensor keys = turned(narrow(both, 2, 0, d), heads, places_back(state.working_valid));
    kv = cat(std::array{keys, narrow(both, 2, d, d)}, 2);
  }
  const Tensor q = turned(working_query_(x), heads, flow.position);
  const Tensor mask = reshape(state.working_valid, {flow.batch, 1, 1, -1});
  const Tensor mixed =
      scaled_dot_product_attention(split_heads(q, heads), split_heads(narrow(kv, 2, 0, d), heads),
                                   split_heads(narrow(kv, 2, d, d), heads), mask);
  return reshape(transpose(mixed, 1, 2), x.sizes());
}

Tensor Memory::read_bank(const Tensor& x, const MemoryState& state, MemoryInfo& info) {
  if (!state.defined() || state.bank.size(1) == 0) return zeros(x.sizes(), x.dtype());
  const Tensor bank = state.bank.to(x.dtype()), q = query_(x);
  const Tensor used = slots_in_use(state);
  const double scale = 1 / std::sqrt(static_cast<double>(config_.d_model));
  const auto scores = [&](const Tensor& asked) {
    return where(unsqueeze(used, 1), matmul(asked, transpose(bank, 1, 2)) * scale, -1e9);
  };
  {  // what the last tokens look at
    const NoGradGuard guard;
    const int64_t last = std::min(config_.memory_update_freq, x.size(1));
    const Tensor p = softmax(scores(narrow(q, 1, x.size(1) - last, last)).to(DType::F32), -1);
    info.read_entropy = std::abs(mean(sum(xlogy(p, p), {-1})).item<double>());
  }
  const int64_t slots = bank.size(1);
  const int64_t top = config_.memory_top_n > 0 ? config_.memory_top_n
                      : slots <= kAllSlots     ? slots
                                               : kTopSlots;
  if (top >= slots) {
    const auto one_head = [](const Tensor& t) { return unsqueeze(t, 1); };
    return squeeze(scaled_dot_product_attention(one_head(q), one_head(bank), one_head(bank),
                                                reshape(used, {x.size(0), 1, 1, slots})),
                   {1});
  }
  const Tensor all = scores(q);
  const Tensor least = narrow(topk(all.detach(), top).first, -1, top - 1, 1);
  return matmul(softmax(where(ge(all, least), all, -kInfinity), -1), bank);
}

}  // namespace lydia::models
