// Models as Hugging Face-style directories: config.json, model.safetensors, generation_config.json
// and the tokenizer's files.
#pragma once

#include <memory>
#include <string>

#include "lydia/models/agiformer/generate.h"

namespace lydia::models {

// Makes the directory. tokenizer_config.json says "bytes" unless a tokenizer's files are there
// already or come later: a vocabulary of 256 needs none.
void save_pretrained(const Agiformer& model, const std::string& directory,
                     const GenerationOptions& generation = {});

// In evaluation mode, CLIP's vision tower frozen. IoError where a file is missing; ValueError for
// another architecture, and for weights that do not fit the configuration.
std::unique_ptr<Agiformer> load_pretrained(const std::string& directory);
// The options saved beside a model; the defaults where there are none.
GenerationOptions load_generation_config(const std::string& directory);

}  // namespace lydia::models
