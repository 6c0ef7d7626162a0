#include "lydia/text/tokenizer_encoding.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::text {
namespace {

// Calls f(list, its value in padding) for each list of an encoding.
template <class E, class F>
void for_each_list(E& encoding, int32_t id, std::string_view token, TokenClass token_class,
                   const F& f) {
  f(encoding.ids, id);
  f(encoding.type_ids, 0);
  f(encoding.tokens, std::string(token));
  f(encoding.offsets, TextSpan());
  f(encoding.byte_offsets, TextSpan());
  f(encoding.word_ids, -1);
  f(encoding.sequence_ids, -1);
  f(encoding.special_tokens_mask, uint8_t{1});
  f(encoding.attention_mask, uint8_t{0});
  f(encoding.types, token_class.type);
  f(encoding.categories, token_class.category);
}

// The same for two encodings at once: f(list of a, list of b).
template <class A, class B, class F>
void for_each_pair(A& a, B& b, const F& f) {
  f(a.ids, b.ids);
  f(a.type_ids, b.type_ids);
  f(a.tokens, b.tokens);
  f(a.offsets, b.offsets);
  f(a.byte_offsets, b.byte_offsets);
  f(a.word_ids, b.word_ids);
  f(a.sequence_ids, b.sequence_ids);
  f(a.special_tokens_mask, b.special_tokens_mask);
  f(a.attention_mask, b.attention_mask);
  f(a.types, b.types);
  f(a.categories, b.categories);
}

}  // namespace

Side parse_side(const std::string& name) {
  LYDIA_CHECK(name == "left" || name == "right", ValueError,
              "tokenizer: expected side \"left\" or \"right\", got \"", name, "\"");
  return name == "left" ? Side::Left : Side::Right;
}

TruncationStrategy parse_truncation_strategy(const std::string& name) {
  if (name == "longest_first") return TruncationStrategy::LongestFirst;
  if (name == "only_first") return TruncationStrategy::OnlyFirst;
  if (name == "only_second") return TruncationStrategy::OnlySecond;
  fail<ValueError>(
      "tokenizer: expected truncation \"longest_first\", \"only_first\" or \"only_second\", got \"",
      name, "\"");
}

void Encoding::add_special(int32_t id, std::string_view token, int32_t type_id,
                           TokenClass token_class) {
  for_each_list(*this, id, token, token_class,
                [](auto& list, const auto& value) { list.push_back(value); });
  type_ids.back() = type_id;
  attention_mask.back() = 1;
}

void Encoding::append(const Encoding& other) {
  for_each_pair(*this, other, [](auto& list, const auto& more) {
    list.insert(list.end(), more.begin(), more.end());
  });
}

void Encoding::drop_details() {
  tokens.clear();
  offsets.clear();
  byte_offsets.clear();
  word_ids.clear();
}

void Encoding::drop_types() {
  types.clear();
  categories.clear();
}

Encoding Encoding::part(size_t begin, size_t end) const {
  Encoding out;
  for_each_pair(out, *this, [&](auto& list, const auto& whole) {
    // Lists that were not asked for are empty.
    const auto at = [&](size_t i) {
      return whole.begin() + static_cast<ptrdiff_t>(std::min(i, whole.size()));
    };
    list.assign(at(begin), at(end));
  });
  return out;
}

std::vector<Encoding> split_into_parts(const Encoding& encoding, size_t length, size_t stride,
                                       Side side, bool all) {
  std::vector<Encoding> parts;
  const size_t size = encoding.size();
  if (size <= length) return {encoding};
  if (length == 0) return {Encoding()};
  const size_t step = length - stride;
  if (side == Side::Right) {
    for (size_t begin = 0;; begin += step) {
      const size_t end = std::min(begin + length, size);
      parts.push_back(encoding.part(begin, end));
      if (end == size || !all) return parts;
    }
  }
  for (size_t end = size;; end -= step) {
    const size_t begin = end - std::min(length, end);
    parts.push_back(encoding.part(begin, end));
    if (begin == 0 || !all) return parts;
  }
}

void pad(Encoding& encoding, size_t length, Side side, int32_t id, std::string_view token,
         TokenClass token_class) {
  for (Encoding& part : encoding.overflowing) pad(part, length, side, id, token, token_class);
  const size_t size = encoding.size();
  if (size >= length) return;
  for_each_list(encoding, id, token, token_class, [&](auto& list, const auto& value) {
    if (size == 0 || list.size() == size)  // lists that were not asked for are empty
      list.insert(side == Side::Left ? list.begin() : list.end(), length - size, value);
  });
}

namespace {

// Half of a pair of UTF-16 by itself, as Python's str may hold it: no UTF-8, but one code point.
bool is_surrogate(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  return text.size() - at >= 3 && byte(0) == 0xED && byte(1) >= 0xA0 && byte(1) <= 0xBF &&
         (byte(2) & 0xC0) == 0x80;
}

}  // namespace

std::vector<TextSpan> to_code_points(std::string_view text, const std::vector<TextSpan>& spans) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return spans;
  // How many code points begin before each byte.
  std::vector<uint32_t> before(text.size() + 1);
  uint32_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t next = at + (is_surrogate(text, at) ? 3 : decode_code_point(text, at).length);
    before[at] = count++;
    for (++at; at < next; ++at) before[at] = count;
  }
  before[text.size()] = count;
  const auto begins_at = [&](size_t byte) {  // the code point that holds this byte
    return byte < text.size() && before[byte + 1] == before[byte] ? before[byte] - 1 : before[byte];
  };
  std::vector<TextSpan> out;
  out.reserve(spans.size());
  for (const TextSpan& span : spans) {
    const uint32_t begin = begins_at(span.begin);
    out.push_back({begin, span.end > span.begin ? before[span.end] : begin});
  }
  return out;
}

}  // namespace lydia::text
