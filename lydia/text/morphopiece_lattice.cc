#include "lydia/text/morphopiece_lattice.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace lydia::text {
namespace {

constexpr int kTieBits = 16;

uint64_t load64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Letters of roots come first: more of them is better; then the order of classes.
int64_t tie_of_root(int letters, int class_order) {
  return static_cast<int64_t>(kMaxWordLetters - letters) << 8 | class_order;
}

int32_t cost_of(int64_t order) { return static_cast<int32_t>(order >> kTieBits); }

// Numbers in [0, 1) from a counter (Philox would be no better for a handful of draws a word).
double uniform(uint64_t seed, uint64_t counter) {
  return static_cast<double>(mix_hash(seed * 0x9E3779B97F4A7C15u + counter, counter + 1) &
                             0xFFFFFFFF) /
         4294967296.0;
}

}  // namespace

void Lattice::clear(const Word& word) {
  node_count_ = 0;
  letters_ = word.size;
  std::fill_n(heads_.begin(), word.size + 1, int16_t{-1});
  edges_.clear();
  rests_.read(model_->reverse, word);
}

void Lattice::start(const Word& word, ReadFrom from) {
  clear(word);
  if (from == ReadFrom::Roots) {
    RootEnds ends;
    find_roots(*model_, word, ends);
    return add_roots(ends);
  }
  if (from == ReadFrom::Guess) return add_guesses(guesses_for(*model_, word));
  add_suffix_starts();
}

[[gnu::always_inline]] inline void Lattice::relax(int position, uint32_t state, int64_t order,
                                                  Edge edge) {
  const auto head = static_cast<size_t>(position);
  if (!model_->reverse.reads(state, rests_.row[head])) return;
  int16_t at = heads_[head];
  while (at >= 0 && nodes_[static_cast<size_t>(at)].state != state) {
    at = nodes_[static_cast<size_t>(at)].next;
  }
  if (at < 0) {
    if (node_count_ == kMaxNodes) return;  // never for words; the first ways found are kept
    at = static_cast<int16_t>(node_count_++);
    nodes_[static_cast<size_t>(at)] = {std::numeric_limits<int64_t>::max(), state, heads_[head],
                                       static_cast<uint8_t>(position)};
    heads_[head] = at;
  }
  edge.to = at;
  if (keep_edges_) edges_.push_back(edge);
  Node& node = nodes_[static_cast<size_t>(at)];
  if (order >= node.order) return;
  node.order = order;
  best_edges_[static_cast<size_t>(at)] = edge;
}

void Lattice::add_roots(const RootEnds& ends) {
  for (int i = 0; i < ends.size; ++i) {
    const RootEnd end = ends.list[static_cast<size_t>(i)];
    const RootRecord* root = &model_->roots[end.first];
    for (auto r = static_cast<int32_t>(end.first);; ++r, ++root) {
      const int64_t order =
          (int64_t{root->cost} << kTieBits) + tie_of_root(end.letters, root->root_class);
      relax(end.letters, root->state, order, {-1, 0, r, -1, root->cost});
      if (root->more == 0) break;
    }
  }
}

// Every tail the word ends in makes what is before it a stem.
void Lattice::add_guesses(const Guesses& guesses) {
  for (const auto& [stem, tail_cost] :
       std::span(guesses.list).first(static_cast<size_t>(guesses.stems))) {
    if (stem < rests_.first) continue;
    const int32_t cost =
        model_->header.guess_cost + stem * model_->header.guess_letter_cost + tail_cost;
    for (int kind = 0; kind < kStemKinds; ++kind) {
      const int32_t state =
          model_->starts[static_cast<size_t>(kind * kSounds + guesses.sounds[stem])];
      if (state < 0) continue;
      relax(stem, static_cast<uint32_t>(state),
            (int64_t{cost} << kTieBits) + tie_of_root(stem, kind), {-1, 0, -1, -1, cost});
    }
  }
}

// Harmony with what is before the apostrophe is preferred, not asked for: what is written may be
// read in another way (TRT'ye, HTML'nin).
void Lattice::add_suffix_starts() {
  if (rests_.first > 0) return;
  for (int sound = 0; sound < kSounds; ++sound) {
    const int32_t state = model_->starts[static_cast<size_t>(sound)];
    if (state < 0) continue;
    const int32_t cost = sound == sound_ ? 0 : kCostUnit;
    relax(0, static_cast<uint32_t>(state), int64_t{cost} << kTieBits, {-1, 0, -1, -1, cost});
  }
}

void Lattice::expand(const Word& word) {
  const StateRecord* const states = model_->states.data();
  const uint32_t* const letters = model_->letters.data();
  const ArcRecord* const arcs = model_->arcs.data();
  for (int position = rests_.first; position < word.size; ++position) {
    const uint64_t ahead = load64(word.code.data() + position);
    const uint64_t letter_bit = uint64_t{1} << (ahead & 0xFF);
    for (int16_t at = heads_[static_cast<size_t>(position)]; at >= 0;
         at = nodes_[static_cast<size_t>(at)].next) {
      const StateRecord& state = states[nodes_[static_cast<size_t>(at)].state];
      if ((state.first_letters & letter_bit) == 0) continue;
      const size_t row = state.letters_at +
                         static_cast<size_t>(std::popcount(state.first_letters & (letter_bit - 1)));
      const int64_t order = nodes_[static_cast<size_t>(at)].order;
      const uint32_t last = letters[row + 1];
      for (uint32_t first = letters[row]; first < last; first += 64) {
        // All arcs are compared before any is followed: which of them match, no processor
        // foretells.
        uint64_t matches = 0;
        const uint32_t count = std::min(last - first, 64u);
        for (uint32_t i = 0; i < count; ++i) {
          matches |= static_cast<uint64_t>(arcs[first + i].begins(ahead)) << i;
        }
        for (; matches != 0; matches &= matches - 1) {
          const uint32_t a = first + static_cast<uint32_t>(std::countr_zero(matches));
          const ArcRecord& arc = arcs[a];
          relax(position + arc.size, arc.target, order + (int64_t{arc.cost} << kTieBits),
                {at, 0, -1, static_cast<int32_t>(a), arc.cost});
        }
      }
    }
  }
}

int32_t Lattice::last_node() const {
  int32_t best = -1;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int16_t at = heads_[static_cast<size_t>(letters_)]; at >= 0;
       at = nodes_[static_cast<size_t>(at)].next) {
    const Node& node = nodes_[static_cast<size_t>(at)];
    const int32_t final_cost = model_->states[node.state].final_cost;
    if (final_cost == kNever) continue;
    const int64_t order = node.order + (int64_t{final_cost} << kTieBits);
    if (order < least || (order == least && best >= 0 && at < best)) {
      least = order;
      best = at;
    }
  }
  return best;
}

// Edges from the start to the end.
void Lattice::fill(const std::vector<int32_t>& path, Reading& reading) const {
  reading.size = 0;
  reading.known = false;
  for (const int32_t e : path) {
    const Edge& edge = edges_[static_cast<size_t>(e)];
    const uint8_t begin = edge.from < 0 ? 0 : node(edge.from).at;
    const uint8_t end = node(edge.to).at;
    reading.known |= edge.root >= 0;
    if (end > begin) reading.add({begin, end, edge.root, edge.arc});
  }
}

void Lattice::trace(int32_t node, Reading& reading) const {
  int size = 0;
  reading.known = false;
  for (int32_t at = node; at >= 0 && size < kMaxMorphs;) {
    const Edge& edge = best_edges_[static_cast<size_t>(at)];
    const uint8_t begin = edge.from < 0 ? 0 : nodes_[static_cast<size_t>(edge.from)].at;
    const uint8_t end = nodes_[static_cast<size_t>(at)].at;
    reading.known |= edge.root >= 0;
    if (end > begin)
      reading.morphs[static_cast<size_t>(size++)] = {begin, end, edge.root, edge.arc};
    at = edge.from;
  }
  std::reverse(reading.morphs.begin(), reading.morphs.begin() + size);
  reading.size = size;
}

bool Lattice::best(const Word& word, ReadFrom from, Reading& reading, const RootEnds* ends) {
  keep_edges_ = false;
  if (from == ReadFrom::Guess) {
    const Guesses guesses = guesses_for(*model_, word);
    return best_by_key(
        word, guesses.key, [&] { add_guesses(guesses); }, reading);
  }
  if (from == ReadFrom::Suffixes) {
    return best_by_key(
        word, suffix_key(word, sound_), [&] { add_suffix_starts(); }, reading);
  }
  RootEnds found;
  if (ends == nullptr) {
    find_roots(*model_, word, found);
    ends = &found;
  }
  if (ends->size == 0) return false;
  clear(word);
  add_roots(*ends);
  return search(word, reading);
}

bool Lattice::search(const Word& word, Reading& reading) {
  expand(word);
  const int32_t last = last_node();
  if (last < 0) return false;
  const Node& node = nodes_[static_cast<size_t>(last)];
  reading.cost = cost_of(node.order) + model_->states[node.state].final_cost;
  trace(last, reading);
  return reading.size > 0 && reading.morphs[0].begin == 0;  // no more morphemes than fit
}

template <class Start>
bool Lattice::best_by_key(const Word& word, uint64_t key, const Start& start, Reading& reading) {
  KnownEnding& ending = endings_.slot(key);
  if (key != 0 && ending.serial == model_->serial && ending.key == key) {
    if (ending.found) recall(word, ending, reading);
    return ending.found;
  }
  clear(word);
  start();
  const bool found = search(word, reading);
  if (key == 0 || (found && reading.size > static_cast<int>(KnownEnding::kMax))) return found;
  ending.key = key;
  ending.serial = model_->serial;
  ending.found = found;
  if (found) remember(word, reading, ending);
  return found;
}

// All suffixes; a stem is what is before them.
void Lattice::remember(const Word& word, const Reading& reading, KnownEnding& ending) const {
  const int stem = reading.morphs[0].arc < 0 ? reading.morphs[0].end : 0;
  ending.suffixes = 0;
  for (const ReadMorph& morph :
       std::span(reading.morphs).first(static_cast<size_t>(reading.size))) {
    if (morph.arc < 0) continue;
    ending.letters[ending.suffixes] = static_cast<uint8_t>(word.size - morph.begin);
    ending.arcs[ending.suffixes++] = morph.arc;
  }
  ending.cost = reading.cost - stem * model_->header.guess_letter_cost;
}

void Lattice::recall(const Word& word, const KnownEnding& ending, Reading& reading) const {
  const auto place = [&](size_t i) {
    return static_cast<uint8_t>(word.size - (i < ending.suffixes ? ending.letters[i] : 0));
  };
  const uint8_t stem = place(0);
  reading.size = 0;
  reading.known = false;
  reading.cost = ending.cost + stem * model_->header.guess_letter_cost;
  if (stem > 0) reading.add({0, stem, -1, -1});
  for (size_t i = 0; i < ending.suffixes; ++i) {
    reading.add({place(i), place(i + 1), -1, ending.arcs[i]});
  }
}

void Lattice::build(const Word& word, ReadFrom from) {
  keep_edges_ = true;
  start(word, from);
  expand(word);
}

std::vector<Reading> Lattice::cheapest(const Word& word, ReadFrom from, int count) {
  build(word, from);
  struct Way {
    int64_t cost;
    int32_t edge;
    int rank;  // of the way to the edge's first node
  };
  // Edges come in the order of the position they start at, so those into a node's predecessors are
  // complete when the node's own are looked at in the order of positions.
  std::vector<std::vector<int32_t>> into(static_cast<size_t>(node_count_));
  for (size_t e = 0; e < edges_.size(); ++e) {
    into[static_cast<size_t>(edges_[e].to)].push_back(static_cast<int32_t>(e));
  }
  const auto limit = static_cast<size_t>(count);
  std::vector<std::vector<Way>> ways(static_cast<size_t>(node_count_));
  const auto keep_best = [&](std::vector<Way>& list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Way& a, const Way& b) { return a.cost < b.cost; });
    if (list.size() > limit) list.resize(limit);
  };
  std::vector<int32_t> by_position;
  for (int i = 0; i < node_count_; ++i) by_position.push_back(i);
  std::stable_sort(by_position.begin(), by_position.end(),
                   [&](int32_t a, int32_t b) { return node(a).at < node(b).at; });
  std::vector<Way> finals;
  for (const int32_t n : by_position) {
    std::vector<Way>& list = ways[static_cast<size_t>(n)];
    for (const int32_t e : into[static_cast<size_t>(n)]) {
      const Edge& edge = edges_[static_cast<size_t>(e)];
      if (edge.from < 0) {
        int64_t order = int64_t{edge.cost} << kTieBits;
        if (edge.root >= 0) {
          order +=
              tie_of_root(node(n).at, model_->roots[static_cast<size_t>(edge.root)].root_class);
        }
        list.push_back({order, e, 0});
        continue;
      }
      const std::vector<Way>& before = ways[static_cast<size_t>(edge.from)];
      for (size_t rank = 0; rank < before.size(); ++rank) {
        list.push_back(
            {before[rank].cost + (int64_t{edge.cost} << kTieBits), e, static_cast<int>(rank)});
      }
    }
    keep_best(list);
    const int32_t final_cost = model_->states[node(n).state].final_cost;
    if (node(n).at != letters_ || final_cost == kNever) continue;
    for (size_t rank = 0; rank < list.size(); ++rank) {
      // `edge` is the node here.
      finals.push_back(
          {list[rank].cost + (int64_t{final_cost} << kTieBits), n, static_cast<int>(rank)});
    }
  }
  keep_best(finals);
  std::vector<Reading> readings;
  for (const Way& last : finals) {
    std::vector<int32_t> path;
    int32_t n = last.edge;
    int rank = last.rank;
    while (n >= 0) {
      const Way& way = ways[static_cast<size_t>(n)][static_cast<size_t>(rank)];
      path.push_back(way.edge);
      n = edges_[static_cast<size_t>(way.edge)].from;
      rank = way.rank;
    }
    if (path.size() > kMaxMorphs) continue;
    std::reverse(path.begin(), path.end());
    Reading reading;
    fill(path, reading);
    reading.cost = cost_of(last.cost);
    readings.push_back(reading);
  }
  return readings;
}

// Forward: the probability mass of all ways to each node. Backward: an edge is drawn by its share.
bool Lattice::sample(const Word& word, ReadFrom from, double temperature, uint64_t seed,
                     Reading& reading) {
  build(word, from);
  const double scale = 1.0 / (temperature * kCostUnit);
  std::vector<double> log_mass(static_cast<size_t>(node_count_), -INFINITY);
  std::vector<std::vector<int32_t>> into(static_cast<size_t>(node_count_));
  for (size_t e = 0; e < edges_.size(); ++e) {
    into[static_cast<size_t>(edges_[e].to)].push_back(static_cast<int32_t>(e));
  }
  const auto weight = [&](const Edge& edge) {
    const double before = edge.from < 0 ? 0 : log_mass[static_cast<size_t>(edge.from)];
    return before - edge.cost * scale;
  };
  const auto log_add = [](double a, double b) {
    if (a < b) std::swap(a, b);
    return b == -INFINITY ? a : a + std::log1p(std::exp(b - a));
  };
  std::vector<int32_t> order;
  for (int i = 0; i < node_count_; ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return node(a).at < node(b).at; });
  double total = -INFINITY;
  std::vector<std::pair<int32_t, double>> lasts;
  for (const int32_t n : order) {
    double& mass = log_mass[static_cast<size_t>(n)];
    for (const int32_t e : into[static_cast<size_t>(n)]) {
      mass = log_add(mass, weight(edges_[static_cast<size_t>(e)]));
    }
    const int32_t final_cost = model_->states[node(n).state].final_cost;
    if (node(n).at != letters_ || final_cost == kNever || mass == -INFINITY) continue;
    lasts.emplace_back(n, mass - final_cost * scale);
    total = log_add(total, lasts.back().second);
  }
  if (lasts.empty()) return false;
  uint64_t draws = 0;
  const auto draw = [&](const auto& items, double all, const auto& log_weight) {
    double left = uniform(seed, draws++);
    for (const auto& item : items) {
      left -= std::exp(log_weight(item) - all);
      if (left < 0) return item;
    }
    return items.back();  // rounding
  };
  int32_t n = draw(lasts, total, [](const auto& last) { return last.second; }).first;
  std::vector<int32_t> path;
  while (n >= 0) {
    const int32_t e = draw(into[static_cast<size_t>(n)], log_mass[static_cast<size_t>(n)],
                           [&](int32_t edge) { return weight(edges_[static_cast<size_t>(edge)]); });
    path.push_back(e);
    n = edges_[static_cast<size_t>(e)].from;
  }
  if (path.size() > kMaxMorphs) return false;
  std::reverse(path.begin(), path.end());
  fill(path, reading);
  reading.cost = 0;
  for (const int32_t e : path) reading.cost += edges_[static_cast<size_t>(e)].cost;
  return true;
}

}  // namespace lydia::text
