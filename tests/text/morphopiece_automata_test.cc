// What a model makes of its tables when it is loaded, beside the plain way to the same answers.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "lydia/core/error.h"
#include "lydia/text/morphopiece_model.h"
#include "lydia/text/morphopiece_reverse.h"
#include "lydia/text/morphopiece_speller.h"
#include "tests/text/morphopiece_fixture.h"

namespace lydia::text {
namespace {

const MorphoPieceModel& fixture_model() {
  static const MorphoPieceModel model(std::string(fixture_tokenizer().bytes()), "test");
  return model;
}

// Whether the automaton of suffixes reads these codes from `state` to a word's end, arc by arc.
bool reads_plainly(const MorphoPieceModel& model, uint32_t state, std::string_view codes) {
  const StateRecord& record = model.states[state];
  if (codes.empty()) return record.final_cost != kNever;
  const auto rows = static_cast<size_t>(std::popcount(record.first_letters));
  for (uint32_t a = model.letters[record.letters_at]; a < model.letters[record.letters_at + rows];
       ++a) {
    const ArcRecord& arc = model.arcs[a];
    std::string letters;
    for (int i = 0; i < arc.size; ++i) letters += static_cast<char>(arc.letters >> (8 * i));
    if (codes.starts_with(letters) && reads_plainly(model, arc.target, codes.substr(arc.size))) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the reversed automaton knows which states read an ending") {
  const MorphoPieceModel& model = fixture_model();
  size_t read = 0, unread = 0;
  for (const std::string word : {"larımızdan", "lerinizdekiler", "ıyorlardı", "mektenmişçesine",
                                 "acaklarmış", "sınlar", "kıxyz", "arrr", "dığımız", "ebiliriz"}) {
    Word letters;
    REQUIRE(read_word(word, letters));
    Rests rests;
    rests.read(model.reverse, letters);
    const std::string codes = letter_codes(word);
    for (int at = 0; at <= letters.size; ++at) {
      for (uint32_t state = 0; state < model.states.size(); ++state) {
        const bool is_read =
            at >= rests.first && model.reverse.reads(state, rests.row[static_cast<size_t>(at)]);
        const bool expected =
            reads_plainly(model, state, std::string_view(codes).substr(static_cast<size_t>(at)));
        CHECK_MESSAGE(is_read == expected, word, " from letter ", at, " in state ", state);
        ++(expected ? read : unread);
      }
    }
  }
  CHECK(read > 1000);
  CHECK(unread > 1000);
}

TEST_CASE("an automaton finds all pieces that end at a byte, the longest first") {
  std::mt19937_64 random(11);
  const auto text_of = [&](size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += "abc\xC4"[random() % 4];
    return text;
  };
  constexpr int32_t kByteCost = 1000;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 30; ++i) texts.push_back(text_of(1 + random() % 5));
    std::vector<PieceAutomaton::Piece> pieces;
    for (const std::string& text : texts) {
      pieces.push_back({text, static_cast<int32_t>(pieces.size()),
                        static_cast<int32_t>(random() % 1500), random() % 2 == 0});
    }
    const PieceAutomaton automaton(pieces, kByteCost);
    for (const bool starts_word : {false, true}) {
      const std::string text = text_of(40) + "?" + text_of(10);
      auto row = starts_word ? automaton.initial() : PieceAutomaton::kInner;
      for (size_t end = 1; end <= text.size(); ++end) {
        row = automaton.next(row, text[end - 1]);
        std::vector<uint32_t> expected, found;
        for (size_t size = end + 1; size-- > 1;) {
          // A piece that starts a word counts the mark; it comes before an inner one of its size.
          for (const bool initial : {true, false}) {
            if (initial && (!starts_word || size != end)) continue;
            for (const PieceAutomaton::Piece& piece : pieces) {
              const bool is_dear = size == 1 && piece.cost >= kByteCost;
              if (is_dear || piece.initial != initial ||
                  piece.text != text.substr(end - size, size))
                continue;
              expected.push_back(static_cast<uint32_t>(piece.id));
              break;  // of pieces with one text the first
            }
          }
        }
        for (const PieceAutomaton::Match match : automaton.matches(row)) found.push_back(match.id);
        CHECK(found == expected);
      }
    }
  }
}

TEST_CASE("grammars that can be read in too many ways are refused") {
  // Any number of one letter.
  std::vector<StateRecord> states = {{uint64_t{1} << 1, 0, 0}};
  std::vector<uint32_t> letters = {0, 1};
  std::vector<ArcRecord> arcs = {{0x01, 0, 0, 0, 0, 1}};
  CHECK(ReverseAutomaton(states, letters, arcs, "test").size() == 2);
  // State 1 wants an a as the 16th letter, and then anything: backwards the 16 letters read last
  // must be kept in mind.
  constexpr uint32_t kDepth = 16;
  states.clear(), letters.clear(), arcs.clear();
  for (uint32_t s = 0; s <= kDepth; ++s) {
    states.push_back({0b110, static_cast<uint32_t>(letters.size()), s == 0 ? 0 : kNever});
    for (const uint64_t letter : {1, 2}) {
      letters.push_back(static_cast<uint32_t>(arcs.size()));
      if (s == 0) arcs.push_back({letter, 0, 0, 0, 0, 1});
      if (s == kDepth && letter == 1) arcs.push_back({letter, 0, 0, 0, 0, 1});
      if (s > 0 && s < kDepth) arcs.push_back({letter, s + 1, 0, 0, 0, 1});
    }
    letters.push_back(static_cast<uint32_t>(arcs.size()));
  }
  CHECK_THROWS_WITH_AS(ReverseAutomaton(states, letters, arcs, "test"),
                       doctest::Contains("in more than"), ValueError);
  // Beside half a million states, sets are large and must be fewer.
  states.resize(500'000 + kDepth + 1, {0, 0, kNever});
  CHECK_THROWS_WITH_AS(ReverseAutomaton(states, letters, arcs, "test"),
                       doctest::Contains("in more than 1073 ways"), ValueError);
}

}  // namespace lydia::text
