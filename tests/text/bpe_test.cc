// Byte-pair encoding: the merges of a small text by hand, and words it has never seen.
#include "lydia/text/bpe.h"

#include <doctest/doctest.h>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

using Pieces = std::vector<std::string>;

// 256 bytes, the characters ▁ a b c, and then one piece a merge.
Bpe train(std::string_view text, int32_t merges) {
  return Bpe::train(text, {.vocab_size = 260 + merges});
}

TEST_CASE("the most frequent pair is joined first") {
  // ▁ab 3 times, ▁abc twice, ▁cb once: (▁,a) and (a,b) stand 5 times each, (ab,c) twice.
  const std::string text = "ab ab ab abc abc cb";
  CHECK(train(text, 0).segment("abc") == Pieces{"a", "b", "c"});
  const Bpe one = train(text, 1);
  CHECK(one.vocab_size() == 261);
  const Bpe two = train(text, 2);
  CHECK(two.segment("ab") == Pieces{"ab"});
  CHECK(two.segment("abc") == Pieces{"ab", "c"});
  CHECK(train(text, 3).segment("abc") == Pieces{"abc"});
  CHECK(train(text, 50).vocab_size() == 263);  // what stands once is not joined
}

TEST_CASE("overlapping pairs, unseen characters, and words joined give the text") {
  const Bpe bpe = Bpe::train("aaaa aaaa bağ bağ", {.vocab_size = 300});
  for (const std::string word : {"aaaaaaa", "bağaa", "x€a", "\xff", "ab"}) {
    std::string joined;
    for (const std::string& piece : bpe.segment(word)) joined += piece;
    CHECK(joined == word);
  }
  CHECK(bpe.segment("bağ") == Pieces{"bağ"});
  CHECK(bpe.encode("").empty());
  CHECK(bpe.encode("bağ  bağ\n").size() == 2);
}

TEST_CASE("the same text gives the same pieces; too small a vocabulary is refused") {
  const std::string text = "kitap kitaplar kitaplık kalem kalemler";
  const Bpe a = Bpe::train(text, {.vocab_size = 290}), b = Bpe::train(text, {.vocab_size = 290});
  REQUIRE(a.vocab_size() == b.vocab_size());
  for (int32_t id = 0; id < a.vocab_size(); ++id) CHECK(a.piece(id) == b.piece(id));
  CHECK_THROWS_AS(Bpe::train(text, {.vocab_size = 260}), ValueError);
}

}  // namespace
}  // namespace lydia::text
