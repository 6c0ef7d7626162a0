// Text and an image, as 02_multimodal.py.
#include <iostream>

#include "examples/agiformer/sizes.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/ops/random.h"

using namespace lydia;

int main(int argc, char** argv) {
  models::Agiformer model(example_config(argc, argv));
  model.eval();

  models::AgiformerInput input;
  input.text = randint(0, 256, {1, 32});
  input.image = randn({1, 3, 224, 224});
  const NoGradGuard no_grad;
  const models::AgiformerOutput out = model.forward(input);

  std::cout << "logits: " << out.logits.sizes() << "\nmodalities:";
  for (const std::string& name : out.info.modalities) std::cout << " " << name;
  std::cout << "\n";
}
