// Turkish roots: how a root list is read, and the forms a root takes before suffixes.
//
// A root list has one root a line, `root<TAB>class<TAB>flags<TAB>category`: the citation form in
// lower case (verbs without -mAk), one of the root classes of MorphClass (noun, verb, ...), `-` or
// names of RootFlag joined by commas, and one of the semantic categories (place, time, ...). Lines
// that begin with # and empty lines say nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lydia/text/morphopiece.h"
#include "lydia/text/turkish_morphotactics.h"

namespace lydia::text {

struct Root {
  std::u32string lemma;
  MorphClass root_class = MorphClass::Noun;
  RootFlags flags;
  SemanticCategory category = SemanticCategory::Unknown;
};

// Throws ValueError that names `label` and the line.
std::vector<Root> read_roots(std::string_view tsv, std::string_view label);

// The closed classes: pronouns, numbers, question words, postpositions, conjunctions, determiners,
// the question particle, and the words of being (var, yok, değil).
std::string_view closed_class_roots();  // as a root list

// A form of a root as it is written before suffixes, or alone.
struct RootForm {
  std::u32string surface;  // kitap, kitab; oğul, oğl; söyle, söyl; ben, ban
  State start = State::Noun;
  Sound sound;
  Need need = Need::Nothing;
  bool opaque = false;  // spoken otherwise than written: takes the suffixes of any sound
};
std::vector<RootForm> root_forms(const Root& root);

// Roots by the spelling of their forms. Circumflexes do not count: hâlâ and hala are one key.
class Lexicon {
 public:
  struct Entry {
    uint32_t root = 0;
    RootForm form;
  };

  // A root that is there already (lemma and class) only gains the flags of the new one.
  void add(const Root& root);
  void add(const std::vector<Root>& roots);

  const std::vector<Root>& roots() const { return roots_; }
  const std::vector<Entry>& find(std::u32string_view surface) const;  // empty where there is none
  bool has(std::u32string_view lemma, MorphClass root_class) const;

 private:
  std::vector<Root> roots_;
  std::unordered_map<std::u32string, uint32_t> by_lemma_;  // lemma + class -> index in roots_
  std::unordered_map<std::u32string, std::vector<Entry>> by_surface_;
};

}  // namespace lydia::text
