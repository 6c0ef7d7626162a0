// How fast AGIFORMER writes after so many tokens: tokens per second of CPU time on one thread, and
// what they are of those after 256. All places are measured in turns, a token each, so that what
// else the machine does falls on all of them alike; the figure is the median over tokens. A text in
// segments also takes up a full segment into its memory now and then: there it is the mean over two
// segments.
//
//   build/release/bench/agiformer_positions [--full]     --full: also the variant `full` (a minute)
#include <time.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/rng.h"
#include "lydia/core/threads.h"
#include "lydia/models/agiformer/generate.h"
#include "lydia/ops/random.h"
#include "lydia/ops/view.h"
#include "lydia/report/format.h"
#include "lydia/report/table.h"

namespace lydia {
namespace {

using models::Agiformer;
using models::AgiformerConfig;
using models::GenerationSession;

constexpr int64_t kPlaces[] = {256, 512, 1024, 2048, 4096};

AgiformerConfig minimal(bool linear) {
  AgiformerConfig c;
  c.d_model = 256, c.n_layers = 4, c.n_heads = 4, c.d_ff = 1024;
  c.n_experts = 1, c.expert_types = {"language"}, c.memory_size = 500;
  c.use_introspection = c.use_multimodal = false;
  c.use_linear_attention = linear, c.max_seq_len = 256;
  return c;
}

AgiformerConfig full() {
  AgiformerConfig c;
  c.d_model = 512, c.n_layers = 8, c.n_heads = 8, c.d_ff = 2048, c.memory_size = 1000;
  c.use_linear_attention = true, c.max_seq_len = 512;
  return c;
}

AgiformerConfig one_segment(AgiformerConfig c) {
  c.max_seq_len = 8192;
  return c;
}

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Seconds of each of `count` tokens after each place.
std::vector<std::vector<double>> measure(Agiformer& model, int64_t count) {
  std::vector<GenerationSession> sessions;
  std::vector<Tensor> next;
  Generator generator(1);
  const models::SamplingOptions greedy{.temperature = 0};
  for (const int64_t place : kPlaces) {
    sessions.emplace_back(model, models::MemoryState());
    const Tensor text = randint(0, 256, {1, place}, DType::I64, &generator);
    next.push_back(models::sample(sessions.back().feed(text), {}, greedy, nullptr));
  }
  std::vector<std::vector<double>> seconds(sessions.size());
  for (int64_t i = 0; i < count; ++i) {
    for (size_t s = 0; s < sessions.size(); ++s) {
      const double start = cpu_seconds();
      const Tensor logits = sessions[s].feed(reshape(next[s], {1, 1}));
      next[s] = models::sample(logits, {}, greedy, nullptr);
      seconds[s].push_back(cpu_seconds() - start);
    }
  }
  return seconds;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

void add_row(report::Table& table, const std::string& name, const AgiformerConfig& config,
             bool segments) {
  default_generator().set_seed(1);
  Agiformer model(config);
  model.eval();
  const NoGradGuard guard;
  const auto seconds = measure(model, segments ? 2 * config.max_seq_len : 100);
  std::vector<std::string> cells{name};
  double first = 0;
  for (const std::vector<double>& of_place : seconds) {
    const double rate = 1 / (segments ? mean(of_place) : median(of_place));
    if (first == 0) first = rate;
    cells.push_back(report::format_fixed(rate, 0) + " (" + report::format_fixed(rate / first, 2) +
                    ")");
  }
  table.row(cells);
}

int run(bool large) {
  set_num_threads(1);
  std::vector<std::string> headers{"tokens/s after"};
  std::vector<report::Align> aligns{report::Align::Left};
  for (const int64_t place : kPlaces) {
    headers.push_back(std::to_string(place));
    aligns.push_back(report::Align::Right);
  }
  report::Table table(headers, aligns);
  add_row(table, "minimal, linear attention, one segment", one_segment(minimal(true)), false);
  add_row(table, "minimal, linear attention, segments of 256", minimal(true), true);
  add_row(table, "minimal, softmax attention, one segment", one_segment(minimal(false)), false);
  add_row(table, "minimal, softmax attention, segments of 256", minimal(false), true);
  if (large) add_row(table, "full, one segment", one_segment(full()), false);
  std::cout << table.text();
  return 0;
}

}  // namespace
}  // namespace lydia

int main(int argc, char** argv) {
  return lydia::run(argc > 1 && std::string_view(argv[1]) == "--full");
}
