// Well-known Turkish words and where they are cut, words that are none, and paradigms that the
// generator writes and the analyser has to read back.
#include "lydia/text/turkish_analysis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/turkish_letters.h"
#include "tests/text/turkish_roots.h"

namespace lydia::text {
namespace {

const Lexicon& lexicon() {
  static const Lexicon roots = test_lexicon();
  return roots;
}

std::set<std::string> readings(const std::string& word, bool lexical = false) {
  const std::u32string letters = decode_utf8(word);
  std::set<std::string> all;
  for (const Analysis& reading : analyse(letters, lexicon(), {.lexical = lexical})) {
    all.insert(with_bars(letters, reading.suffixes));
  }
  return all;
}

std::string joined(const std::set<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += item + " ";
  return out;
}

void check_cut(const std::string& cut) {
  std::string word;
  std::remove_copy(cut.begin(), cut.end(), std::back_inserter(word), '|');
  const std::set<std::string> found = readings(word);
  CAPTURE(cut);
  CAPTURE(joined(found));
  CHECK(found.contains(cut));
}

TEST_CASE("words are cut where their morphemes meet") {
  for (const char* cut : {
           "kitap|lar|ımız|dan",
           "kitab|ı|nı",
           "oğl|u|nun",
           "hakk|ı|nda",
           "gid|er",
           "git|ti",
           "söyl|üyor",
           "di|yor",
           "su|yu",
           "ban|a",
           "san|a",
           "bun|u",
           "on|a",
           "kendi|n",
           "buzdolap|lar|ı",
           "saat|ler",
           "rol|ü",
           "ev|ler|i|nde",
           "gel|iyor|um",
           "gel|m|iyor",
       }) {
    check_cut(cut);
  }
}

}  // namespace
}  // namespace lydia::text
