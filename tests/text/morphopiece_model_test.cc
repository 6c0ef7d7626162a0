// The model file: the same inputs give the same bytes, what is loaded is what was saved, and a file
// that is not right is refused, whatever is wrong with it.
#include "lydia/text/morphopiece_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_file.h"
#include "lydia/text/morphopiece_train.h"
#include "tests/text/morphopiece_fixture.h"

namespace lydia::text {
namespace {

// Replaces a section of a model by `edit`ed bytes and seals it again, so that only the model's own
// checks can find what is wrong.
template <class Edit>
std::string with_section(const std::string& file, Section which, Edit&& edit) {
  const ModelReader reader(file, "test");
  ModelWriter writer;
  for (size_t i = 0; i < kSections; ++i) {
    const auto section = static_cast<Section>(i);
    std::string bytes(reader.bytes(section));
    if (section == which) edit(bytes);
    writer.set(section, std::move(bytes));
  }
  return writer.finish();
}

// Refused with a typed error, or harmless: then everything must still work, and come back.
void try_model(std::string bytes) {
  try {
    const MorphoPiece t = MorphoPiece::from_bytes(std::move(bytes));
    const std::string text =
        "Kitaplarımızdan birini eve götürdüm, 1923'te; Ankara'nın xyz. TBMM_üyesi (ev)  "
        "LibreOffice!";
    MorphEncodeOptions options;
    for (const auto mode : {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical}) {
      options.mode = mode;
      CHECK(t.decode(t.encode(text, options).ids) == text);
    }
    t.segment("kitaplarımızdan", 3);
  } catch (const ValueError&) {
  }
}

}  // namespace

TEST_CASE("training repeats bit for bit") {
  CHECK(train_morphopiece(fixture_options()).bytes() == fixture_tokenizer().bytes());
}

TEST_CASE("a saved model is the same model") {
  const MorphoPiece& t = fixture_tokenizer();
  const auto path = std::filesystem::temp_directory_path() / "lydia_morphopiece_test.model";
  t.save(path);
  const MorphoPiece loaded = MorphoPiece::load(path);
  CHECK(loaded.bytes() == t.bytes());
  CHECK(loaded.encode(fixture_text()).ids == t.encode(fixture_text()).ids);
  // A file that a killed program left half written is refused; the next save puts a whole one.
  std::filesystem::resize_file(path, t.bytes().size() / 2);
  CHECK_THROWS_WITH_AS(MorphoPiece::load(path), doctest::Contains("cut short"), ValueError);
  t.save(path);
  CHECK(MorphoPiece::load(path).bytes() == t.bytes());
  std::filesystem::remove(path);
  CHECK_THROWS_AS(MorphoPiece::load(path), IoError);
}

TEST_CASE("a newer format is refused by name") {
  std::string bytes(fixture_tokenizer().bytes());
  ++bytes[8];
  CHECK_THROWS_WITH_AS(MorphoPiece::from_bytes(bytes), doctest::Contains("newer lydia"),
                       ValueError);
  CHECK_THROWS_WITH_AS(MorphoPiece::from_bytes("no model"),
                       doctest::Contains("expected a MorphoPiece model"), ValueError);
  CHECK_THROWS_AS(MorphoPiece::from_bytes(""), ValueError);
}

TEST_CASE("every flipped bit and every cut is found") {
  const std::string bytes(fixture_tokenizer().bytes());
  const ModelReader reader(bytes, "test");
  std::mt19937_64 random(3);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = bytes;
    damaged.resize(random() % bytes.size());
    CHECK_THROWS_AS(MorphoPiece::from_bytes(damaged), ValueError);
  }
  for (size_t i = 0; i < kSections; ++i) {
    const std::string_view section = reader.bytes(static_cast<Section>(i));
    if (section.empty()) continue;
    std::string damaged = bytes;
    const size_t at =
        static_cast<size_t>(section.data() - bytes.data()) + random() % section.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    CHECK_THROWS_WITH_AS(MorphoPiece::from_bytes(damaged), doctest::Contains("damaged"),
                         ValueError);
  }
  for (size_t at = 0; at < 48 + kSections * 24; ++at) {  // the head and the table
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CHECK_THROWS_AS(MorphoPiece::from_bytes(damaged), ValueError);
  }
}

TEST_CASE("sections that contradict each other do no harm") {
  const std::string bytes(fixture_tokenizer().bytes());
  const char* rounds = std::getenv("LYDIA_FUZZ_ROUNDS");
  const int each = 4 * (rounds == nullptr ? 1 : std::max(1, std::atoi(rounds)));
  std::mt19937_64 random(5);
  for (size_t i = 0; i < kSections; ++i) {
    const auto section = static_cast<Section>(i);
    for (int n = 0; n < each; ++n) {
      try_model(with_section(bytes, section, [&](std::string& content) {
        if (content.empty()) return;
        if (n % 4 == 0) {
          content.resize(random() % content.size());
          return;
        }
        for (int k = 0; k < 8; ++k) {  // small numbers and huge ones, where records have theirs
          const size_t at = random() % content.size() / 4 * 4;
          const uint32_t value = n % 4 == 1 ? static_cast<uint32_t>(random())
                                            : static_cast<uint32_t>(random() % 70000);
          std::memcpy(content.data() + at, &value, std::min<size_t>(4, content.size() - at));
        }
      }));
    }
  }
}

TEST_CASE("what encoding takes from tables without looking is looked at when loading") {
  const std::string bytes(fixture_tokenizer().bytes());
  const auto refused = [&](Section section, auto record, auto&& edit) {
    using Record = decltype(record);
    const std::string file = with_section(bytes, section, [&](std::string& content) {
      std::vector<Record> records(content.size() / sizeof(Record));
      std::memcpy(records.data(), content.data(), content.size());
      edit(records);
      std::memcpy(content.data(), records.data(), content.size());
    });
    CHECK_THROWS_WITH_AS(MorphoPiece::from_bytes(file), doctest::Contains("contradicts itself"),
                         ValueError);
  };
  const auto with_pieces = [&](auto&& edit) { refused(Section::Pieces, PieceRecord(), edit); };
  const auto first = [](const auto& pieces, PieceKind kind) {
    size_t i = 0;
    while (pieces[i].kind != static_cast<uint8_t>(kind)) ++i;
    return i;
  };
  with_pieces([](auto& p) { p[MorphoPiece::kFirstByte + 'q'].flags = kStartsWord; });
  with_pieces([](auto& p) { p[MorphoPiece::kFirstByte + '_'].flags = kHasLetters; });
  with_pieces(
      [](auto& p) { p[MorphoPiece::kGlue].kind = static_cast<uint8_t>(PieceKind::Spelling); });
  with_pieces([&](auto& p) { p[first(p, PieceKind::Root)].flags |= kOpens; });
  with_pieces([&](auto& p) { p[first(p, PieceKind::Suffix)].flags |= kStartsWord; });
  with_pieces([&](auto& p) { p[first(p, PieceKind::Symbol)].flags |= kHasLetters; });
  with_pieces([&](auto& p) { p[first(p, PieceKind::Sequence)].flags ^= kStartsWord; });
  with_pieces([&](auto& p) {
    const size_t at = first(p, PieceKind::Spelling);
    std::swap(p[at].text, p[at + 1].text);  // a and A
  });
  refused(Section::Spellings, SpellingRecord(), [](auto& s) { std::swap(s[0], s[1]); });
  refused(Section::Parts, int32_t(), [](auto& parts) { std::swap(parts[0], parts[1]); });
  refused(Section::WordIds, int32_t(), [](auto& ids) { std::swap(ids.front(), ids.back()); });
  refused(Section::Sequences, SequenceSlot(), [](auto& slots) {
    const auto ends = [](const SequenceSlot& s) { return s.node != kNoNode && s.piece >= 0; };
    const auto one = std::find_if(slots.begin(), slots.end(), ends);
    std::swap(one->piece, std::find_if(one + 1, slots.end(), ends)->piece);
  });
  for (const char* meta : {"", "{", "[]", "{\"a\": \xff}"}) {
    const std::string file =
        with_section(bytes, Section::Meta, [&](std::string& content) { content = meta; });
    CHECK_THROWS_AS(MorphoPiece::from_bytes(file), ValueError);
  }
}

TEST_CASE("options that make no sense are refused") {
  MorphTrainOptions options = fixture_options();
  options.vocab_size = 500;
  CHECK_THROWS_WITH_AS(train_morphopiece(options), doctest::Contains("vocabulary of at least"),
                       ValueError);
  options = fixture_options();
  options.hunspell_dic = "only.dic";
  CHECK_THROWS_AS(train_morphopiece(options), ValueError);
  options = fixture_options();
  options.text_files = {"/no/such/file"};
  CHECK_THROWS_AS(train_morphopiece(options), IoError);
  CHECK_THROWS_AS(parse_morph_mode("compat"), ValueError);
}

}  // namespace lydia::text
