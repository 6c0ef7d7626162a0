// Philox against the known answers of the Random123 library (kat_vectors, philox4x32-10).
#include "lydia/core/rng.h"

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("philox gives the published answers") {
  using Block = lydia::PhiloxBlock;
  CHECK(lydia::philox({0, 0, 0, 0}, {0, 0}) ==
        Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const uint32_t f = 0xffffffff;
  CHECK(lydia::philox({f, f, f, f}, {f, f}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(lydia::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("philox_fill gives the blocks of the stream, from anywhere") {
  const uint64_t seed = 0x123456789abcdef0, first = 0xfffffffd;  // the counter's low word wraps
  std::vector<uint32_t> words(4 * 37);
  lydia::philox_fill(seed, first, 37, words.data());
  for (uint64_t i = 0; i < 37; ++i) {
    const uint64_t block = first + i;
    const auto expected =
        lydia::philox({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 0},
                      {0x9abcdef0, 0x12345678});
    for (size_t k = 0; k < 4; ++k) CHECK(words[4 * i + k] == expected[k]);
  }
}

TEST_CASE("a generator hands out each block once") {
  lydia::Generator g(9);
  CHECK(g.reserve(5).used == 0);
  CHECK(g.reserve(2).used == 5);
  CHECK(g.state().used == 7);
  g.set_seed(10);
  CHECK(g.state().used == 0);
  const uint64_t seed = g.seed_randomly();
  CHECK(seed == g.state().seed);
}
