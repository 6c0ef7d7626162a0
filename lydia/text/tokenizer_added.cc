#include "lydia/text/tokenizer_added.h"

#include <algorithm>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Bytes of letters outside ASCII count as parts of a word.
bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
         (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

}  // namespace

bool AddedTokens::add(AddedToken token, int32_t id) {
  LYDIA_CHECK(!token.content.empty(), ValueError,
              "tokenizer: expected an added token with text, got an empty one");
  if (const auto there = by_content_.find(token.content); there != by_content_.end()) {
    AddedToken& known = tokens_[there->second];
    token.id = known.id;
    known = std::move(token);
    return false;
  }
  token.id = id;
  auto& same_first = by_first_[static_cast<unsigned char>(token.content[0])];
  const auto shorter = std::find_if(same_first.begin(), same_first.end(), [&](uint32_t i) {
    return tokens_[i].content.size() < token.content.size();
  });
  const auto index = static_cast<uint32_t>(tokens_.size());
  same_first.insert(shorter, index);
  by_id_.emplace(id, index);
  by_content_.emplace(token.content, index);
  tokens_.push_back(std::move(token));
  return true;
}

const AddedToken* AddedTokens::find(int32_t id) const {
  const auto there = by_id_.find(id);
  return there == by_id_.end() ? nullptr : &tokens_[there->second];
}

const AddedToken* AddedTokens::find(std::string_view content) const {
  const auto there = by_content_.find(std::string(content));
  return there == by_content_.end() ? nullptr : &tokens_[there->second];
}

std::optional<AddedTokens::Match> AddedTokens::next(std::string_view text, size_t from) const {
  if (tokens_.empty()) return std::nullopt;
  for (size_t at = from; at < text.size(); ++at) {
    for (const uint32_t i : by_first_[static_cast<unsigned char>(text[at])]) {
      const AddedToken& token = tokens_[i];
      size_t begin = at, end = at + token.content.size();
      if (text.compare(at, token.content.size(), token.content) != 0) continue;
      if (token.single_word &&
          ((begin > 0 && is_word(text[begin - 1])) || (end < text.size() && is_word(text[end]))))
        continue;
      while (token.lstrip && begin > from && is_space(text[begin - 1])) --begin;
      while (token.rstrip && end < text.size() && is_space(text[end])) ++end;
      return Match{begin, end, &token};
    }
  }
  return std::nullopt;
}

}  // namespace lydia::text
