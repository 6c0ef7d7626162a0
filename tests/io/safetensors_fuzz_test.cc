// Thousands of damaged safetensors files, the same on every run: each must be refused with a
// ValueError or be read as a file that keeps every rule. LYDIA_FUZZ_ROUNDS multiplies
// their number.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string_view>

#include "lydia/core/error.h"
#include "lydia/io/safetensors.h"
#include "tests/io/safetensors_bytes.h"

namespace lydia::io {
namespace {

using Bytes = std::vector<std::byte>;

size_t rounds() {
  const char* text = std::getenv("LYDIA_FUZZ_ROUNDS");
  return 20'000 * (text != nullptr ? std::strtoull(text, nullptr, 10) : 1);
}

std::vector<Bytes> seeds() {
  const std::string two = R"({"__metadata__":{"format":"pt","not":"ğüş"},)"
                          R"("a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                          R"("b":{"dtype":"BF16","shape":[5],"data_offsets":[24,34]},)"
                          R"("c":{"dtype":"BOOL","shape":[],"data_offsets":[34,35]}}      )";
  std::string many = "{";
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i), next = std::to_string(i + 1);
    many += (i ? "," : "") + ("\"layer." + n) +
            R"(":{"dtype":"U8","shape":[1,1],"data_offsets":[)" + n + "," + next + "]}";
  }
  return {file_bytes("{}", ""), file_bytes(two, std::string(35, '\1')),
          file_bytes(many + "}", std::string(20, '\2'))};
}

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  void mutate(Bytes& bytes) {
    for (size_t times = 1 + below(3); times > 0; --times) mutate_once(bytes);
  }

 private:
  // uniform_int_distribution may differ between libraries; the plain remainder does not.
  size_t below(size_t limit) { return random_() % limit; }

  void mutate_once(Bytes& bytes) {
    static constexpr std::string_view kPieces[] = {"{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ",",
                                                   ":",
                                                   "\"",
                                                   "0",
                                                   "-1",
                                                   "1e9",
                                                   "null",
                                                   "[[",
                                                   "{}",
                                                   "\"a\"",
                                                   "true",
                                                   "18446744073709551615",
                                                   "9223372036854775808",
                                                   "\\u0000",
                                                   "\"dtype\"",
                                                   "\"shape\":[0]",
                                                   "F64",
                                                   "F4",
                                                   "\xFF"};
    const size_t at = bytes.empty() ? 0 : below(bytes.size());
    const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(7)) {
      case 0:  // flip a bit
        if (!bytes.empty()) bytes[at] ^= static_cast<std::byte>(1u << below(8));
        break;
      case 1:  // any byte
        if (!bytes.empty()) bytes[at] = static_cast<std::byte>(random_());
        break;
      case 2:  // cut off
        bytes.resize(at);
        break;
      case 3:  // leave out a stretch
        bytes.erase(position,
                    position + static_cast<std::ptrdiff_t>(std::min(below(9), bytes.size() - at)));
        break;
      case 4: {  // repeat a stretch
        const Bytes copy(position, position + static_cast<std::ptrdiff_t>(
                                                  std::min(below(60), bytes.size() - at)));
        bytes.insert(position, copy.begin(), copy.end());
        break;
      }
      case 5: {  // something that JSON readers stumble over
        const std::string_view piece = kPieces[below(std::size(kPieces))];
        const auto* start = reinterpret_cast<const std::byte*>(piece.data());
        bytes.insert(position, start, start + piece.size());
        break;
      }
      default:  // change a digit: near misses of offsets and shapes
        for (std::byte& b : bytes) {
          const bool digit = b >= std::byte{'0'} && b <= std::byte{'9'};
          if (digit && below(12) == 0) b = static_cast<std::byte>('0' + below(10));
        }
    }
    fix_length(bytes);
  }

  // Most damage should reach the JSON behind the length, so the length is put right most times.
  void fix_length(Bytes& bytes) {
    if (bytes.size() < 8 || below(8) == 0) return;
    size_t end = bytes.size();
    while (end > 8 && bytes[end - 1] != std::byte{'}'} && bytes[end - 1] != std::byte{' '}) --end;
    const uint64_t length = end - 8;
    std::memcpy(bytes.data(), &length, 8);
  }

  std::mt19937 random_;
};

// The rules, checked from the outside on what the reader gave out.
void check_rules(const SafetensorsFile& file, size_t file_size) {
  size_t total = 0;
  const std::byte* next = nullptr;
  for (const TensorView& tensor : file.tensors()) {
    CHECK(file.find(tensor.name) == &tensor);
    CHECK((next == nullptr || tensor.data.data() == next));
    next = tensor.data.data() + tensor.data.size();
    total += tensor.data.size();
    if (tensor.dtype == DType::F32) CHECK(tensor.data.size() % 4 == 0);
    size_t elements = 1;
    for (const int64_t dim : tensor.shape) elements *= static_cast<size_t>(dim);
    CHECK((elements == 0) == tensor.data.empty());
    // Touch every byte, so that a sanitizer sees a view that reaches too far.
    unsigned sum = 0;
    for (const std::byte b : tensor.data) sum += static_cast<unsigned>(b);
    CHECK(sum <= 255 * tensor.data.size());
  }
  CHECK(total + 10 <= file_size);
}

TEST_CASE("damaged files are refused or read right") {
  size_t accepted = 0, refused = 0;
  for (const Bytes& seed : seeds()) CHECK_NOTHROW(SafetensorsFile::parse(seed, "seed"));
  for (size_t round = 0; round < rounds(); ++round) {
    CAPTURE(round);
    const auto all = seeds();
    Bytes bytes = all[round % all.size()];
    Mutator(static_cast<uint32_t>(round)).mutate(bytes);
    const size_t size = bytes.size();
    try {
      const SafetensorsFile file = SafetensorsFile::parse(std::move(bytes), "damaged");
      check_rules(file, size);
      ++accepted;
    } catch (const ValueError& error) {
      CHECK(std::string_view(error.what()).starts_with("damaged: "));
      ++refused;
    }
  }
  // Both ways out must have been taken many times, or the damage is of the wrong kind.
  CHECK(accepted > rounds() / 200);
  CHECK(refused > rounds() / 2);
}

}  // namespace
}  // namespace lydia::io
