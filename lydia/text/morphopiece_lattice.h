// All readings of a word as root + suffixes, and the cheapest of them.
//
// A node is (letters read, state of the automaton); an edge is a root or a suffix. The cost of a
// node is the least over all ways to it; of two equal ways the longer root wins, then the class
// that comes first, then the way found first. Costs are added along edges:
//
//   cost = alpha morphs - beta sum log P(class | class before) - gamma sum log P(morph | class)
//          - delta letters of the root
//
// which the trainer has baked into the roots and arcs of the model.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lydia/text/morphopiece_endings.h"
#include "lydia/text/morphopiece_find.h"
#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// One morpheme of a reading: letters [begin, end) and the root or arc it is. Unknown stems have
// root -1 and arc -1.
struct ReadMorph {
  uint8_t begin, end;
  int32_t root, arc;
};

struct Reading {
  std::array<ReadMorph, kMaxMorphs> morphs;
  int size = 0;
  int32_t cost = 0;
  bool known = false;  // the root is in the lexicon

  void add(ReadMorph morph) { morphs[static_cast<size_t>(size++)] = morph; }
};

// What the word is read from.
enum class ReadFrom : uint8_t {
  Roots,    // a root of the lexicon at its start
  Guess,    // an unknown stem, and a tail of suffixes that words are known to have
  Suffixes  // suffixes alone, behind an apostrophe
};

// Scratch memory of one thread.
class Lattice {
 public:
  explicit Lattice(const MorphoPieceModel& model) : model_(&model) {}
  // From now on readings are by another model.
  void bind(const MorphoPieceModel& model) { model_ = &model; }

  // The cheapest reading; false when there is none. Guess always has one: the word as a whole.
  // `ends`: where roots end in the word, when that is known already.
  bool best(const Word& word, ReadFrom from, Reading& reading, const RootEnds* ends = nullptr);
  // The cheapest `count` readings, ascending.
  std::vector<Reading> cheapest(const Word& word, ReadFrom from, int count);
  // One reading with probability ~ exp(-cost / temperature).
  bool sample(const Word& word, ReadFrom from, double temperature, uint64_t seed, Reading& reading);

  struct Edge {
    int32_t from, to;  // nodes; from -1: the start
    int32_t root, arc;
    int32_t cost;
  };
  struct Node {
    int64_t order;  // cost, then what breaks ties
    uint32_t state;
    int16_t next;  // of the nodes at this position
    uint8_t at;
  };
  // All nodes and edges; nodes ascend by position.
  void build(const Word& word, ReadFrom from);
  const std::vector<Edge>& edges() const { return edges_; }
  const Node& node(int32_t i) const { return nodes_[static_cast<size_t>(i)]; }
  int nodes() const { return node_count_; }
  int letters() const { return letters_; }

  void set_sound(int sound) { sound_ = sound; }  // before an apostrophe; -1: any

 private:
  static constexpr int kMaxNodes = 1024;

  void clear(const Word& word);
  void start(const Word& word, ReadFrom from);
  void add_roots(const RootEnds& ends);
  void add_guesses(const Guesses& guesses);
  template <class Start>
  bool best_by_key(const Word& word, uint64_t key, const Start& start, Reading& reading);
  void recall(const Word& word, const KnownEnding& ending, Reading& reading) const;
  void remember(const Word& word, const Reading& reading, KnownEnding& ending) const;
  bool search(const Word& word, Reading& reading);
  void add_suffix_starts();
  void relax(int position, uint32_t state, int64_t order, Edge edge);
  void expand(const Word& word);
  int32_t last_node() const;
  void trace(int32_t node, Reading& reading) const;
  void fill(const std::vector<int32_t>& path, Reading& reading) const;

  const MorphoPieceModel* model_;
  std::array<int16_t, kMaxWordLetters + 2> heads_{};
  std::array<Node, kMaxNodes> nodes_;
  std::array<Edge, kMaxNodes> best_edges_;
  std::vector<Edge> edges_;
  Rests rests_;
  EndingCache endings_;
  int node_count_ = 0, letters_ = 0, sound_ = -1;
  bool keep_edges_ = false;
};

}  // namespace lydia::text
