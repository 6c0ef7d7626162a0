// Byte-pair encoding, the usual subword tokenizer, as a yardstick: starts from characters and joins
// the pair of neighbours that is most frequent in the training text, again and again (Sennrich,
// Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", ACL 2016). The
// space before a word is its first character (U+2581), as SentencePiece has it; characters that
// training has not seen are spelled as bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lydia::text {

struct BpeTrainOptions {
  int32_t vocab_size = 32000;
  int64_t min_count = 2;  // pairs seen less often are not joined
  // Told now and then how many merges are done, and of how many.
  std::function<void(int64_t done, int64_t total)> progress = {};
};

class Bpe {
 public:
  // Throws ValueError when the vocabulary has no room for the 256 bytes and the characters.
  static Bpe train(std::string_view text, const BpeTrainOptions& options = {});

  int32_t vocab_size() const { return static_cast<int32_t>(pieces_.size()); }
  std::string_view piece(int32_t id) const { return pieces_[static_cast<size_t>(id)]; }
  // The first word counts as standing behind a space.
  std::vector<int32_t> encode(std::string_view text) const;
  // The pieces of one word without white space, as they are spelled in it.
  std::vector<std::string> segment(std::string_view word) const;

 private:
  struct Merge {
    int32_t rank, id;
  };
  void encode_word(std::string_view word, std::vector<int32_t>& ids) const;

  std::vector<std::string> pieces_;  // 256 bytes first
  std::unordered_map<std::string, int32_t> characters_;
  std::unordered_map<uint64_t, Merge> merges_;  // by both ids
};

}  // namespace lydia::text
