// A saved AGIFORMER and its vocabulary, for the commands that use one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lydia/models/agiformer/pretrained.h"
#include "lydia/text/tokenizer.h"

namespace lydia::cli {

struct EncodedText {
  Tensor ids;                           // int64 [1, n]
  std::vector<std::string> names;       // of the tokens, for people
  std::vector<std::string> morphology;  // their types; "-" where the vocabulary has none
};

struct ModelFolder {
  std::string path;
  std::unique_ptr<models::Agiformer> model;
  models::GenerationOptions generation;
  std::optional<text::Tokenizer> tokenizer;  // without one a token is a byte

  EncodedText encode(const std::string& text) const;
  std::string decode(const std::vector<int64_t>& ids) const;
};

// The directory itself, or the model/ of a training run, with the tokenizer saved in it.
ModelFolder open_model(const std::string& path);

// Text of tokens as they come, in whole UTF-8 characters.
class TokenStream {
 public:
  explicit TokenStream(const ModelFolder& folder);
  std::string push(int64_t id);
  std::string finish();

 private:
  std::optional<text::DecodeStream> decoder_;
  std::string held_;  // of a vocabulary of bytes
  size_t wanted_ = 0;
};

}  // namespace lydia::cli
