// What a tokenizer knows of its tokens, told to the model.
#pragma once

#include "lydia/models/agiformer/model.h"
#include "lydia/text/tokenizer.h"

namespace lydia::models {

// The morpheme types and semantic categories of a MorphoPiece's tokens, so that the language expert
// knows them of every text; nothing for other tokenizers. The model must have at least as many
// tokens as the tokenizer.
void set_morphology(Agiformer& model, const text::Tokenizer& tokenizer);

}  // namespace lydia::models
