// Basic text generation, as 01_generation.py. The model is untrained: what it writes is noise.
#include <iostream>
#include <string>

#include "examples/agiformer/sizes.h"
#include "lydia/models/agiformer/generate.h"

using namespace lydia;

int main(int argc, char** argv) {
  models::Agiformer model(example_config(argc, argv));
  model.eval();

  const std::string text = "Hello, world!";
  const Tensor ids = empty({1, static_cast<int64_t>(text.size())}, DType::I64);
  for (size_t i = 0; i < text.size(); ++i)
    ids.data<int64_t>()[i] = static_cast<unsigned char>(text[i]);

  models::GenerationOptions options;
  options.max_new_tokens = 50;
  options.temperature = 0.8;
  options.top_k = 50;
  const Tensor generated = generate(model, ids, options);

  for (int64_t i = 0; i < generated.numel(); ++i)
    std::cout << static_cast<char>(generated.data<int64_t>()[i]);
  std::cout << "\n";
}
