// Tokens that a user adds to a tokenizer: found in the text before the model sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lydia::text {

struct AddedToken {
  std::string content;
  int32_t id = -1;                      // given by AddedTokens::add
  bool special = false;                 // left out by decode unless asked for
  bool single_word = false;             // not inside a longer word
  bool lstrip = false, rstrip = false;  // takes the white space on that side with it
  friend bool operator==(const AddedToken&, const AddedToken&) = default;
};

class AddedTokens {
 public:
  // A token and where it stands in a text.
  struct Match {
    size_t begin = 0, end = 0;
    const AddedToken* token = nullptr;
  };

  // False when a token of that content is there already (its properties are then those of the new
  // one). Throws ValueError for an empty content.
  bool add(AddedToken token, int32_t id);

  bool empty() const { return tokens_.empty(); }
  const std::vector<AddedToken>& tokens() const { return tokens_; }
  const AddedToken* find(int32_t id) const;
  const AddedToken* find(std::string_view content) const;
  // The first match that begins at or after `from`, the longest of those that begin there.
  std::optional<Match> next(std::string_view text, size_t from) const;

 private:
  std::vector<AddedToken> tokens_;
  std::unordered_map<int32_t, uint32_t> by_id_;
  std::unordered_map<std::string, uint32_t> by_content_;
  std::vector<uint32_t> by_first_[256];  // by first byte, the longest first
};

}  // namespace lydia::text
