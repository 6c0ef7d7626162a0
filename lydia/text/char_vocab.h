// The characters of a text as numbers: 0 is "any character that is not in the vocabulary", then the
// known ones by code point.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lydia::text {

class CharVocab {
 public:
  static constexpr int32_t kUnknown = 0;

  // Of the characters that occur at least `min_count` times in `text`.
  static CharVocab build(std::u32string_view text, size_t min_count = 1);
  // The inverse of characters(): each character once, in any order.
  static CharVocab from_characters(std::u32string_view characters);

  // The characters and kUnknown together.
  int32_t size() const { return static_cast<int32_t>(characters_.size()) + 1; }
  const std::u32string& characters() const { return characters_; }
  int32_t id(char32_t character) const;
  std::vector<int32_t> encode(std::u32string_view text) const;
  // kUnknown becomes U+FFFD; throws IndexError for numbers that are not in the vocabulary.
  std::u32string decode(std::span<const int32_t> ids) const;

 private:
  std::u32string characters_;  // [id - 1]
  std::unordered_map<char32_t, int32_t> ids_;
};

}  // namespace lydia::text
