// What the memory and the introspection report, as 03_memory_and_introspection.py; and a second
// segment that remembers the first.
#include <iostream>

#include "examples/agiformer/sizes.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"

using namespace lydia;

int main(int argc, char** argv) {
  models::Agiformer model(example_config(argc, argv));
  model.eval();
  const NoGradGuard no_grad;

  models::MemoryState state;
  for (int segment = 0; segment < 2; ++segment) {
    models::AgiformerInput input;
    input.text = randint(0, 256, {1, 32});
    const models::AgiformerOutput out = model.forward(input, state);
    state = out.state;

    const models::IntrospectionInfo& seen = out.info.introspection;
    std::cout << "memory step: " << out.info.memory.step_count
              << ", slots used: " << out.info.memory.slots_used
              << "\nintrospection rounds: " << seen.rounds.size()
              << ", confidence: " << mean(seen.confidence).item<double>() << "\n";
  }
}
