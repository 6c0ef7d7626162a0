#include "lydia/text/morphopiece_find.h"

namespace lydia::text {
namespace {

// One word on its way through the trie: `letters` are read, the next one leads to `target`.
struct Walk {
  WordRoots* found;
  int32_t node = TrieView::kRoot;
  uint32_t target = 0;
  int letters = 0;

  // Asks for the cell of the next letter; false at the word's end.
  bool aim(const TrieView& trie) {
    if (letters == found->word.size) return false;
    target = trie.target_of(node, found->word.code[static_cast<size_t>(letters)]);
    trie.prefetch(target);
    return true;
  }
};

// Whether the root that ends here is one to look at.
bool add_end(const MorphoPieceModel& model, int32_t first, int letters, RootEnds& ends) {
  if (first < 0 || letters < ends.rests.first ||
      !model.reverse.is_read(ends.rests.row[static_cast<size_t>(letters)])) {
    return false;
  }
  ends.list[static_cast<size_t>(ends.size++)] = {static_cast<uint32_t>(first),
                                                 static_cast<uint8_t>(letters)};
  return true;
}

}  // namespace

void find_roots(const MorphoPieceModel& model, const Word& word, RootEnds& ends) {
  ends.size = 0;
  ends.rests.read(model.reverse, word);
  int32_t node = TrieView::kRoot;
  for (int i = 0; i < word.size; ++i) {
    node = model.root_trie.child(node, word.code[static_cast<size_t>(i)]);
    if (node < 0) break;
    add_end(model, model.root_trie.value(node), i + 1, ends);
  }
}

void find_roots(const MorphoPieceModel& model, std::span<WordRoots> words) {
  const TrieView& trie = model.root_trie;
  std::array<Walk, kMaxFound> walks;
  size_t active = 0;
  for (WordRoots& each : words) {
    each.ends.size = 0;
    Walk walk{&each};
    if (walk.aim(trie)) walks[active++] = walk;
    each.ends.rests.read(model.reverse, each.word);
  }
  while (active > 0) {
    size_t going = 0;
    for (size_t i = 0; i < active; ++i) {
      Walk walk = walks[i];
      if (!trie.is_child(walk.target, walk.node)) continue;
      walk.node = static_cast<int32_t>(walk.target);
      ++walk.letters;
      const int32_t first = trie.value(walk.node);
      if (add_end(model, first, walk.letters, walk.found->ends)) {
        __builtin_prefetch(&model.roots[static_cast<size_t>(first)]);
      }
      if (walk.aim(trie)) walks[going++] = walk;
    }
    active = going;
  }
}

}  // namespace lydia::text
