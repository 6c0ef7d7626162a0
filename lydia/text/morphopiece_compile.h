// The grammar and a lexicon compiled into what the lattice walks over.
//
// A state of the automaton is (state of the morphotactics, sound, need, flags of a bare root, class
// of the last morpheme); an arc is one allomorph. The class is part of the state so that the cost
// of a bigram of classes is the arc's own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lydia/text/morphopiece_tables.h"
#include "lydia/text/morphopiece_train.h"
#include "lydia/text/turkish_lexicon.h"
#include "lydia/text/turkish_suffixes.h"

namespace lydia::text {

// Classes of the bigram: the root classes, then each suffix, then the edge of the word.
inline int suffix_class(size_t suffix) { return kRootClasses + static_cast<int>(suffix); }

// How often what was seen: sums of the shares that readings have.
struct MorphCounts {
  std::vector<double> bigrams;  // [class before][class]; the last class is the edge
  std::vector<double> roots;    // by lemma
  int classes = 0;

  MorphCounts() = default;
  MorphCounts(size_t suffixes, size_t lemmas);
  double& bigram(int before, int after) {
    return bigrams[static_cast<size_t>(before * classes + after)];
  }
  int edge() const { return classes - 1; }
};

class CompiledGrammar {
 public:
  explicit CompiledGrammar(std::vector<Root> roots);

  const std::vector<Root>& roots() const { return roots_; }
  // Puts states, arcs, roots and their trie into the tables, with the pieces that spell suffixes.
  void fill(ModelTables& tables);
  // Bakes costs into states, arcs and roots. `priors` are added to the counts of roots.
  void apply(const MorphCounts& counts, const std::vector<double>& priors,
             const MorphWeights& weights, ModelTables& tables) const;

  // The class of a root record and of an arc.
  int class_of_root(const RootRecord& root) const {
    return static_cast<int>(roots_[static_cast<size_t>(root.lemma)].root_class);
  }

 private:
  static constexpr uint8_t kAnySound = kSounds;
  struct Key {
    State state;
    uint8_t sound;
    Need need;
    uint32_t flags;
    int16_t last_class;
    auto tie() const { return std::tie(state, sound, need, flags, last_class); }
    bool operator<(const Key& other) const { return tie() < other.tie(); }
  };
  struct RawArc {
    Suffix suffix;
    std::string codes;
    uint32_t target;
    auto tie() const { return std::tie(codes, suffix, target); }
    bool operator<(const RawArc& other) const { return tie() < other.tie(); }
    bool operator==(const RawArc& other) const { return tie() == other.tie(); }
  };

  uint32_t intern(const Key& key);
  void expand(uint32_t state);
  void add_arcs(const Key& key, const Sound& sound, std::vector<RawArc>& arcs);
  void add_roots(ModelTables& tables);
  void add_suffix_pieces(ModelTables& tables);
  void add_states(ModelTables& tables);

  std::vector<Root> roots_;
  std::map<Key, uint32_t> ids_;
  std::vector<Key> keys_;
  std::vector<std::vector<RawArc>> arcs_;
  std::map<std::pair<Suffix, std::string>, int32_t> suffix_pieces_;
};

}  // namespace lydia::text
