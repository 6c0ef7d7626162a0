// A tokenizer as programs want it around any model of text and ids: special and added tokens, pairs
// of texts, truncation with overlapping parts, padding, batches on threads, decoding as a stream,
// a folder on disk.
//
// Everything const may be called from any thread; adding tokens and setting the frame may not run
// beside other calls. A copy is cheap and shares nothing that changes: threads that go on while
// tokens are added take one.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/tokenizer_added.h"
#include "lydia/text/tokenizer_encoding.h"
#include "lydia/text/tokenizer_model.h"

namespace lydia::text {

// Special tokens around texts: before A after, or before A between B after. Type ids are 0 up to
// `between`, 1 from B on.
struct TokenFrame {
  std::vector<int32_t> before, between, after;
  friend bool operator==(const TokenFrame&, const TokenFrame&) = default;
};

struct TokenizeOptions {
  bool add_special_tokens = true;
  bool details = true;  // tokens, offsets and word ids; without them only ids, type ids and masks
  bool types = false;   // types and categories, where the model has them
  bool parse_special = false;
  std::string mode = "";
  double temperature = 0;
  uint64_t seed = 0;
  std::optional<Truncation> truncation = std::nullopt;
  std::optional<Padding> padding = std::nullopt;
};

// One text, or two that belong together.
struct TextInput {
  std::string_view text;
  std::optional<std::string_view> pair = std::nullopt;
};

class Tokenizer {
 public:
  // The frame is <bos> A <eos>, or <bos> A <eos> B <eos>, of what the model has of these.
  explicit Tokenizer(std::shared_ptr<const TokenizerModel> model);

  // From the folder that save() made, or from a model file alone. Throws IoError and ValueError.
  static Tokenizer load(const std::string& path);
  // Writes the model and tokenizer_config.json into a folder, which is made when it is missing.
  // What was saved there before is whole until the last step puts the new one in its place.
  void save(const std::string& folder) const;

  const TokenizerModel& model() const { return *model_; }
  std::shared_ptr<const TokenizerModel> shared_model() const { return model_; }
  const TokenFrame& frame() const { return frame_; }
  // IndexError for ids that no token has.
  void set_frame(TokenFrame frame);

  // Returns how many of them are new. A content that the model has as a token keeps its id.
  int64_t add_tokens(const std::vector<AddedToken>& tokens);
  const AddedTokens& added_tokens() const { return *added_; }

  int32_t size() const;  // ids of the model and the added ones
  // Names of tokens; IndexError outside 0..size().
  std::string_view id_to_token(int32_t id) const;
  std::optional<int32_t> token_to_id(std::string_view token) const;
  bool is_special(int32_t id) const;

  // Padding to "the longest" pads nothing here; see encode_batch.
  Encoding encode(const TextInput& input, const TokenizeOptions& options = {}) const;
  // In the order of the inputs, on `threads` threads (0: get_num_threads()).
  std::vector<Encoding> encode_batch(std::span<const TextInput> inputs,
                                     const TokenizeOptions& options = {}, int threads = 0) const;
  // Special tokens on request aside, decode(encode(x).ids) == x for all bytes x, unless an added
  // token strips.
  std::string decode(std::span<const int32_t> ids, bool skip_special = true) const;
  std::vector<std::string> decode_batch(std::span<const std::vector<int32_t>> batch,
                                        bool skip_special = true, int threads = 0) const;
  // How many special tokens the frame adds.
  int64_t frame_size(bool pair) const;

 private:
  Encoding encode_text(std::string_view text, const TokenizeOptions& options, int32_t type) const;
  void append_model(std::string_view text, size_t at, const TokenizeOptions& options,
                    ModelTokens& out) const;
  Encoding framed(const Encoding& a, const Encoding* b, bool add_special) const;
  void add_special(Encoding& out, std::span<const int32_t> ids, int32_t type) const;
  void pad_to(Encoding& encoding, const Padding& padding, size_t longest) const;

  std::shared_ptr<const TokenizerModel> model_;
  // Shared by copies of the tokenizer; never changed, only replaced.
  std::shared_ptr<const AddedTokens> added_ = std::make_shared<AddedTokens>();
  TokenFrame frame_;
  int32_t size_ = 0;
};

// Text of ids as they come. What push gives never ends inside a UTF-8 character; bytes that are no
// UTF-8 come as they are. The tokenizer must outlive it.
class DecodeStream {
 public:
  explicit DecodeStream(const Tokenizer& tokenizer, bool skip_special = true);
  std::string push(int32_t id);  // "" while a character is incomplete
  std::string finish();          // all that was held back

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::unique_ptr<ModelDecoder> decoder_;
  std::string held_;
};

}  // namespace lydia::text
