// MorphoPiece and AGIFORMER, as 04_morphopiece.py: the model takes the vocabulary of the tokenizer,
// and what it knows of the morphology of tokens.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "examples/agiformer/sizes.h"
#include "lydia/models/agiformer/generate.h"
#include "lydia/models/agiformer/morphology.h"
#include "lydia/text/morphopiece_train.h"
#include "lydia/text/tokenizer_morphopiece.h"

using namespace lydia;

int main(int argc, char** argv) {
  // A small one from a sentence; Tokenizer::load(folder) reads one that was trained before.
  text::MorphTrainOptions how;
  how.vocab_size = 1500;
  how.next_text = [given = false](std::string& text) mutable {
    text = "Merhaba dünya. Bu bir test metnidir. Yeni belgeler açtık ve kaydettik.\n";
    return !std::exchange(given, true);
  };
  const text::Tokenizer tokenizer(
      std::make_shared<text::MorphoPieceAdapter>(text::train_morphopiece(how)));

  models::AgiformerConfig config = example_config(argc, argv);
  config.vocab_size = tokenizer.size();
  config.pad_id = tokenizer.model().special_ids().pad;
  models::Agiformer model(config);
  models::set_morphology(model, tokenizer);
  model.eval();

  const std::string text = "Merhaba dünya, bu bir test metnidir.";
  text::TokenizeOptions plain;
  plain.add_special_tokens = false;
  const text::Encoding tokens = tokenizer.encode({text}, plain);
  const Tensor ids = empty({1, static_cast<int64_t>(tokens.ids.size())}, DType::I64);
  std::copy(tokens.ids.begin(), tokens.ids.end(), ids.data<int64_t>());
  for (const int32_t id : tokens.ids) std::cout << tokenizer.id_to_token(id) << "|";
  std::cout << "\n";

  models::GenerationOptions options;
  options.max_new_tokens = 50;
  const Tensor generated = generate(model, ids, options);
  const auto* data = generated.data<int64_t>();
  std::cout << tokenizer.decode(std::vector<int32_t>(data, data + generated.numel())) << "\n";
}
