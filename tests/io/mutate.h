// Damage done to the bytes of a file, the same on every run, for the fuzz tests of readers.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace lydia::io {

// LYDIA_FUZZ_ROUNDS multiplies how many damaged files a test makes.
inline size_t fuzz_rounds(size_t rounds) {
  const char* text = std::getenv("LYDIA_FUZZ_ROUNDS");
  return rounds * (text != nullptr ? std::strtoull(text, nullptr, 10) : 1);
}

class Mutator {
 public:
  // `pieces`: what the reader of this format stumbles over.
  Mutator(uint32_t seed, const std::vector<std::string>& pieces) : random_(seed), pieces_(pieces) {}

  std::string damaged(std::string bytes) {
    for (size_t times = 1 + below(3); times > 0; --times) damage(bytes);
    return bytes;
  }

 private:
  // uniform_int_distribution may differ between libraries; the plain remainder does not.
  size_t below(size_t limit) { return limit ? random_() % limit : 0; }

  void damage(std::string& bytes) {
    const size_t at = below(bytes.size());
    switch (below(7)) {
      case 0:  // flip a bit
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:  // any byte
        if (!bytes.empty()) bytes[at] = static_cast<char>(random_());
        break;
      case 2: bytes.resize(at); break;
      case 3: bytes.erase(at, below(9)); break;
      case 4: bytes.insert(at, bytes.substr(at, below(60))); break;
      case 5:
        if (!pieces_.empty()) bytes.insert(at, pieces_[below(pieces_.size())]);
        break;
      default: {  // a field of the header becomes huge, or nothing
        const char value = below(2) ? '\xFF' : '\0';
        for (size_t i = 0, from = below(std::min<size_t>(bytes.size(), 200)); i < 4; ++i) {
          if (from + i < bytes.size()) bytes[from + i] = value;
        }
      }
    }
  }

  std::mt19937 random_;
  const std::vector<std::string>& pieces_;
};

}  // namespace lydia::io
