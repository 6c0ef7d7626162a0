// MorphoPiece: what it reads, that it loses nothing, and that every way to the same result gives
// the same result. The model is trained here, from lydia's own roots and a few sentences.
#include "lydia/text/morphopiece.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/morphopiece_eval.h"
#include "lydia/text/morphopiece_train.h"
#include "tests/text/morphopiece_fixture.h"

namespace lydia::text {
namespace {

constexpr MorphMode kModes[] = {MorphMode::Morph, MorphMode::Compact, MorphMode::Canonical};

std::string cut(const MorphoPiece& tokenizer, std::string_view word) {
  std::string out;
  const std::vector<Segmentation> best = tokenizer.segment(word);
  for (const Morph& morph : best[0].morphs) out += (out.empty() ? "" : "|") + morph.surface;
  return out;
}

// Encoded in every mode, decoded again, with and without caches, with spans that tile the text.
void check_round_trip(const MorphoPiece& tokenizer, const std::string& text) {
  for (const MorphMode mode : kModes) {
    MorphEncodeOptions options;
    options.mode = mode;
    const std::vector<int32_t> ids = tokenizer.encode(text, options).ids;
    REQUIRE(tokenizer.decode(ids) == text);
    options.use_cache = false;
    REQUIRE(tokenizer.encode(text, options).ids == ids);
    options.offsets = options.types = true;
    const MorphEncoding spans = tokenizer.encode(text, options);
    REQUIRE(spans.ids == ids);
    REQUIRE(spans.offsets.size() == ids.size());
    REQUIRE(spans.types.size() == ids.size());
    options.use_cache = true;
    for (int again = 0; again < 2; ++again) {  // as it is met and as it is remembered
      const MorphEncoding same = tokenizer.encode(text, options);
      REQUIRE(same.ids == ids);
      REQUIRE(same.offsets == spans.offsets);
      REQUIRE(same.word_ids == spans.word_ids);
      REQUIRE(same.types == spans.types);
      REQUIRE(same.categories == spans.categories);
    }
    uint32_t at = 0;
    for (const ByteSpan& span : spans.offsets) {
      REQUIRE(span.begin == at);
      REQUIRE(span.end >= span.begin);
      at = span.end;
    }
    REQUIRE(at == text.size());
    REQUIRE(std::find(ids.begin(), ids.end(), MorphoPiece::kUnk) == ids.end());
  }
}

std::string streamed(const MorphoPiece& tokenizer, const std::vector<int32_t>& ids) {
  MorphoPiece::Decoder decoder(tokenizer);
  std::string out;
  for (const int32_t id : ids) decoder.push(id, out);
  decoder.finish(out);
  return out;
}

}  // namespace

TEST_CASE("words are cut where their morphemes meet") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::pair<const char*, const char*> words[] = {
      {"kitaplarımızdan", "kitap|lar|ımız|dan"},
      {"kitabı", "kitab|ı"},
      {"evlerimde", "ev|ler|im|de"},
      {"geliyorum", "gel|iyor|um"},
      {"arabayı", "araba|yı"},
      {"oğlumuz", "oğl|umuz"},
      {"gidecekler", "gid|ecek|ler"},
      {"söylüyor", "söyl|üyor"},
      {"Ankara'nın", "Ankara|'|nın"},
      {"TÜBİTAK'ın", "TÜBİTAK|'|ın"},
      {"1923'te", "1923|'|te"},
      {"İstanbul’da", "İstanbul|’|da"},
      {"KİTAPLAR", "KİTAP|LAR"},
      // Nouns that are aorists as well: gelir is an income too.
      {"gelirken", "gel|ir|ken"},
      {"gelirim", "gelir|im"},
      {"okurmuş", "oku|r|muş"},
      // Not dişle|r: the noun is the more frequent.
      {"dişler", "diş|ler"},
      {"gözler", "göz|ler"},
      {"futbolu", "futbol|u"},
      {"bilmiyormuşçasına", "bil|m|iyor|muş|çasına"},
      {"haddini", "hadd|i|ni"},
      {"kolesterolünüz", "kolesterol|ünüz"},
      {"Dr.'un", "Dr|.|'|un"},
      {"Çekoslovakyalılaştıramadıklarımızdanmışsınız",
       "Çekoslovakya|lı|laş|tır|a|ma|dık|lar|ımız|dan|mış|sınız"},
      {"muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine",
       "muvaffakiyet|siz|leş|tir|ici|leş|tir|iver|e|me|yebil|ecek|ler|imiz|den|miş|siniz|cesine"},
  };
  for (const auto& [word, wanted] : words) CHECK(cut(t, word) == wanted);
}

TEST_CASE("morphemes joined are the word, and the best reading comes first") {
  const MorphoPiece& t = fixture_tokenizer();
  for (const char* word : {"evleri", "kitabını", "gelin", "xyzq", "LibreOffice'te", "12'si", "'",
                           "İ", "çocuğunki", "yüzdesi", "\xFF\xFE", "kağıdı", "hâlâ"}) {
    double last = -1e9;
    const std::vector<Segmentation> readings = t.segment(word, 8);
    REQUIRE(!readings.empty());
    for (const Segmentation& reading : readings) {
      std::string joined;
      for (const Morph& morph : reading.morphs) {
        REQUIRE(morph.span.begin == joined.size());
        joined += morph.surface;
      }
      REQUIRE(joined == word);
      REQUIRE(reading.cost >= last);
      last = reading.cost;
    }
  }
  CHECK(t.segment("evleri", 8).size() > 1);
}

TEST_CASE("lemmas and types") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::vector<Segmentation> best = t.segment("kitabımı");
  const std::vector<Morph>& morphs = best[0].morphs;
  REQUIRE(morphs.size() == 3);
  CHECK(morphs[0].lemma == "kitap");
  CHECK(morphs[0].type == MorphType::NounRoot);
  CHECK(morphs[1].type == MorphType::Poss1s);
  CHECK(morphs[2].type == MorphType::Accusative);
  MorphEncodeOptions options;
  options.mode = MorphMode::Morph;
  options.types = true;
  const MorphEncoding encoding = t.encode("kitabımı", options);
  CHECK(encoding.types.back() == MorphType::Accusative);
  CHECK(t.morpho_types(encoding.ids).back() == MorphType::Accusative);
}

TEST_CASE("case comes back as it was, in every shape of i") {
  const MorphoPiece& t = fixture_tokenizer();
  for (const char* text : {"istanbul",   "İstanbul",    "Istanbul",
                           "ISTANBUL",   "İSTANBUL",    "ısı",
                           "Isı",        "ISI",         "İSİ",
                           "isi",        "Isi",         "iSi",
                           "IsI",        "WINDOWS",     "Windows",
                           "windows",    "LibreOffice", "iPhone",
                           "I",          "İ",           "ı",
                           "i",          "I'yı",        "İ'ye",
                           "i\u0307",    "I\u0307",     "\u0130\u0307",
                           "TÜBİTAK'ın", "TÜBİTAK'IN",  "Ankara'Da",
                           "KâĞıT",      "KÂĞIT",       "Kâğıt",
                           "HÂLÂ",       "ÎMÂN",        "Q W X",
                           "qWx"}) {
    CAPTURE(text);
    check_round_trip(t, text);
    check_round_trip(t, std::string(text) + " " + text + ". " + text);
  }
  // One marker a word, not one a letter.
  MorphEncodeOptions options;
  options.mode = MorphMode::Morph;
  const std::vector<int32_t> upper = t.encode("KİTAPLAR", options).ids;
  CHECK(upper.size() == 3);
  CHECK(upper[0] == MorphoPiece::kUpper);
}

TEST_CASE("case of words longer than a machine word") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::string lower = "gelemeyebileceklerinizdenmişsinizcesinegelemeyebilecek";
  MorphEncodeOptions options;
  options.mode = MorphMode::Morph;
  for (const size_t capital : {0, 31, 32, 33, 40}) {
    std::string text = lower;
    text[capital] = 'X';
    check_round_trip(t, text);
    const bool marked = t.encode(text, options).ids[0] == MorphoPiece::kCap;
    CHECK(marked == (capital == 0));
  }
  const std::string upper(64, 'K');
  check_round_trip(t, upper);
  CHECK(t.encode(upper, options).ids[0] == MorphoPiece::kUpper);
}

TEST_CASE("nothing gets lost between words") {
  const MorphoPiece& t = fixture_tokenizer();
  for (const std::string& text : {std::string(),
                                  std::string(" "),
                                  std::string("  "),
                                  std::string("\n"),
                                  std::string(" ev"),
                                  std::string("ev "),
                                  std::string("ev  ev"),
                                  std::string("ev\nev"),
                                  std::string("ev\r\n ev"),
                                  std::string("(ev)ev"),
                                  std::string("ev,ev"),
                                  std::string("a\u00A0b"),
                                  std::string("a\tb"),
                                  std::string("👨‍👩‍👧 ev"),
                                  std::string("naïve café"),
                                  std::string("Москва'da 日本"),
                                  std::string("1 2 33 444 5555 66666'da"),
                                  std::string("a1b2"),
                                  std::string("'"),
                                  std::string("''a''"),
                                  std::string("l'homme d'un'a"),
                                  std::string("ev'"),
                                  std::string("'de"),
                                  std::string("\0\0ev\0", 5),
                                  std::string("\xC3"),
                                  std::string("\xC3\x28 \xE2\x80"),
                                  std::string("e\xCCv"),
                                  std::string("<mask> <cap>ev<glue>"),
                                  std::string("▁ev ##ev @@")}) {
    CAPTURE(text);
    check_round_trip(t, text);
  }
}

TEST_CASE("every character alone and between letters") {
  const MorphoPiece& t = fixture_tokenizer();
  for (const MorphMode mode : kModes) {
    MorphEncodeOptions options;
    options.mode = mode;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      std::string text;
      append_utf8(text, c);
      text = text + " e" + text + "v";
      const bool same = t.decode(t.encode(text, options).ids) == text;
      if (!same) CAPTURE(text);
      if (!same) REQUIRE(same);
    }
  }
}

TEST_CASE("random bytes and random letters") {
  const MorphoPiece& t = fixture_tokenizer();
  const char* rounds = std::getenv("LYDIA_FUZZ_ROUNDS");
  const int strings = 50000 * (rounds == nullptr ? 1 : std::max(1, std::atoi(rounds)));
  std::mt19937 random(7);
  const std::string pieces[] = {"a",    "e",   "İ",    "I",     "ı",  "i", "Ş", "ğ",
                                "l",    "r",   "n",    "K",     "t",  "'", "’", " ",
                                " ",    "\n",  "1",    "9",     ".",  "(", "-", "\xCC\x87",
                                "\xFF", "lar", "iyor", "Kitap", "gel"};
  for (int i = 0; i < strings; ++i) {
    std::string text;
    const size_t size = random() % 24;
    for (size_t n = 0; n < size; ++n) {
      if (i % 2 == 0) {
        text += static_cast<char>(random() & 0xFF);
      } else {
        text += pieces[random() % std::size(pieces)];
      }
    }
    MorphEncodeOptions options;
    options.mode = kModes[i % 3];
    const std::vector<int32_t> ids = t.encode(text, options).ids;
    REQUIRE(t.decode(ids) == text);
    REQUIRE(streamed(t, ids) == text);
    if (i % 16 == 0) check_round_trip(t, text);
  }
}

TEST_CASE("any token ids decode to something, in pieces as at once") {
  const MorphoPiece& t = fixture_tokenizer();
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    std::vector<int32_t> ids;
    for (int n = 0; n < 12; ++n) {
      ids.push_back(static_cast<int32_t>(random() % static_cast<uint32_t>(t.vocab_size())));
    }
    REQUIRE(streamed(t, ids) == t.decode(ids));
  }
  CHECK_THROWS_AS(t.decode(std::vector<int32_t>{t.vocab_size()}), IndexError);
  CHECK_THROWS_AS(t.decode(std::vector<int32_t>{-1}), IndexError);
}

TEST_CASE("special tokens are text unless asked for") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::string text = "ev <mask> ev<eos>";
  check_round_trip(t, text);
  MorphEncodeOptions options;
  options.parse_special = true;
  options.offsets = true;
  const MorphEncoding parsed = t.encode(text, options);
  CHECK(std::count(parsed.ids.begin(), parsed.ids.end(), MorphoPiece::kMask) == 1);
  CHECK(parsed.ids.back() == MorphoPiece::kEos);
  CHECK(parsed.offsets.back() == ByteSpan{12, 17});
  CHECK(t.decode(parsed.ids, false) == text);
  CHECK(t.decode(parsed.ids, true) == "ev  ev");
}

TEST_CASE("names and ids are two ways to say one thing") {
  const MorphoPiece& t = fixture_tokenizer();
  for (int32_t id = 0; id < t.vocab_size(); ++id) {
    REQUIRE(t.token_to_id(t.id_to_token(id)) == id);
  }
  CHECK(t.token_to_id("<pad>") == MorphoPiece::kPad);
  CHECK(t.token_to_id("<glue>") == MorphoPiece::kGlue);
  CHECK(!t.token_to_id("no such token").has_value());
  CHECK_THROWS_AS(t.id_to_token(t.vocab_size()), IndexError);
}

TEST_CASE("canonical tokens do not tell lar from ler") {
  const MorphoPiece& t = fixture_tokenizer();
  MorphEncodeOptions options;
  options.mode = MorphMode::Canonical;
  const std::vector<int32_t> back = t.encode("kitaplar", options).ids;
  const std::vector<int32_t> front = t.encode("evler", options).ids;
  REQUIRE(back.size() == 2);
  REQUIRE(front.size() == 2);
  CHECK(back[1] == front[1]);
  CHECK(t.piece(back[1]).kind == PieceKind::Canonical);
  // kitab is kitap before a vowel.
  CHECK(t.encode("kitabı", options).ids[0] == back[0]);
}

TEST_CASE("compact takes fewer tokens") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::string text = fixture_text();
  MorphEncodeOptions morph, compact;
  morph.mode = MorphMode::Morph;
  compact.mode = MorphMode::Compact;
  CHECK(t.encode(text, compact).ids.size() * 4 < t.encode(text, morph).ids.size() * 3);
}

TEST_CASE("sampling draws several readings and stays lossless") {
  const MorphoPiece& t = fixture_tokenizer();
  std::vector<std::vector<int32_t>> drawn;
  for (uint64_t seed = 0; seed < 64; ++seed) {
    MorphEncodeOptions options;
    options.mode = MorphMode::Morph;
    options.temperature = 4;
    options.seed = seed;
    const std::vector<int32_t> ids = t.encode("evleri kitabını", options).ids;
    REQUIRE(t.decode(ids) == "evleri kitabını");
    REQUIRE(t.encode("evleri kitabını", options).ids == ids);
    if (std::find(drawn.begin(), drawn.end(), ids) == drawn.end()) drawn.push_back(ids);
  }
  CHECK(drawn.size() > 1);
}

TEST_CASE("threads agree, whatever each of them does and whenever it ends") {
  const MorphoPiece& t = fixture_tokenizer();
  MorphTrainOptions smaller = fixture_options();
  smaller.vocab_size = 7000;
  const MorphoPiece other = train_morphopiece(smaller);
  const std::string text = fixture_text();
  const auto run = [&](const MorphoPiece& tokenizer, int i) {
    MorphEncodeOptions options;
    options.mode = kModes[i % 3];
    options.use_cache = i % 2 == 0;
    options.offsets = i % 5 == 0;
    const std::vector<int32_t> ids = tokenizer.encode(text, options).ids;
    REQUIRE(tokenizer.decode(ids) == text);
    return ids;
  };
  std::vector<std::vector<int32_t>> wanted;
  for (int i = 0; i < 6; ++i) wanted.push_back(run(i % 2 == 0 ? t : other, i));
  for (int round = 0; round < 3; ++round) {  // the second round gets what the first left behind
    std::vector<std::jthread> threads;
    for (int n = 0; n < 8; ++n) {
      threads.emplace_back([&, n] {
        for (int i = n; i < n + 6; ++i) {
          const bool same =
              run(i % 2 == 0 ? t : other, i % 6) == wanted[static_cast<size_t>(i % 6)];
          CHECK(same);
        }
      });
    }
  }
}

// Were any of this not linear, it would not come to an end.
TEST_CASE("long strings without spaces") {
  const MorphoPiece& t = fixture_tokenizer();
  const std::pair<std::string, size_t> units[] = {{"a", 10},       {std::string(1, '\0'), 10},
                                                  {"kitaplar", 1}, {"1", 1},
                                                  {"!", 1},        {"\xFF", 1},
                                                  {"Ab", 1},       {"a'", 1},
                                                  {"1’", 1},       {"ÂÎ", 1}};
  for (const auto& unit : units) {
    std::string text;
    while (text.size() < unit.second * 1000000) text += unit.first;
    const bool same = t.decode(t.encode(text).ids) == text;
    CAPTURE(unit.first);
    CHECK(same);
  }
}

TEST_CASE("all Turkish files of the shared data") {
  const char* root = std::getenv("LYDIA_DATA");
  const std::filesystem::path folder =
      std::filesystem::path(root == nullptr ? "../shared/data" : root) / "tr";
  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no shared data at ", folder.string());
    return;
  }
  const MorphoPiece& t = fixture_tokenizer();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    const std::string text = content.str();
    for (const MorphMode mode : kModes) {
      MorphEncodeOptions options;
      options.mode = mode;
      CAPTURE(entry.path().string());
      CHECK(t.decode(t.encode(text, options).ids) == text);
    }
  }
}

}  // namespace lydia::text
