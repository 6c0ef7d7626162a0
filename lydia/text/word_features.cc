#include "lydia/text/word_features.h"

#include <algorithm>
#include <string>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::text {
namespace {

// Latin letters only; of the dotted and the dotless i one letter is made.
char32_t lower(char32_t c) {
  if (c == 0x130 || c == 0x131 || c == U'I') return U'i';
  if ((c >= U'A' && c <= U'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) return c + 32;
  const bool odd_capitals = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (odd_capitals) return c + (c & 1);
  if (c >= 0x100 && c <= 0x177) return c | 1;
  return c;
}

char32_t shape(char32_t c) {
  if (c >= U'0' && c <= U'9') return U'9';
  if (c != lower(c) && c != 0x131) return U'A';
  return c < U'a' || (c > U'z' && c < 0xC0) ? U'.' : U'a';
}

// FNV-1a over the feature's number and the letters.
int64_t bucket(char32_t feature, std::u32string_view letters, int64_t buckets) {
  uint64_t h = (0xcbf29ce484222325u ^ feature) * 0x100000001b3u;
  for (const char32_t c : letters) h = (h ^ c) * 0x100000001b3u;
  h ^= h >> 32;
  return 1 + static_cast<int64_t>(h % static_cast<uint64_t>(buckets - 1));
}

}  // namespace

std::array<int64_t, kWordFeatures> word_features(std::string_view word, int64_t buckets) {
  LYDIA_CHECK(buckets >= 2, ValueError, "word_features: expected at least 2 buckets, got ",
              buckets);
  const std::u32string letters = decode_utf8(word);
  std::u32string small = letters, shapes = letters;
  std::transform(letters.begin(), letters.end(), small.begin(), lower);
  std::transform(letters.begin(), letters.end(), shapes.begin(), shape);
  shapes.erase(std::unique(shapes.begin(), shapes.end()), shapes.end());
  std::array<int64_t, kWordFeatures> out{bucket(0, letters, buckets), bucket(1, small, buckets)};
  const std::u32string_view view = small;
  for (size_t n = 1; n <= 4; ++n) {
    out[1 + n] = bucket(static_cast<char32_t>(1 + n),
                        view.substr(view.size() - std::min(n, view.size())), buckets);
  }
  out[6] = bucket(6, view.substr(0, 3), buckets);
  out[7] = bucket(7, shapes, buckets);
  return out;
}

}  // namespace lydia::text
