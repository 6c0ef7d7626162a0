// Which words a text has, and how often.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece_word.h"

namespace lydia::text {

inline constexpr size_t kMaxMarks = 12;

using TextCounts = std::map<std::string, int64_t, std::less<>>;

// How often something follows at once, and how often behind one space.
struct Followers {
  int64_t at_once = 0, spaced = 0;
};
using FollowerCounts = std::map<std::string, Followers, std::less<>>;

// Runs as they are written, with their counts, in the order of their bytes.
struct RunCounts {
  TextCounts words, numbers, others;
  // Those of the words and numbers that stand directly behind another run, by that run: others of
  // at most kMaxMarks bytes as they are, longer ones by their last character, words and numbers as
  // "".
  std::map<std::string, TextCounts, std::less<>> words_behind, numbers_behind;
  // What follows others, by the whole run (kMaxMarks bytes at most) and by its last character.
  FollowerCounts run_followers, followers;
  int64_t bytes = 0;

  void add_text(std::string_view text);
  // Whether what follows these marks rather does so without a space.
  bool opens(std::string_view marks) const;
  // Those behind runs that do not open.
  TextCounts glued(const std::map<std::string, TextCounts, std::less<>>& behind) const;
  // "word<TAB>count" lines; ValueError that names `label` for others.
  void add_counts(std::string_view lines, const std::string& label);
};

}  // namespace lydia::text
