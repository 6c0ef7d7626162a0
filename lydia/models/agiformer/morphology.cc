#include "lydia/models/agiformer/morphology.h"

#include <numeric>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/ops/copy.h"
#include "lydia/text/tokenizer_morphopiece.h"

namespace lydia::models {

void set_morphology(Agiformer& model, const text::Tokenizer& tokenizer) {
  LYDIA_CHECK(tokenizer.size() <= model.config.vocab_size, ValueError,
              "set_morphology: expected a tokenizer of at most the model's ",
              model.config.vocab_size, " tokens, got ", tokenizer.size());
  if (tokenizer.model().kind() != "morphopiece") return;
  const text::MorphoPiece& morphology = text::morphopiece_of(tokenizer.model(), "set_morphology");
  std::vector<int32_t> all(static_cast<size_t>(morphology.vocab_size()));
  std::iota(all.begin(), all.end(), 0);
  const Tensor types = zeros({model.config.vocab_size}, DType::I64), categories = clone(types);
  const auto fill = [](const Tensor& to, const auto& values) {
    for (size_t i = 0; i < values.size(); ++i)
      to.data<int64_t>()[i] = static_cast<int64_t>(values[i]);
  };
  fill(types, morphology.morpho_types(all));
  fill(categories, morphology.semantic_categories(all));
  model.set_morphology(types, categories);
}

}  // namespace lydia::models
