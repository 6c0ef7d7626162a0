#include "lydia/text/char_vocab.h"

#include <algorithm>
#include <map>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::text {

CharVocab CharVocab::build(std::u32string_view text, size_t min_count) {
  std::map<char32_t, size_t> counts;
  for (const char32_t c : text) ++counts[c];
  std::u32string characters;
  for (const auto& [character, count] : counts) {
    if (count >= min_count) characters.push_back(character);
  }
  return from_characters(characters);
}

CharVocab CharVocab::from_characters(std::u32string_view characters) {
  CharVocab vocab;
  vocab.characters_ = characters;
  std::sort(vocab.characters_.begin(), vocab.characters_.end());
  for (const char32_t c : vocab.characters_) {
    const bool added = vocab.ids_.emplace(c, static_cast<int32_t>(vocab.ids_.size()) + 1).second;
    LYDIA_CHECK(added, ValueError, "CharVocab: expected each character once, got U+", std::hex,
                static_cast<uint32_t>(c), " twice");
  }
  return vocab;
}

int32_t CharVocab::id(char32_t character) const {
  const auto found = ids_.find(character);
  return found == ids_.end() ? kUnknown : found->second;
}

std::vector<int32_t> CharVocab::encode(std::u32string_view text) const {
  std::vector<int32_t> ids;
  ids.reserve(text.size());
  for (const char32_t c : text) ids.push_back(id(c));
  return ids;
}

std::u32string CharVocab::decode(std::span<const int32_t> ids) const {
  std::u32string text;
  for (const int32_t id : ids) {
    LYDIA_CHECK(id >= 0 && id < size(), IndexError, "CharVocab::decode: expected ids below ",
                size(), ", got ", id);
    text.push_back(id == kUnknown ? kReplacementChar : characters_[static_cast<size_t>(id - 1)]);
  }
  return text;
}

}  // namespace lydia::text
