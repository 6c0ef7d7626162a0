#include "lydia/text/bpe.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <queue>
#include <unordered_set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::text {
namespace {

constexpr std::string_view kSpace = "\xe2\x96\x81";  // U+2581

uint64_t pair_key(int32_t a, int32_t b) {
  return static_cast<uint64_t>(static_cast<uint32_t>(a)) << 32 | static_cast<uint32_t>(b);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// f(word) for what stands between white space.
template <class F>
void for_each_word(std::string_view text, const F& f) {
  for (size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > begin) f(text.substr(begin, at - begin));
  }
}

std::vector<std::string> characters_of(std::string_view word) {
  std::vector<std::string> out;
  for (size_t at = 0; at < word.size();) {
    const size_t length = decode_code_point(word, at).length;
    out.emplace_back(word.substr(at, length));
    at += length;
  }
  return out;
}

// The words of the training text, cut as the merges so far say, and how often each pair stands in
// them.
class Trainer {
 public:
  using Words = std::vector<std::pair<std::vector<int32_t>, int64_t>>;
  explicit Trainer(Words words) : words_(std::move(words)) {
    for (uint32_t w = 0; w < words_.size(); ++w) {
      const auto& [ids, count] = words_[w];
      for (size_t i = 0; i + 1 < ids.size(); ++i) change(ids[i], ids[i + 1], count, w);
    }
    for (const auto& [key, pair] : pairs_) queue_.push({pair.count, key});
  }

  // The most frequent pair, of equals the one with the lowest ids; false when none is left.
  bool best(int64_t min_count, int32_t& a, int32_t& b) {
    while (!queue_.empty()) {
      const auto [count, key] = queue_.top();
      queue_.pop();
      const int64_t now = pairs_[key].count;
      if (now < count) {  // it was joined into something else meanwhile
        if (now >= min_count) queue_.push({now, key});
        continue;
      }
      if (now < min_count) return false;
      a = static_cast<int32_t>(key >> 32);
      b = static_cast<int32_t>(key & 0xffffffffu);
      return true;
    }
    return false;
  }

  void merge(int32_t a, int32_t b, int32_t joined) {
    const auto places = std::exchange(pairs_[pair_key(a, b)].words, {});
    std::vector<uint64_t> grown;
    for (const uint32_t w : places) {
      auto& [ids, count] = words_[w];
      for (size_t i = 0; i + 1 < ids.size(); ++i) change(ids[i], ids[i + 1], -count, w);
      size_t out = 0;
      for (size_t i = 0; i < ids.size(); ++i) {
        const bool hit = i + 1 < ids.size() && ids[i] == a && ids[i + 1] == b;
        ids[out++] = hit ? joined : ids[i];
        i += hit;
      }
      ids.resize(out);
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        change(ids[i], ids[i + 1], count, w);
        if (ids[i] == joined || ids[i + 1] == joined) grown.push_back(pair_key(ids[i], ids[i + 1]));
      }
    }
    std::sort(grown.begin(), grown.end());
    grown.erase(std::unique(grown.begin(), grown.end()), grown.end());
    for (const uint64_t key : grown) queue_.push({pairs_[key].count, key});
  }

 private:
  struct Pair {
    int64_t count = 0;
    std::unordered_set<uint32_t> words;  // may hold words that lost the pair
  };
  struct Entry {
    int64_t count;
    uint64_t key;
    bool operator<(const Entry& o) const {
      return count != o.count ? count < o.count : key > o.key;
    }
  };

  void change(int32_t a, int32_t b, int64_t count, uint32_t word) {
    Pair& pair = pairs_[pair_key(a, b)];
    pair.count += count;
    if (count > 0) pair.words.insert(word);
  }

  Words words_;
  std::unordered_map<uint64_t, Pair> pairs_;
  std::priority_queue<Entry> queue_;
};

std::string byte_name(int b) {
  std::array<char, 8> name;
  std::snprintf(name.data(), name.size(), "<0x%02X>", b);
  return name.data();
}

}  // namespace

Bpe Bpe::train(std::string_view text, const BpeTrainOptions& options) {
  std::map<std::string, int64_t, std::less<>> counts;  // sorted: the same text, the same pieces
  for_each_word(text, [&](std::string_view word) { ++counts[std::string(kSpace).append(word)]; });

  Bpe bpe;
  for (int b = 0; b < 256; ++b) bpe.pieces_.push_back(byte_name(b));
  std::map<std::string, int64_t> seen;
  for (const auto& [word, count] : counts)
    for (const std::string& character : characters_of(word))
      if (is_valid_utf8(character)) seen[character] += count;
  for (const auto& [character, count] : seen) {
    bpe.characters_[character] = bpe.vocab_size();
    bpe.pieces_.push_back(character);
  }
  LYDIA_CHECK(bpe.vocab_size() <= options.vocab_size, ValueError,
              "Bpe: expected vocab_size of at least the ", bpe.vocab_size(),
              " bytes and characters, got ", options.vocab_size);

  Trainer::Words words;
  for (const auto& [word, count] : counts) {
    std::vector<int32_t> ids;
    bpe.encode_word(word, ids);
    words.emplace_back(std::move(ids), count);
  }
  Trainer trainer(std::move(words));
  const int64_t total = options.vocab_size - bpe.vocab_size();
  int32_t a, b;
  for (int64_t done = 0; done < total && trainer.best(options.min_count, a, b); ++done) {
    const int32_t id = bpe.vocab_size();
    bpe.pieces_.push_back(bpe.pieces_[static_cast<size_t>(a)] +
                          bpe.pieces_[static_cast<size_t>(b)]);
    bpe.merges_[pair_key(a, b)] = {static_cast<int32_t>(done), id};
    trainer.merge(a, b, id);
    if (options.progress && (done + 1 == total || done % 256 == 0))
      options.progress(done + 1, total);
  }
  return bpe;
}

// Joins the pairs of lowest rank first. Neighbours are kept as a linked list and pairs in a queue:
// n log n for a word of n characters.
void Bpe::encode_word(std::string_view word, std::vector<int32_t>& ids) const {
  struct Symbol {
    int32_t id;
    int64_t before, behind;
  };
  std::vector<Symbol> symbols;
  const auto add = [&](int32_t id) {
    const auto at = static_cast<int64_t>(symbols.size());
    symbols.push_back({id, at - 1, at + 1});
  };
  for (const std::string& character : characters_of(word)) {
    if (const auto known = characters_.find(character); known != characters_.end())
      add(known->second);
    else
      for (const char c : character) add(static_cast<unsigned char>(c));
  }
  const auto size = static_cast<int64_t>(symbols.size());
  struct Candidate {
    int32_t rank;
    int64_t at;
    int32_t left, right, id;
    bool operator<(const Candidate& o) const { return rank != o.rank ? rank > o.rank : at > o.at; }
  };
  std::priority_queue<Candidate> queue;
  const auto consider = [&](int64_t at) {
    if (at < 0 || symbols[static_cast<size_t>(at)].behind >= size) return;
    const int32_t left = symbols[static_cast<size_t>(at)].id;
    const int32_t right = symbols[static_cast<size_t>(symbols[static_cast<size_t>(at)].behind)].id;
    if (const auto merge = merges_.find(pair_key(left, right)); merge != merges_.end())
      queue.push({merge->second.rank, at, left, right, merge->second.id});
  };
  for (int64_t i = 0; i < size; ++i) consider(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<size_t>(best.at)];
    if (left.id != best.left || left.behind >= size) continue;
    Symbol& right = symbols[static_cast<size_t>(left.behind)];
    if (right.id != best.right) continue;
    left.id = best.id;
    right.id = -1;
    left.behind = right.behind;
    if (left.behind < size) symbols[static_cast<size_t>(left.behind)].before = best.at;
    consider(left.before);
    consider(best.at);
  }
  for (int64_t at = 0; at < size; at = symbols[static_cast<size_t>(at)].behind)
    ids.push_back(symbols[static_cast<size_t>(at)].id);
}

std::vector<int32_t> Bpe::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  for_each_word(text,
                [&](std::string_view word) { encode_word(std::string(kSpace).append(word), ids); });
  return ids;
}

std::vector<std::string> Bpe::segment(std::string_view word) const {
  std::vector<int32_t> ids;
  encode_word(std::string(kSpace).append(word), ids);
  std::vector<std::string> out;
  size_t at = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    std::string_view name = piece(ids[i]);
    size_t length = ids[i] < 256 ? 1 : name.size();
    if (i == 0) length -= kSpace.size();  // every word begins with it, so it is never spelled out
    if (length == 0) continue;
    out.emplace_back(word.substr(at, length));
    at += length;
  }
  return out;
}

}  // namespace lydia::text
