// The memory by itself: what it tells apart before anything is learnt.
#include "lydia/models/agiformer/memory.h"
#include "lydia/ops/creation.h"
#include "tests/models/agiformer_helpers.h"

namespace lydia::models {
namespace {

AgiformerConfig with_memory() {
  AgiformerConfig c = tiny({"language"});
  c.use_memory = true, c.max_segment_len = 100, c.max_seq_len = 100;
  return c;
}

Flow flow_of(const AgiformerConfig& c, int64_t tokens) {
  Flow flow{c};
  flow.batch = 1, flow.tokens = tokens;
  flow.position = unsqueeze(arange(0, tokens), 0);
  return flow;
}

TEST_CASE("writes that are nearly alike take slots of their own") {
  const AgiformerConfig c = with_memory();
  const auto memory = seeded<Memory>(c);
  const NoGradGuard guard;
  Generator g(3);
  const Tensor states =
      randn({1, 1, 32}, DType::F32, &g) + randn({1, 100, 32}, DType::F32, &g) * 1e-2;
  MemoryInfo info;
  const MemoryState state = memory->write(states, flow_of(c, 100), {}, info);
  CHECK(state.counts.data<int64_t>()[1] == 10);
  CHECK(info.slots_used >= 8);
}

TEST_CASE("what shares most of its content is kept apart, and what is said again is not") {
  AgiformerConfig c = with_memory();
  c.memory_size = 100, c.memory_update_freq = 1;
  const auto memory = seeded<Memory>(c);
  const NoGradGuard guard;
  Generator g(6);
  const Tensor value = randn({1, 1, 32}, DType::F32, &g);
  const Tensor facts = randn({1, 2, 32}, DType::F32, &g) * 0.5 + value;  // cosines of about 0.8
  const Tensor noise = randn({1, 50, 32}, DType::F32, &g);
  const Tensor text = cat(std::array{noise, facts}, 1);
  MemoryInfo info;
  const MemoryState state = memory->write(text, flow_of(c, 52), {}, info);
  CHECK(info.slots_used == 52);
  memory->write(text, flow_of(c, 52), state, info);
  CHECK(info.slots_used == 52);
}

TEST_CASE("an untrained memory finds the slot that tells of a token") {
  const AgiformerConfig c = with_memory();
  const auto memory = seeded<Memory>(c);
  const NoGradGuard guard;
  Generator g(4);
  const Tensor said = randn({1, 10, 1, 32}, DType::F32, &g);  // each in one group of ten tokens
  MemoryInfo info;
  const MemoryState state = memory->write(reshape(expand(said, {1, 10, 10, 32}), {1, 100, 32}),
                                          flow_of(c, 100), {}, info);
  CHECK(info.slots_used == 10);
  memory->read(reshape(said, {1, 10, 32}), flow_of(c, 10), state, info);
  CHECK(info.read_entropy < 0.1);
  memory->read(randn({1, 10, 32}, DType::F32, &g), flow_of(c, 10), state, info);
  CHECK(info.read_entropy > 0.2);
}

TEST_CASE("the working memory knows how far back its states are") {
  const AgiformerConfig c = with_memory();
  const auto memory = seeded<Memory>(c);
  const NoGradGuard guard;
  Generator g(5);
  const Tensor a = randn({1, 5, 32}, DType::F32, &g), b = randn({1, 5, 32}, DType::F32, &g);
  const Tensor x = randn({1, 7, 32}, DType::F32, &g);
  const auto read_after = [&](const Tensor& first, const Tensor& second) {
    MemoryInfo info;
    const MemoryState state =
        memory->write(cat(std::array{first, second}, 1), flow_of(c, 10), {}, info);
    return memory->read(x, flow_of(c, 7), state, info);
  };
  // One group of ten tokens: the bank's write is the same in any order.
  CHECK(difference(read_after(a, b), read_after(b, a)) > 1e-4);
}

TEST_CASE("a memory without slots is the working memory alone") {
  AgiformerConfig c = with_memory();
  c.memory_size = 0;
  const auto model = seeded(c);
  const NoGradGuard guard;
  const AgiformerInput next = text_input(ids(1, 5));
  const AgiformerOutput first = model->forward(text_input(ids(1, 30)));
  CHECK(first.info.memory.slots_used == 0);
  CHECK(difference(model->forward(next, first.state).logits, model->forward(next).logits) > 1e-4);
}

}  // namespace
}  // namespace lydia::models
