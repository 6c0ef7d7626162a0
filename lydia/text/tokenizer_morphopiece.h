// MorphoPiece as the model of a Tokenizer.
#pragma once

#include "lydia/text/morphopiece.h"
#include "lydia/text/tokenizer_model.h"

namespace lydia::text {

class MorphoPieceAdapter final : public TokenizerModel {
 public:
  explicit MorphoPieceAdapter(MorphoPiece tokenizer) : tokenizer_(std::move(tokenizer)) {}
  const MorphoPiece& morphopiece() const { return tokenizer_; }

  std::string_view kind() const override { return "morphopiece"; }
  int32_t vocab_size() const override { return tokenizer_.vocab_size(); }
  SpecialIds special_ids() const override;
  bool is_special(int32_t id) const override { return id >= 0 && id <= MorphoPiece::kMask; }
  std::string_view id_to_token(int32_t id) const override { return tokenizer_.id_to_token(id); }
  std::optional<int32_t> token_to_id(std::string_view token) const override {
    return tokenizer_.token_to_id(token);
  }
  TokenClass padding_class() const override { return class_of(MorphType::Pad); }
  TokenClass special_class() const override { return class_of(MorphType::Special); }
  TokenClass added_class() const override {
    return {static_cast<uint8_t>(MorphType::Other),
            static_cast<uint8_t>(SemanticCategory::Unknown)};
  }
  ModelTokens encode(std::string_view text, const ModelEncodeOptions& options) const override;
  std::unique_ptr<ModelDecoder> decoder(bool skip_special) const override;
  std::string save(const std::string& folder) const override;

  // The name of the model file in a tokenizer's folder, unless another model has it.
  static constexpr const char* kFileName = "morphopiece.bin";

 private:
  // Padding and special tokens have the same number in both classes.
  static TokenClass class_of(MorphType type) {
    return {static_cast<uint8_t>(type), static_cast<uint8_t>(type)};
  }

  MorphoPiece tokenizer_;
};

// The MorphoPiece of a tokenizer. Throws TypeError, beginning with `what`, for other kinds.
const MorphoPiece& morphopiece_of(const TokenizerModel& model, std::string_view what);

}  // namespace lydia::text
