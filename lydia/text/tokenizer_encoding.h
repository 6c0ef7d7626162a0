// What encoding a text gives: ids and, for each of them, what it is and where it came from; and how
// such a list is cut to a length, joined and padded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lydia/text/tokenizer_model.h"

namespace lydia::text {

enum class Side : uint8_t { Left, Right };
Side parse_side(const std::string& name);  // "left", "right"; else ValueError

enum class TruncationStrategy : uint8_t { LongestFirst, OnlyFirst, OnlySecond };
// "longest_first", "only_first", "only_second"; else ValueError
TruncationStrategy parse_truncation_strategy(const std::string& name);

struct Truncation {
  int64_t max_length = 512;  // special tokens included
  int64_t stride = 0;        // tokens that neighbouring parts share
  TruncationStrategy strategy = TruncationStrategy::LongestFirst;
  Side side = Side::Right;  // where tokens are cut off
  bool overflow = false;    // the further parts too; of a pair each of A with each of B
};

struct Padding {
  int64_t length = 0;       // 0: the longest of the batch
  int64_t multiple_of = 0;  // round the length up
  Side side = Side::Right;
};

// One entry a token. Spans of special tokens and of padding are empty, at 0.
struct Encoding {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  // 0 for the first text, 1 for the second
  std::vector<std::string> tokens;
  std::vector<TextSpan> offsets;       // in code points of its text
  std::vector<TextSpan> byte_offsets;  // in bytes: those of a text tile it
  std::vector<int32_t> word_ids;       // -1 for tokens that come from no text
  std::vector<int32_t> sequence_ids;   // which text: 0, 1, or -1
  std::vector<uint8_t> special_tokens_mask, attention_mask;
  std::vector<uint8_t> types, categories;  // ModelTokens'
  std::vector<Encoding> overflowing;       // the further parts of a truncated text

  size_t size() const { return ids.size(); }
  // Adds a token of no text.
  void add_special(int32_t id, std::string_view token, int32_t type_id, TokenClass token_class);
  void append(const Encoding& other);  // its overflowing parts aside
  void drop_details();                 // empties tokens, offsets, byte_offsets and word_ids
  void drop_types();                   // empties types and categories
  Encoding part(size_t begin, size_t end) const;
};

// The parts of at most `length` tokens that an encoding is cut into; neighbours share `stride`
// tokens. The first is what truncation keeps; the others are made when `all` are asked for.
// `stride` must be below `length`.
std::vector<Encoding> split_into_parts(const Encoding& encoding, size_t length, size_t stride,
                                       Side side, bool all);

// To `length` tokens, the overflowing parts too.
void pad(Encoding& encoding, size_t length, Side side, int32_t id, std::string_view token,
         TokenClass token_class);

// Byte spans of `text` as spans of code points: a code point that is cut belongs to both sides.
// Ill-formed bytes count as the code points U+FFFD they would be replaced by.
std::vector<TextSpan> to_code_points(std::string_view text, const std::vector<TextSpan>& spans);

}  // namespace lydia::text
