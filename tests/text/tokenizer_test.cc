// What stands around a tokenizer's model, over a model that is plain to see: one token a byte.
#include "lydia/text/tokenizer.h"

#include <doctest/doctest.h>

#include "lydia/core/error.h"

namespace lydia::text {
namespace {

// Ids 0 to 4 are special, 5 + b is the byte b; words are what stands between spaces.
class ByteModel final : public TokenizerModel {
 public:
  ByteModel() {
    names_ = {"<pad>", "<unk>", "<bos>", "<eos>", "<mask>"};
    for (int b = 0; b < 256; ++b) names_.push_back(std::string(1, static_cast<char>(b)));
  }
  std::string_view kind() const override { return "bytes"; }
  int32_t vocab_size() const override { return 261; }
  SpecialIds special_ids() const override { return {0, 1, 2, 3, 4}; }
  bool is_special(int32_t id) const override { return id >= 0 && id < 5; }
  std::string_view id_to_token(int32_t id) const override {
    LYDIA_CHECK(id >= 0 && id < vocab_size(), IndexError, "bytes: got ", id);
    return names_[static_cast<size_t>(id)];
  }
  std::optional<int32_t> token_to_id(std::string_view token) const override {
    for (size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == token) return static_cast<int32_t>(i);
    return std::nullopt;
  }
  ModelTokens encode(std::string_view text, const ModelEncodeOptions& options) const override {
    ModelTokens out;
    int32_t word = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      out.ids.push_back(5 + static_cast<unsigned char>(text[i]));
      if (options.types) out.types.push_back(7), out.categories.push_back(8);
      if (!options.spans) continue;
      word += text[i] == ' ' && i > 0;
      out.spans.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(i + 1)});
      out.words.push_back(word);
    }
    return out;
  }
  std::unique_ptr<ModelDecoder> decoder(bool skip_special) const override {
    struct Decoder final : ModelDecoder {
      const ByteModel* model;
      bool skip;
      void push(int32_t id, std::string& out) override {
        if (!(skip && model->is_special(id))) out += model->id_to_token(id);
      }
      void finish(std::string&) override {}
    };
    auto out = std::make_unique<Decoder>();
    out->model = this;
    out->skip = skip_special;
    return out;
  }
  std::string save(const std::string&) const override { fail<NotImplementedError>("bytes"); }

 private:
  std::vector<std::string> names_;
};

Tokenizer make() { return Tokenizer(std::make_shared<ByteModel>()); }

std::string joined(const Encoding& encoding) {
  std::string out;
  for (const std::string& token : encoding.tokens) out += token;
  return out;
}

using Ints = std::vector<int32_t>;
using Bytes = std::vector<uint8_t>;
using Spans = std::vector<TextSpan>;

TEST_CASE("one text: frame, masks, spans in bytes and in code points") {
  const Tokenizer tokenizer = make();
  const Encoding e = tokenizer.encode({"ağ"});
  CHECK(e.ids == Ints{2, 5 + 'a', 5 + 0xC4, 5 + 0x9F, 3});
  CHECK(e.special_tokens_mask == Bytes{1, 0, 0, 0, 1});
  CHECK(e.attention_mask == Bytes{1, 1, 1, 1, 1});
  CHECK(e.sequence_ids == Ints{-1, 0, 0, 0, -1});
  CHECK(e.word_ids == Ints{-1, 0, 0, 0, -1});
  CHECK(e.byte_offsets == Spans{{0, 0}, {0, 1}, {1, 2}, {2, 3}, {0, 0}});
  CHECK(e.offsets == Spans{{0, 0}, {0, 1}, {1, 2}, {1, 2}, {0, 0}});
  CHECK(e.types.empty());
  CHECK(tokenizer.decode(e.ids) == "ağ");
  CHECK(tokenizer.decode(e.ids, false) == "<bos>ağ<eos>");
  CHECK(tokenizer.encode({""}).ids == Ints{2, 3});
  CHECK(tokenizer.encode({"a"}, {.add_special_tokens = false}).ids == Ints{5 + 'a'});
}

TEST_CASE("without details only ids, type ids and masks; types on request") {
  const Encoding e = make().encode({"ab"}, {.details = false, .types = true});
  CHECK(e.ids.size() == 4);
  CHECK(e.tokens.empty());
  CHECK(e.offsets.empty());
  CHECK(e.word_ids.empty());
  CHECK(e.types == Bytes{0, 7, 7, 0});
  CHECK(e.categories == Bytes{0, 8, 8, 0});
}

TEST_CASE("a pair: the frame between, and which token is of which text") {
  const Tokenizer tokenizer = make();
  const Encoding e = tokenizer.encode({"ab", "c"});
  CHECK(joined(e) == "<bos>ab<eos>c<eos>");
  CHECK(e.type_ids == Ints{0, 0, 0, 0, 1, 1});
  CHECK(e.sequence_ids == Ints{-1, 0, 0, -1, 1, -1});
  CHECK(e.byte_offsets[4] == TextSpan{0, 1});
  CHECK(tokenizer.frame_size(false) == 2);
  CHECK(tokenizer.frame_size(true) == 3);
}

TEST_CASE("truncation: what is kept, what overflows, how much neighbours share") {
  const Tokenizer tokenizer = make();
  TokenizeOptions options{.truncation = Truncation{.max_length = 5, .stride = 1}};
  CHECK(tokenizer.encode({"abcdefg"}, options).overflowing.empty());
  options.truncation->overflow = true;
  const Encoding e = tokenizer.encode({"abcdefg"}, options);
  CHECK(joined(e) == "<bos>abc<eos>");
  REQUIRE(e.overflowing.size() == 2);
  CHECK(joined(e.overflowing[0]) == "<bos>cde<eos>");
  CHECK(joined(e.overflowing[1]) == "<bos>efg<eos>");
  CHECK(e.overflowing[1].byte_offsets[1] == TextSpan{4, 5});

  options.truncation->side = Side::Left;
  const Encoding left = tokenizer.encode({"abcdefg"}, options);
  CHECK(joined(left) == "<bos>efg<eos>");
  CHECK(joined(left.overflowing.back()) == "<bos>abc<eos>");
  CHECK(tokenizer.encode({"abc"}, options).overflowing.empty());

  options.truncation = Truncation{.max_length = 2};  // room for the frame alone
  CHECK(joined(tokenizer.encode({"abc"}, options)) == "<bos><eos>");
}

TEST_CASE("truncation of pairs by each strategy") {
  const Tokenizer tokenizer = make();
  const auto cut = [&](TruncationStrategy strategy, int64_t length) {
    return tokenizer.encode(
        {"abcdefgh", "xyz"},
        {.truncation = Truncation{.max_length = length, .strategy = strategy, .overflow = true}});
  };
  CHECK(joined(cut(TruncationStrategy::LongestFirst, 10)) == "<bos>abcd<eos>xyz<eos>");
  CHECK(joined(cut(TruncationStrategy::LongestFirst, 8)) == "<bos>abc<eos>xy<eos>");
  CHECK(joined(cut(TruncationStrategy::OnlySecond, 12)) == "<bos>abcdefgh<eos>x<eos>");
  const Encoding first = cut(TruncationStrategy::OnlyFirst, 8);
  CHECK(joined(first) == "<bos>ab<eos>xyz<eos>");
  REQUIRE(first.overflowing.size() == 3);
  CHECK(joined(first.overflowing[2]) == "<bos>gh<eos>xyz<eos>");
  CHECK_THROWS_AS(cut(TruncationStrategy::OnlyFirst, 5), ValueError);
  CHECK_THROWS_AS(cut(TruncationStrategy::LongestFirst, 2), ValueError);
}

TEST_CASE("wrong truncation is refused") {
  const Tokenizer tokenizer = make();
  const auto encode = [&](Truncation how) {
    return tokenizer.encode({"abcdefgh"}, {.truncation = how});
  };
  CHECK_THROWS_AS(encode({.max_length = 1}), ValueError);
  CHECK_THROWS_AS(encode({.max_length = 5, .stride = 3}), ValueError);
  CHECK_THROWS_AS(encode({.max_length = 5, .stride = -1}), ValueError);
  CHECK_THROWS_AS(encode({.max_length = 5, .strategy = TruncationStrategy::OnlySecond}),
                  ValueError);
  CHECK_THROWS_AS(parse_side("middle"), ValueError);
  CHECK_THROWS_AS(parse_truncation_strategy("longest"), ValueError);
}

TEST_CASE("padding: to the longest, to a length, to a multiple, on both sides") {
  const Tokenizer tokenizer = make();
  const std::vector<TextInput> inputs = {{"a"}, {"abcd"}};
  auto batch = tokenizer.encode_batch(inputs, {.padding = Padding{}});
  CHECK(batch[0].ids == Ints{2, 5 + 'a', 3, 0, 0, 0});
  CHECK(batch[0].attention_mask == Bytes{1, 1, 1, 0, 0, 0});
  CHECK(batch[0].special_tokens_mask == Bytes{1, 0, 1, 1, 1, 1});
  CHECK(batch[0].tokens.back() == "<pad>");
  CHECK(batch[1].size() == 6);
  batch =
      tokenizer.encode_batch(inputs, {.padding = Padding{.multiple_of = 8, .side = Side::Left}});
  CHECK(batch[0].ids == Ints{0, 0, 0, 0, 0, 2, 5 + 'a', 3});
  CHECK(tokenizer.encode({"a"}, {.padding = Padding{.length = 4}}).size() == 4);
  CHECK(tokenizer.encode({"abcd"}, {.padding = Padding{.length = 4}}).size() == 6);
  const Encoding parts =
      tokenizer.encode({"abcde"}, {.truncation = Truncation{.max_length = 4, .overflow = true},
                                   .padding = Padding{.length = 6}});
  CHECK(parts.overflowing.back().size() == 6);
  CHECK_THROWS_AS(tokenizer.encode({"a"}, {.padding = Padding{.length = -1}}), ValueError);
}

TEST_CASE("added tokens: found in the text, longest first, with ids behind the model's") {
  Tokenizer tokenizer = make();
  CHECK(tokenizer.add_tokens({{.content = "<mask>"}}) == 0);  // stays special, and text where it is
  CHECK(tokenizer.is_special(4));
  CHECK(tokenizer.encode({"<mask>"}, {.add_special_tokens = false}).size() == 6);
  CHECK(tokenizer.add_tokens(
            {{.content = "<x>"}, {.content = "<x>>"}, {.content = "<mask>", .special = true}}) ==
        2);
  CHECK(tokenizer.add_tokens({{.content = "<x>"}}) == 0);
  CHECK(tokenizer.size() == 263);
  CHECK(tokenizer.token_to_id("<x>>") == 262);
  CHECK(tokenizer.id_to_token(261) == "<x>");
  CHECK_THROWS_AS(tokenizer.id_to_token(263), IndexError);
  CHECK_THROWS_AS(tokenizer.id_to_token(-1), IndexError);
  const Encoding e = tokenizer.encode({"a<x>>ç<x><mask>"}, {.add_special_tokens = false});
  CHECK(e.ids == Ints{5 + 'a', 262, 5 + 0xC3, 5 + 0xA7, 261, 4});
  CHECK(e.byte_offsets == Spans{{0, 1}, {1, 5}, {5, 6}, {6, 7}, {7, 10}, {10, 16}});
  CHECK(e.offsets == Spans{{0, 1}, {1, 5}, {5, 6}, {5, 6}, {6, 9}, {9, 15}});
  CHECK(e.word_ids == Ints{0, 1, 2, 2, 3, 4});
  CHECK(tokenizer.decode(e.ids) == "a<x>>ç<x>");
  CHECK(tokenizer.decode(e.ids, false) == "a<x>>ç<x><mask>");
  CHECK_THROWS_AS(tokenizer.add_tokens({{.content = ""}}), ValueError);
}

TEST_CASE("added tokens: special ones are left out, single words stand alone, strips take spaces") {
  Tokenizer tokenizer = make();
  tokenizer.add_tokens({{.content = "[S]", .special = true},
                        {.content = "ev", .single_word = true},
                        {.content = "~~", .lstrip = true, .rstrip = true}});
  const auto ids = [&](std::string_view text) {
    return tokenizer.encode({text}, {.add_special_tokens = false}).ids;
  };
  CHECK(tokenizer.is_special(261));
  CHECK(tokenizer.decode(ids("a[S]b")) == "ab");
  CHECK(tokenizer.decode(ids("a[S]b"), false) == "a[S]b");
  CHECK(ids("ev") == Ints{262});
  CHECK(ids("eve") == Ints{5 + 'e', 5 + 'v', 5 + 'e'});
  CHECK(ids("a \n~~  b") == Ints{5 + 'a', 263, 5 + 'b'});
}

TEST_CASE("a stream never ends inside a character, and gives everything in the end") {
  Tokenizer tokenizer = make();
  tokenizer.add_tokens({{.content = "<x>"}});
  const std::string text = "ağ€😀<x>z\xff\xf0\x9f";
  DecodeStream stream(tokenizer);
  std::string all;
  for (const int32_t id : tokenizer.encode({text}).ids) {
    const std::string piece = stream.push(id);
    if (all.size() + piece.size() <= text.find('z'))
      CHECK((piece.empty() || (piece[0] & 0xC0) != 0x80));
    all += piece;
  }
  CHECK(all == text.substr(0, text.size() - 2));
  CHECK(stream.finish() == "\xf0\x9f");
  CHECK(stream.finish().empty());
}

TEST_CASE("batches on threads equal single calls, and errors come through") {
  const Tokenizer tokenizer = make();
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back("metin " + std::to_string(i));
  std::vector<TextInput> inputs;
  for (const std::string& text : texts) inputs.push_back({text});
  const auto batch = tokenizer.encode_batch(inputs, {}, 4);
  std::vector<Ints> ids;
  for (size_t i = 0; i < texts.size(); ++i) {
    CHECK(batch[i].ids == tokenizer.encode(inputs[i]).ids);
    ids.push_back(batch[i].ids);
  }
  CHECK(tokenizer.decode_batch(ids, true, 3) == texts);
  ids[100].push_back(9999);
  CHECK_THROWS_AS(tokenizer.decode_batch(ids, true, 3), IndexError);
  CHECK_THROWS_AS(tokenizer.encode_batch(inputs, {}, -1), ValueError);
  CHECK(tokenizer.encode_batch({}, {.padding = Padding{}}).empty());
}

TEST_CASE("frames are set by id and checked") {
  Tokenizer tokenizer = make();
  tokenizer.set_frame({.before = {4}, .between = {3, 3}, .after = {}});
  CHECK(joined(tokenizer.encode({"a", "b"})) == "<mask>a<eos><eos>b");
  CHECK_THROWS_AS(tokenizer.set_frame({.before = {500}, .between = {}, .after = {}}), IndexError);
}

}  // namespace
}  // namespace lydia::text
