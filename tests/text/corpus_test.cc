// Characters as numbers, and the split into what is learnt from and what is held out.
#include "lydia/text/corpus.h"

#include <doctest/doctest.h>

#include "lydia/core/error.h"
#include "lydia/text/char_vocab.h"

namespace lydia::text {
namespace {

TEST_CASE("vocabulary: known characters come back, others are unknown") {
  const CharVocab vocab = CharVocab::build(U"ağaç, ağıt!", 2);
  CHECK(vocab.characters() == U"ağ");
  CHECK(vocab.size() == 3);
  CHECK(vocab.encode(U"ağç") == std::vector<int32_t>{1, 2, CharVocab::kUnknown});
  CHECK(vocab.decode(vocab.encode(U"ağç")) == U"ağ\xFFFD");
  CHECK(CharVocab::from_characters(U"ğa").characters() == vocab.characters());
  CHECK_THROWS_AS(CharVocab::from_characters(U"aa"), ValueError);
  CHECK_THROWS_AS(vocab.decode(std::vector<int32_t>{3}), IndexError);
  CHECK_THROWS_AS(vocab.decode(std::vector<int32_t>{-1}), IndexError);
}

TEST_CASE("documents: blank lines where there are any, else lines") {
  using Documents = std::vector<std::string_view>;
  CHECK(split_documents("a\nb\n\nc\n\n\n\nd") == Documents{"a\nb\n\n", "c\n\n\n\n", "d"});
  CHECK(split_documents("a\nb\nc\n") == Documents{"a\n", "b\n", "c\n"});
  CHECK(split_documents("").empty());
}

TEST_CASE(
    "the split keeps every document once, copies on one side, and about the share asked for") {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "paragraf " + std::to_string(i % 2000) + "\n";
  const TextSplit split = split_text(text, 10);
  CHECK(split.train.size() + split.held_out.size() == text.size());
  const auto held = split_documents(split.held_out);
  const double share = static_cast<double>(held.size()) / 4000;
  CHECK(share > 0.07);
  CHECK(share < 0.13);
  for (const std::string_view document : held) {
    CHECK(("\n" + split.train).find("\n" + std::string(document)) == std::string::npos);
  }
  // The last line without its line end is still the same document.
  const TextSplit cut = split_text(text.substr(0, text.size() - 1), 10);
  CHECK(cut.train.size() / 10 == split.train.size() / 10);
  CHECK_THROWS_AS(split_text(text, 1), ValueError);
}

}  // namespace
}  // namespace lydia::text
