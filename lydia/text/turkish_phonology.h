// How a Turkish suffix sounds after a stem.
//
// A suffix is written as a pattern: A is a or e; I is ı, i, u or ü; D is d or t; C is c or ç; a K
// at the end is k that softens to ğ before a vowel; (y) (s) (n) (ş) in front is a buffer, there
// only after a vowel; (I) or (A) in front is a vowel, there only after a consonant; other letters
// are themselves. What a pattern becomes depends on the stem only through its `Sound` (48 of them),
// so a pattern can be expanded into its few allomorphs once and for all.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lydia::text {

// How a stem ends. VowelY: a vowel whose buffer is always y (su -> suyu, suyun, suyum).
enum class Ending : uint8_t { Vowel, VowelY, L, R, Voiced, Voiceless };
inline constexpr int kEndings = 6;

// All that a suffix may ask about the stem before it.
struct Sound {
  bool back = false;     // of the last vowel, or as a lexical exception says (saat is front)
  bool rounded = false;  // of the last vowel
  Ending ending = Ending::Vowel;
  bool many = false;  // two syllables or more

  static constexpr int kCount = 4 * kEndings * 2;
  int id() const {
    return (static_cast<int>(ending) * 2 + (many ? 1 : 0)) * 4 + (back ? 2 : 0) + (rounded ? 1 : 0);
  }
  static Sound of_id(int id);  // `id` below kCount
  bool ends_in_vowel() const { return ending == Ending::Vowel || ending == Ending::VowelY; }
  bool operator==(const Sound&) const = default;
};

// The sound of a written stem; a stem without a vowel is front and unrounded.
Sound sound_of(std::u32string_view stem);

// What a form of a stem wants of the suffix after it: `kitap` no vowel, `kitab` a vowel.
enum class Need : uint8_t {
  Nothing,
  Vowel,        // kitab|ı, gid|er, sıcağ|ı
  NoVowel,      // kitap|ta, git|ti; or the end of the word
  Progressive,  // söyl|üyor, gel|m|iyor
  BufferY,      // di|yor, yi|yecek
  Passive,      // çevr|il, ayr|ıl
  NoPassive,    // çevir|di; or the end of the word
};
inline constexpr int kNeeds = 7;

// Whether a suffix with these letters may follow; Nothing and NoVowel alone allow the word's end.
// `progressive` and `passive` say what the suffix is.
bool meets(Need need, std::u32string_view suffix, bool progressive, bool passive);
bool may_end(Need need);

// A pattern, read. Throws ValueError for one that is not a pattern.
class SuffixPattern {
 public:
  explicit SuffixPattern(std::string_view utf8);

  // The letters after a stem of this sound, a final K hard.
  std::u32string realise(const Sound& stem) const;
  bool softens() const { return softens_; }  // ends in K

 private:
  std::u32string letters_;  // without the parentheses
  bool optional_first_ = false;
  bool softens_ = false;
};

// The sound of stem + suffix. Anything with a suffix counts as two syllables: only bare roots are
// asked whether they are short.
Sound sound_after(const Sound& stem, std::u32string_view suffix);

// p ç t k g -> b c d ğ ğ, and nk -> ng; a stem that ends otherwise stays as it is. `harden` undoes
// it (b c ğ -> p ç k; d stays).
std::u32string soften(std::u32string_view stem);
std::u32string harden(std::u32string_view stem);

}  // namespace lydia::text
