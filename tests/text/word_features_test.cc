// The features of words.
#include "lydia/text/word_features.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

TEST_CASE("features tell words apart by what they look like") {
  const auto a = word_features("evlerden", 1 << 20), b = word_features("kapılardan", 1 << 20);
  const auto c = word_features("Evlerden", 1 << 20), d = word_features("evlerden", 1 << 20);
  CHECK(a == d);
  CHECK(a[0] != c[0]);  // the word itself
  CHECK(a[1] == c[1]);  // in lower case
  CHECK(a[2] == b[2]);  // "n"
  CHECK(a[4] != b[4]);  // "den", "dan"
  CHECK(a[7] == b[7]);  // small letters
  CHECK(a[7] != c[7]);
  CHECK(word_features("İZMİR", 1 << 20)[1] == word_features("izmir", 1 << 20)[1]);
  CHECK(word_features("ŞÜPHE", 1 << 20)[1] == word_features("şüphe", 1 << 20)[1]);
}

TEST_CASE("features lie in the buckets and are never the padding, whatever the bytes") {
  for (const char* word : {"", "a", "ğ", "\xff\xfe", "12.5", "uzunbirkelime", "\xe2\x82"}) {
    for (const int64_t buckets : {2, 7, 32768}) {
      const auto features = word_features(word, buckets);
      CHECK(*std::min_element(features.begin(), features.end()) >= 1);
      CHECK(*std::max_element(features.begin(), features.end()) < buckets);
    }
  }
  CHECK_THROWS_AS(word_features("a", 1), ValueError);
}

}  // namespace
}  // namespace lydia::text
