// The model file: the same inputs give the same bytes, what is loaded is what was saved, and a file
// that is not right is refused, whatever is wrong with it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

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

// Refused with a typed error, or harmless: then everything must still work.
void try_model(std::string bytes) {
  try {
    const MorphoPiece t = MorphoPiece::from_bytes(std::move(bytes));
    const std::string text = "Kitaplarımızdan birini eve götürdüm, 1923'te; Ankara'nın xyz.";
    MorphEncodeOptions options;
    for (const auto mode : {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical}) {
      options.mode = mode;
      t.decode(t.encode(text, options).ids);
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
    if (section == Section::Meta) continue;
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
