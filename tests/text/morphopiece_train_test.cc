// What the trainer puts into a vocabulary, and what that does to texts.
#include <doctest/doctest.h>

#include <algorithm>

#include "lydia/text/morphopiece_counts.h"
#include "lydia/text/morphopiece_roots.h"
#include "lydia/text/morphopiece_sequences.h"
#include "tests/text/morphopiece_fixture.h"

using namespace lydia::text;

namespace {

using Ids = std::vector<int32_t>;

std::vector<Ids> chosen(const std::vector<CountedTokens>& runs, size_t limit) {
  std::vector<Ids> ids;
  for (const ChosenSequence& each : choose_sequences(runs, limit)) ids.push_back(each.ids);
  return ids;
}

MorphoPiece train_on(const std::string& sentence, int32_t vocab_size) {
  MorphTrainOptions options;
  options.vocab_size = vocab_size;
  int times = 20;
  options.next_text = [&](std::string& text) {
    text = sentence + "\n";
    return times-- > 0;
  };
  return train_morphopiece(options);
}

Ids ids_of(const MorphoPiece& tokenizer, std::string_view text, MorphMode mode) {
  MorphEncodeOptions options;
  options.mode = mode;
  const Ids ids = tokenizer.encode(text, options).ids;
  CHECK(tokenizer.decode(ids) == text);
  return ids;
}

int64_t count_of(const Ids& ids, int32_t id) { return std::count(ids.begin(), ids.end(), id); }

}  // namespace

TEST_CASE("sequences are what new words are made of before they are what was met once") {
  std::vector<CountedTokens> runs;
  for (int32_t root = 100; root < 110; ++root) runs.push_back({{root, 1, 2, 3}, 1});
  CHECK(chosen(runs, 1) == std::vector<Ids>{{1, 2, 3}});
  // With room for all, the words are in too, behind what several of them share.
  const std::vector<Ids> all = chosen(runs, 1000);
  CHECK(std::find(all.begin(), all.end(), Ids{100, 1, 2, 3}) != all.end());
  CHECK(all.front() == Ids{1, 2, 3});
}

TEST_CASE("a sequence that another makes useless has no place") {
  // Wherever 1 2 stands, 3 follows.
  const std::vector<CountedTokens> runs = {
      {{1, 2, 3}, 50}, {{9, 1, 2, 3}, 50}, {{4, 5}, 2}, {{6, 4, 5}, 2}};
  const std::vector<Ids> two = chosen(runs, 4);
  CHECK(std::find(two.begin(), two.end(), Ids{1, 2}) == two.end());
  CHECK(std::find(two.begin(), two.end(), Ids{1, 2, 3}) != two.end());
  CHECK(std::find(two.begin(), two.end(), Ids{4, 5}) != two.end());
  CHECK(chosen({}, 10).empty());
  CHECK(chosen(runs, 0).empty());
}

TEST_CASE("whether marks open is told of whole runs of them") {
  RunCounts counts;
  counts.add_text("dedi \"ev\" ve \"okul\" dedi (x) a/b a/b");
  CHECK(counts.opens(" \""));
  CHECK(!counts.opens("\""));
  CHECK(counts.opens(" ("));
  CHECK(
      counts.opens("["
                   " ("));  // as its last character
  CHECK(!counts.opens(""));
  const TextCounts glued = counts.glued(counts.words_behind);
  CHECK(glued.empty());  // "/" opens here
  counts.add_text(" a / b / c / d / e");
  CHECK(counts.glued(counts.words_behind).empty());  // the run is "/", not " /"
  counts.add_text("3x");
  CHECK(counts.glued(counts.words_behind).at("x") == 1);
}

TEST_CASE("quotes need neither <glue> nor <space>") {
  const MorphoPiece tokenizer = train_on("Kitaba \"ev\" dedi, sonra \"okul\" yazdı.", 6000);
  for (const MorphMode mode : {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical}) {
    const Ids ids = ids_of(tokenizer, "Okula \"kitap\" dedi, sonra \"ev\" yazdı.", mode);
    CHECK(count_of(ids, MorphoPiece::kGlue) == 0);
    CHECK(count_of(ids, *tokenizer.token_to_id("<space>")) == 0);
  }
}

TEST_CASE("digits and spelled words behind other runs do without <glue>, words have it") {
  const MorphoPiece& tokenizer = fixture_tokenizer();
  CHECK(count_of(ids_of(tokenizer, "12-345;6", MorphMode::Morph), MorphoPiece::kGlue) == 0);
  CHECK(count_of(ids_of(tokenizer, "a-qwxq", MorphMode::Morph), MorphoPiece::kGlue) == 0);
  const Ids words = ids_of(tokenizer, "ev-kitap", MorphMode::Morph);
  CHECK(count_of(words, MorphoPiece::kGlue) == 1);
  // A frequent one is part of a sequence.
  const MorphoPiece slashed = train_on("evler-kitaplar", 6000);
  const Ids ids = ids_of(slashed, "evler-kitaplar", MorphMode::Compact);
  CHECK(count_of(ids, MorphoPiece::kGlue) == 0);
  CHECK(ids.size() == 3);
}

TEST_CASE("a vocabulary of 32k has the roots of the hand-written list, whatever the text") {
  const MorphoPiece tokenizer = train_on("Bu bir metindir.", 32000);
  for (const char* word : {"çöp", "sabah", "deniz", "yağmur", "koş", "memnuniyet"}) {
    CAPTURE(word);
    const Ids ids = ids_of(tokenizer, word, MorphMode::Compact);
    REQUIRE(ids.size() == 1);
    CHECK(tokenizer.piece(ids[0]).kind == PieceKind::Root);
  }
}

TEST_CASE("a dictionary's -sI forms of listed nouns are no roots, other words in -sI are") {
  const std::vector<NamedText> lists = {{"list", "doktor\tnoun\t-\tperson\n"}};
  int64_t done = 0, total = 0;
  const TrainLexicon lexicon =
      collect_roots(false, lists, "3\ndoktorsu\nkomposu\nbavul\n", "SET UTF-8\nSFX 1 0 lar .\n",
                    [&](int64_t d, int64_t t) { done = d, total = t; });
  const auto has = [&](std::u32string_view lemma) {
    return std::any_of(lexicon.roots.begin(), lexicon.roots.end(),
                       [&](const Root& root) { return root.lemma == lemma; });
  };
  CHECK(has(U"doktor"));
  CHECK(!has(U"doktorsu"));
  CHECK(has(U"komposu"));
  CHECK(has(U"bavul"));
  CHECK((total > 0 && done == total));
}
