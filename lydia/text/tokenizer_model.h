// The heart of a tokenizer: text to ids and back. Everything around it (special tokens, pairs,
// padding, truncation, batches, streams, files) is the same for all of them: tokenizer.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lydia::text {

// A part of a text, [begin, end), in bytes or in code points.
struct TextSpan {
  uint32_t begin = 0, end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

struct ModelEncodeOptions {
  bool spans = false;          // fill ModelTokens::spans and words
  bool types = false;          // fill types and categories
  bool parse_special = false;  // text that spells a special token is that token
  std::string_view mode = "";  // one of the model's own ways to cut; "" for its default
  double temperature = 0;      // above 0: the cuts are drawn, from `seed`
  uint64_t seed = 0;
};

struct ModelTokens {
  std::vector<int32_t> ids;
  std::vector<TextSpan> spans;  // in bytes; a token without text has an empty one
  std::vector<int32_t> words;   // from 0; tokens of one word share a number
  // What each token is in its place, in classes of the model (MorphType and SemanticCategory);
  // empty for models without them.
  std::vector<uint8_t> types, categories;
};

struct SpecialIds {  // -1 where a model has none
  int32_t pad = -1, unk = -1, bos = -1, eos = -1, mask = -1;
};

struct TokenClass {
  uint8_t type = 0, category = 0;
};

// Takes ids one by one and appends the bytes that are certain by now.
class ModelDecoder {
 public:
  virtual ~ModelDecoder() = default;
  virtual void push(int32_t id, std::string& out) = 0;
  // Appends what was held back; the decoder is then as new.
  virtual void finish(std::string& out) = 0;
};

// Never changes: every member may be called from any thread.
class TokenizerModel {
 public:
  virtual ~TokenizerModel() = default;

  virtual std::string_view kind() const = 0;  // "morphopiece", ...
  virtual int32_t vocab_size() const = 0;
  virtual SpecialIds special_ids() const = 0;
  virtual bool is_special(int32_t id) const = 0;
  // What ModelTokens says of padding, of special tokens and of tokens that were added.
  virtual TokenClass padding_class() const { return {}; }
  virtual TokenClass special_class() const { return {}; }
  virtual TokenClass added_class() const { return {}; }
  // IndexError outside the vocabulary.
  virtual std::string_view id_to_token(int32_t id) const = 0;
  virtual std::optional<int32_t> token_to_id(std::string_view token) const = 0;

  virtual ModelTokens encode(std::string_view text, const ModelEncodeOptions& options) const = 0;
  // IndexError for ids outside the vocabulary.
  virtual std::unique_ptr<ModelDecoder> decoder(bool skip_special) const = 0;
  // Writes the model's file into `folder` and returns its name there; never over another model.
  virtual std::string save(const std::string& folder) const = 0;
};

}  // namespace lydia::text
