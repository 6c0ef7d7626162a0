// A training loop, as 05_training.py, with the whole loss and its parts.
#include <iostream>
#include <string>

#include "examples/agiformer/sizes.h"
#include "lydia/autograd/backward.h"
#include "lydia/models/agiformer/model.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/random.h"
#include "lydia/ops/view.h"
#include "lydia/train/clip.h"
#include "lydia/train/optimizer.h"

using namespace lydia;

const std::string text =
    "Belgeyi kaydetmek için Dosya menüsünden Kaydet komutunu seçin. Belgeyi başka bir adla "
    "kaydetmek için Farklı Kaydet komutunu seçin ve yeni adı yazın. Belgeyi yazdırmak için Yazdır "
    "komutunu seçin, sayfaları ve kopya sayısını belirleyin.";

int main(int argc, char** argv) {
  const models::AgiformerConfig config = example_config(argc, argv);
  const bool quick = config.d_model == 64;
  models::Agiformer model(config);
  train::Optimizer optimizer("AdamW", model.parameters(), {{"lr", quick ? 3e-3 : 1e-4}});
  model.train();
  double first = 0, last = 0;
  for (int step = 0; step < 20; ++step) {
    const Tensor window = empty({8, 65}, DType::I64);
    const Tensor start = randint(0, static_cast<int64_t>(text.size()) - 65, {8});
    for (int64_t b = 0; b < 8; ++b)
      for (int64_t i = 0; i < 65; ++i)
        window.data<int64_t>()[65 * b + i] =
            static_cast<unsigned char>(text[static_cast<size_t>(start.data<int64_t>()[b] + i)]);

    models::AgiformerInput input;
    input.text = contiguous(narrow(window, 1, 0, 64));
    const models::AgiformerLoss loss =
        model.loss(model.forward(input), contiguous(narrow(window, 1, 1, 64)));
    optimizer.zero_grad();
    backward(loss.total);
    train::clip_grad_norm(model.parameters(), 1.0);
    optimizer.step();
    last = loss.language.item<double>();
    if (step == 0) first = last;
  }
  std::cout << "loss: " << first << " -> " << last << "\n";
  return last < first ? 0 : 1;
}
