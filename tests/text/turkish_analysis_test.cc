// Well-known Turkish words and where they are cut, words that are none, and paradigms that the
// generator writes and the analyser has to read back.
#include "lydia/text/turkish_analysis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/turkish_hunspell.h"
#include "lydia/text/turkish_letters.h"
#include "tests/text/turkish_roots.h"
#include "tests/text/turkish_words.h"

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

// Each word of a group, with the group's rule.
template <size_t kGroups, class Check>
void each_word(const WordGroup (&groups)[kGroups], const Check& check) {
  for (const WordGroup& group : groups) {
    CAPTURE(std::string(group.rule));
    std::istringstream words(group.words);
    for (std::string word; words >> word;) check(word);
  }
}

std::string without_bars(const std::string& cut) {
  std::string word;
  std::remove_copy(cut.begin(), cut.end(), std::back_inserter(word), '|');
  return word;
}

TEST_CASE("words are cut where their morphemes meet") {
  each_word(kCutWords, [](const std::string& cut) {
    const std::set<std::string> found = readings(without_bars(cut));
    CAPTURE(cut);
    CAPTURE(joined(found));
    CHECK(found.contains(cut));
  });
}

TEST_CASE("what breaks a rule is no word") {
  each_word(kNoWords, [](const std::string& word) {
    CAPTURE(word);
    CHECK(joined(readings(word)) == "");
  });
}

// ---- paradigms

std::vector<Suffix> suffixes_named(const std::string& names) {
  std::vector<Suffix> suffixes;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    const auto suffix = suffix_named(name);
    REQUIRE_MESSAGE(suffix, name);
    suffixes.push_back(*suffix);
  }
  return suffixes;
}

// One of each slot, in all combinations; "" leaves a slot empty.
std::vector<std::string> combinations(const std::vector<std::vector<std::string>>& slots) {
  std::vector<std::string> all = {""};
  for (const auto& slot : slots) {
    std::vector<std::string> longer;
    for (const std::string& begin : all) {
      for (const std::string& choice : slot) longer.push_back(begin + choice + " ");
    }
    all = std::move(longer);
  }
  return all;
}

const Root& root_named(const std::string& lemma, MorphClass root_class) {
  for (const Root& root : lexicon().roots()) {
    if (root.lemma == decode_utf8(lemma) && root.root_class == root_class) return root;
  }
  fail<ValueError>("no test root ", lemma);
}

bool reads_back(const Root& root, const std::vector<Suffix>& suffixes, const Inflected& made) {
  const AnalyseOptions options{.lexical = true};
  for (const Analysis& reading : analyse(made.word, lexicon(), options)) {
    const Root& read = lexicon().roots()[reading.root];
    if (read.lemma != root.lemma || reading.suffixes.size() != suffixes.size()) continue;
    bool same = true;
    for (size_t i = 0; i < suffixes.size(); ++i) {
      same = same && reading.suffixes[i] == SuffixAt{suffixes[i], made.cuts[i]};
    }
    if (same) return true;
  }
  return false;
}

// Inflects each root in all ways; all must be words and come back. Returns how many there were.
int check_paradigm(const std::vector<std::string>& lemmas, MorphClass root_class,
                   const std::vector<std::vector<std::string>>& slots) {
  int count = 0;
  for (const std::string& lemma : lemmas) {
    const Root& root = root_named(lemma, root_class);
    for (const std::string& names : combinations(slots)) {
      const std::vector<Suffix> suffixes = suffixes_named(names);
      const auto made = inflect(root, suffixes);
      CAPTURE(lemma);
      CAPTURE(names);
      REQUIRE(made);
      CAPTURE(encode_utf8(made->word));
      CHECK(reads_back(root, suffixes, *made));
      ++count;
    }
  }
  return count;
}

const std::vector<std::string> kNouns = {"ev",    "araba", "kitap", "renk", "oğul",  "kayıp",
                                         "vakit", "hak",   "tıp",   "saat", "rol",   "su",
                                         "köy",   "kuş",   "radyo", "ütü",  "metot", "at"};
const std::vector<std::string> kVerbs = {"gel", "yap",    "oku",  "söyle", "git",  "et",    "de",
                                         "ye",  "çevir",  "düş",  "çık",   "kork", "çalış", "al",
                                         "bil", "kaybet", "yürü", "gör",   "otur", "bekle"};

TEST_CASE("paradigms of nouns come back as they were made") {
  const std::vector<std::string> persons = {"Poss1s", "Poss2s", "Poss1p", "Poss2p"};
  const std::vector<std::string> cases = {"", "Acc", "Dat", "Loc", "Abl", "Gen", "Ins", "Equ"};
  const std::vector<std::string> cases_n = {"",     "AccN", "DatN", "LocN",
                                            "AblN", "Gen",  "Ins",  "EquN"};
  int count = check_paradigm(kNouns, MorphClass::Noun, {{"", "Plural"}, cases});
  count += check_paradigm(kNouns, MorphClass::Noun, {{"", "Plural"}, persons, cases});
  count +=
      check_paradigm(kNouns, MorphClass::Noun, {{"Poss3s", "Plural Poss3s", "Poss3p"}, cases_n});
  count += check_paradigm(kNouns, MorphClass::Noun,
                          {{"Loc", "Gen", "Poss1s Loc"}, {"Rel", "Rel Plural"}, {"", "Gen"}});
  count += check_paradigm(kNouns, MorphClass::Noun,
                          {{"", "Loc", "Poss3s"},
                           {"CopPast", "CopCond"},
                           {"", "Short1s", "Short2s", "Short1p", "Short2p", "Person3p"}});
  count += check_paradigm(
      kNouns, MorphClass::Noun,
      {{"With", "Without", "Ness", "Agent"}, {"", "Plural", "Poss3s", "Acc", "CopDir"}});
  CHECK(count > 3000);
}

TEST_CASE("paradigms of verbs come back as they were made") {
  const std::vector<std::string> stems = {"", "Neg", "Able", "Unable Neg"};
  int count = check_paradigm(kVerbs, MorphClass::Verb,
                             {stems,
                              {"Fut", "Evid", "ProgFormal", "Nec"},
                              {"", "Long1s", "Long2s", "Long1p", "Long2p", "Person3p", "CopPast",
                               "CopPast Short1p", "CopCond", "CopDir"}});
  count += check_paradigm(kVerbs, MorphClass::Verb,
                          {{"Prog", "NegShort Prog", "Unable NegShort Prog", "Able Prog"},
                           {"", "Long1s", "Person3p CopPast", "CopEvid", "While"}});
  count +=
      check_paradigm(kVerbs, MorphClass::Verb,
                     {stems,
                      {"Past", "Cond"},
                      {"", "Short1s", "Short2s", "Short1p", "Short2p", "Person3p", "CopPast"}});
  count += check_paradigm(kVerbs, MorphClass::Verb,
                          {{"Neg AorZ", "Unable Neg AorZ"},
                           {"", "Long2s", "Long2p", "Person3p", "CopPast", "CopCond Short1s"}});
  count += check_paradigm(kVerbs, MorphClass::Verb,
                          {stems,
                           {"PartDik", "PartAcak", "PartAn", "NounMa", "NounIs"},
                           {"Poss1s", "Poss3s LocN", "Poss3p", "Plural Poss1p Abl"}});
  count += check_paradigm(kVerbs, MorphClass::Verb,
                          {stems,
                           {"Inf", "Inf Ins", "ConvArak", "ConvIp", "ConvInca", "ConvMadan",
                            "ConvDikca", "ConvAli", "ConvAsiya", "ConvMaksizin", "Imp3s", "Imp3p",
                            "Opt", "Opt Long1s", "Opt1p", "Imp2p", "ImpPolite"}});
  CHECK(count > 5000);
}

// The word with the last vowel on the wrong side: back for front, front for back.
std::u32string with_wrong_vowel(std::u32string word) {
  constexpr std::u32string_view kBack = U"aıou";
  constexpr std::u32string_view kFront = U"eiöü";
  for (size_t i = word.size(); i-- > 0;) {
    if (!is_vowel(word[i])) continue;
    const bool back = is_back(word[i]);
    word[i] = (back ? kFront : kBack)[(back ? kBack : kFront).find(word[i])];
    break;
  }
  return word;
}

TEST_CASE("suffixes on the wrong side of the vowels make no words") {
  const auto check = [](const std::vector<std::string>& lemmas, MorphClass root_class,
                        std::initializer_list<const char*> endings) {
    for (const std::string& lemma : lemmas) {
      for (const char* names : endings) {
        const auto made = inflect(root_named(lemma, root_class), suffixes_named(names));
        REQUIRE(made);
        const std::string wrong = encode_utf8(with_wrong_vowel(made->word));
        CAPTURE(wrong);
        CHECK(joined(readings(wrong)) == "");
      }
    }
  };
  check(kNouns, MorphClass::Noun,
        {"Plural", "Loc", "Abl", "Poss1p Dat", "Plural Poss3s LocN", "Loc Rel Plural", "CopPast"});
  check(kVerbs, MorphClass::Verb,
        {"Past Short1p", "Fut", "Evid CopPast", "Neg Past", "Inf", "ConvArak", "PartDik Poss1p Acc",
         "Nec", "Able Fut"});
}

TEST_CASE("voices stack, and each verb has its own") {
  const auto word = [](const char* lemma, const char* names) {
    const auto made = inflect(root_named(lemma, MorphClass::Verb), suffixes_named(names));
    return made ? encode_utf8(made->word) : std::string("none");
  };
  CHECK(word("öl", "CausDir CausT CausDir PassIl") == "öldürttürül");
  CHECK(word("oku", "CausT CausDir") == "okuttur");
  CHECK(word("düş", "CausIr PassIl") == "düşürül");
  CHECK(word("düş", "CausDir") == "none");
  CHECK(word("çık", "CausAr CausT") == "çıkart");
  CHECK(word("kork", "CausIt PassIl") == "korkutul");
  CHECK(word("çevir", "PassIl Prog") == "çevriliyor");
  CHECK(word("al", "PassIn") == "alın");
  CHECK(word("al", "PassIl") == "none");
  CHECK(word("gör", "Recip CausDir PassIl NounMa Poss3s") == "görüştürülmesi");
  CHECK(word("gel", "AorIr") == "gelir");
  CHECK(word("gel", "AorAr") == "none");
  CHECK(word("yap", "AorAr") == "yapar");
  CHECK(word("kaybet", "AorAr") == "kaybeder");
  CHECK(word("gel", "Poss1s") == "none");
}

TEST_CASE("behind an apostrophe any sound may stand") {
  const auto readings_of = [](const char* tail, State start) {
    std::set<std::string> all;
    const std::u32string letters = decode_utf8(tail);
    for (const auto& way : analyse_tail(letters, start)) all.insert(with_bars(letters, way));
    return joined(all);
  };
  CHECK(readings_of("nin", State::Noun).find("|nin ") != std::string::npos);
  CHECK(readings_of("ten", State::Num).find("|ten ") != std::string::npos);
  CHECK(readings_of("üncü", State::Num).find("|üncü ") != std::string::npos);
  CHECK(readings_of("lerin", State::Noun).find("|ler|in ") != std::string::npos);
  CHECK(readings_of("dekiler", State::Noun).find("|de|ki|ler ") != std::string::npos);
  CHECK(readings_of("xyz", State::Noun) == "");
  CHECK(readings_of("lerın", State::Noun) == "");  // the second suffix knows the first
}

TEST_CASE("types: a possessive behind a plural is the plural's") {
  const auto types = [](const char* word, const char* cut) {
    const std::u32string letters = decode_utf8(word);
    for (const Analysis& reading : analyse(letters, lexicon())) {
      if (with_bars(letters, reading.suffixes) == cut) return morph_types(reading, lexicon());
    }
    return std::vector<MorphType>{};
  };
  using enum MorphType;
  CHECK(types("kitabımızdan", "kitab|ımız|dan") == std::vector{NounRoot, Poss1p, Ablative});
  CHECK(types("evlerine", "ev|ler|i|ne") == std::vector{NounRoot, Plural, Poss3p, Dative});
  CHECK(types("evine", "ev|i|ne") == std::vector{NounRoot, Poss3s, Dative});
  CHECK(types("geliyordu", "gel|iyor|du") == std::vector{VerbRoot, Progressive, Past});
  CHECK(types("geleceksin", "gel|ecek|sin") == std::vector{VerbRoot, Future, Other});
}

// ---- tables and readers

TEST_CASE("the tables hold together") {
  std::set<std::string_view> names;
  for (const SuffixInfo& each : all_suffixes()) {
    CHECK(names.insert(each.name).second);
    CHECK(&info(each.id) == &each);
    CHECK(static_cast<int>(each.morph_class) >= kRootClasses);
    CHECK(info(canonical_suffix(each.id)).pattern == each.pattern);
  }
  std::set<Suffix> used;
  std::set<State> reached = {State::Noun,          State::Num,          State::Adverb,
                             State::Predicate,     State::Interjection, State::Particle,
                             State::Question,      State::PronounBen,   State::PronounSen,
                             State::PronounBiz,    State::PronounSiz,   State::PronounOblique,
                             State::PronounDative, State::PronounOwn,   State::Compound,
                             State::CompoundBase,  State::Verb,         State::CopulaRoot};
  for (const Arc& arc : all_arcs()) {
    used.insert(arc.suffix);
    reached.insert(arc.to);
  }
  CHECK(used.size() == all_suffixes().size());
  CHECK(reached.size() == kStates);
  for (int i = 0; i < kStates; ++i) {
    for (const Arc& arc : arcs_from(static_cast<State>(i))) CHECK(static_cast<int>(arc.from) == i);
    const bool dead_end = arcs_from(static_cast<State>(i)).empty();
    CHECK((may_end(static_cast<State>(i)) || !dead_end));
    CHECK(!state_name(static_cast<State>(i)).empty());
  }
  for (int id = 0; id < Sound::kCount; ++id) CHECK(Sound::of_id(id).id() == id);
}

TEST_CASE("letters") {
  CHECK(turkish_lower("ISPARTA İZMİR ŞÇĞÜÖ ÂÎÛ x") == "ısparta izmir şçğüö âîû x");
  CHECK(turkish_upper(U'i') == U'İ');
  CHECK(turkish_upper(U'ı') == U'I');
  CHECK(turkish_lower(turkish_upper(U'û')) == U'û');
  std::set<uint8_t> codes;
  for (const char32_t letter : U"abcçdefgğhıijklmnoöpqrsştuüvwxyzâîû") {
    if (letter == 0) continue;
    CHECK(letter_of_code(letter_code(letter)) == letter);
    codes.insert(letter_code(letter));
  }
  CHECK(codes.size() == kLetterCodes - 1);
  CHECK(letter_code(U'é') == 0);
  CHECK(letter_code(0) == 0);
  CHECK(fold_circumflex(U"kâğıt") == U"kağıt");
}

TEST_CASE("patterns") {
  const auto realise = [](const char* pattern, const char32_t* stem) {
    return encode_utf8(SuffixPattern(pattern).realise(sound_of(stem)));
  };
  CHECK(realise("(y)AcAK", U"oku") == "yacak");
  CHECK(realise("(s)I", U"araba") == "sı");
  CHECK(realise("(I)mIz", U"göz") == "ümüz");
  CHECK(realise("DIK", U"yap") == "tık");
  CHECK(realise("lArI", U"göz") == "leri");
  CHECK_THROWS_AS(SuffixPattern(""), ValueError);
  CHECK_THROWS_AS(SuffixPattern("lX"), ValueError);
}

TEST_CASE("root lists are read or refused") {
  const auto roots =
      read_roots("# comment\n\nkitap\tnoun\tsoft\tobject\r\ngit\tverb\tsoft,aor_i\taction", "t");
  REQUIRE(roots.size() == 2);
  CHECK(roots[0].flags.has(RootFlag::Soft));
  CHECK(roots[0].category == SemanticCategory::Object);
  CHECK(roots[1].root_class == MorphClass::Verb);
  CHECK(roots[1].flags.has(RootFlag::AorI));
  for (const char* bad :
       {"kitap", "kitap\tnoun\tsoft", "kitap\tnoun\twet\tobject", "kitap\tthing\t-\tobject",
        "kitap\tnoun\t-\tthing", "Kitap\tnoun\t-\tobject", "\tnoun\t-\tobject",
        "kitap\tnoun\tsoft,\tobject"}) {
    CHECK_THROWS_AS(read_roots(bad, "t"), ValueError);
  }
}

TEST_CASE("regular forms among the roots are known as such") {
  Lexicon words;
  words.add(
      read_roots("gir\tverb\taor_i\taction\ngiriş\tnoun\tlexical\tplace\n"
                 "kes\tverb\t-\taction\nkesil\tverb\tlexical\taction\n"
                 "gün\tnoun\t-\ttime\ngüneş\tnoun\tlexical\tunknown\n"
                 "kesiş\tverb\tlexical\taction\nkeser\tnoun\t-\tobject",
                 "t"));
  std::string regular;
  for (const Root& root : words.roots()) {
    if (is_regular_form(root, words)) regular += encode_utf8(root.lemma) + " ";
  }
  CHECK(regular == "giriş kesil ");
}

TEST_CASE("a Hunspell dictionary of full forms gives its roots") {
  const char* aff =
      "SET UTF-8\nFLAG num\nSFX 1 N 1\nSFX 1 0 lar .\nSFX 2 0 ler .\nSFX 3 0 dı .\nSFX 4 0 ıyor .\n"
      "SFX 5 0 mak .\nSFX 6 0 ı .\nSFX 7 0 nı .\nSFX 8 0 'nın .\nSFX 9 0 i .\nSFX 10 0 iyor .\n"
      "SFX 11 0 ti .\nSFX 12 0 mek .\nSFX 13 0 u .\nSFX 14 0 ılmak .\nSFX 15 0 ılıyor .\nSFX 16 0 "
      "ıldı .\n";
  const char* dic =
      "18\nbavul/1,13\nmak\nsal/1,6\nsal\nsaldı/1\nkapat/3\nazal/3,4,5,14,15,16\nazalma/1\n"
      "dolap/1\ndolabı\nfiil/2,9\nharf/2,9\nşehir/2\nşehri\nAnkara/8\nsaksağan\nseyret/11,12\n"
      "seyred/10\nkarınağrısı/7\nkarı\nazalır\nbozkır/1,6\n2li\n";
  const std::vector<Root> roots = read_hunspell(dic, aff, Lexicon());
  const auto flags = [&](const char* lemma, MorphClass root_class) {
    for (const Root& root : roots) {
      if (root.lemma == decode_utf8(lemma) && root.root_class == root_class) return root.flags;
    }
    return RootFlags(~0U);
  };
  const RootFlags none;
  CHECK(flags("azal", MorphClass::Verb) == none);
  CHECK(flags("azalıl", MorphClass::Verb) == RootFlags(~0U));  // azal|ıl
  CHECK(flags("azalma", MorphClass::Noun) == RootFlags(~0U));  // azal|ma
  CHECK(flags("seyret", MorphClass::Verb).has(RootFlag::Soft));
  CHECK(flags("bavul", MorphClass::Noun) == none);
  CHECK(flags("dolap", MorphClass::Noun).has(RootFlag::Soft));
  CHECK(flags("harf", MorphClass::Noun).has(RootFlag::Front));
  CHECK(flags("fiil", MorphClass::Noun) == none);
  CHECK(flags("şehir", MorphClass::Noun).has(RootFlag::Drop));
  CHECK(flags("karınağrısı", MorphClass::Noun).has(RootFlag::Compound));
  CHECK(flags("ankara", MorphClass::Proper) == none);
  CHECK(flags("saksağan", MorphClass::Noun) == none);
  CHECK_THROWS_AS(read_hunspell(dic, "SET UTF-8\n", Lexicon()), ValueError);
}

TEST_CASE("a lexicon merges what is said twice") {
  Lexicon words;
  words.add(
      read_roots("hak\tnoun\t-\tunknown\nhak\tnoun\tdouble\tunknown\nhak\tverb\t-\taction", "t"));
  CHECK(words.roots().size() == 2);
  CHECK(words.find(U"hakk").size() == 1);
  CHECK(words.find(U"hak").size() == 2);
  CHECK(words.has(U"hak", MorphClass::Noun));
  CHECK(!words.has(U"hak", MorphClass::Adverb));
  CHECK(analyse(U"hakı", words).empty());
  CHECK(analyse(U"", words).empty());
}

}  // namespace
}  // namespace lydia::text
