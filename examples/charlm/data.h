// The text as numbers, cut into a part to learn from and a part held out, and handed out in
// batches.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "lydia/core/error.h"
#include "lydia/core/tensor.h"
#include "lydia/core/utf8.h"
#include "lydia/text/char_vocab.h"
#include "lydia/text/corpus.h"

namespace charlm {

struct Data {
  lydia::text::CharVocab vocab;
  std::vector<int32_t> train, held_out;
  std::vector<int32_t> curve;  // every eighth held-out document: enough to draw a curve with
};

// Characters seen fewer than 3 times in the training part count as one unknown character, for every
// model alike.
inline Data read_data(std::string_view text) {
  const lydia::text::TextSplit split = lydia::text::split_text(text, 10);
  const std::u32string train = lydia::decode_utf8(split.train);
  Data data;
  data.vocab = lydia::text::CharVocab::build(train, 3);
  data.train = data.vocab.encode(train);
  data.held_out = data.vocab.encode(lydia::decode_utf8(split.held_out));
  std::string curve;
  size_t document = 0;
  for (const std::string_view held : lydia::text::split_documents(split.held_out)) {
    if (document++ % 8 == 0) curve += held;
  }
  data.curve = data.vocab.encode(lydia::decode_utf8(curve));
  constexpr size_t kLeast = 1000;
  LYDIA_CHECK(data.train.size() >= kLeast && data.held_out.size() >= kLeast / 10, lydia::ValueError,
              "charlm: expected a text of several documents or lines, at least ", kLeast,
              " characters to learn from and ", kLeast / 10, " held out, got ", data.train.size(),
              " and ", data.held_out.size());
  return data;
}

struct Batch {
  lydia::Tensor ids;      // int64 [(length + context - 1) * batch], time first
  lydia::Tensor targets;  // int64 [length * batch]: the character after each of the last `length`
};

// The stretches of `tokens` that start at `starts`, side by side.
inline Batch make_batch(const std::vector<int32_t>& tokens, const std::vector<int64_t>& starts,
                        int64_t length, int64_t context) {
  const auto batch = static_cast<int64_t>(starts.size());
  const int64_t times = length + context - 1;
  Batch out{lydia::empty({times * batch}, lydia::DType::I64),
            lydia::empty({length * batch}, lydia::DType::I64)};
  for (int64_t b = 0; b < batch; ++b) {
    const int32_t* from = tokens.data() + starts[static_cast<size_t>(b)];
    for (int64_t t = 0; t < times; ++t) out.ids.data<int64_t>()[t * batch + b] = from[t];
    for (int64_t t = 0; t < length; ++t) {
      out.targets.data<int64_t>()[t * batch + b] = from[context + t];
    }
  }
  return out;
}

inline Batch random_batch(const std::vector<int32_t>& tokens, int64_t batch, int64_t length,
                          int64_t context, std::mt19937& random) {
  const auto last = static_cast<uint64_t>(tokens.size()) - static_cast<uint64_t>(length + context);
  std::vector<int64_t> starts;
  for (int64_t b = 0; b < batch; ++b) starts.push_back(static_cast<int64_t>(random() % (last + 1)));
  return make_batch(tokens, starts, length, context);
}

}  // namespace charlm
