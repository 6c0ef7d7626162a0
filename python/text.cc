// lydia.text: corpora and n-gram models.
#include <nanobind/stl/string_view.h>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/ops/copy.h"
#include "lydia/text/char_vocab.h"
#include "lydia/text/corpus.h"
#include "lydia/text/ngram.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using text::CharVocab, text::NgramModel;

// The ids of a one-dimensional integer tensor. ValueError where one does not fit.
std::vector<int32_t> ids_of(const Tensor& tokens) {
  LYDIA_CHECK(tokens.ndim() == 1 && is_integral(tokens.dtype()), ValueError,
              "tokens: expected integers in one dimension, got ", tokens.dtype(), " of ",
              tokens.sizes());
  const Tensor wide = contiguous(tokens.to(DType::I64));
  std::vector<int32_t> out;
  out.reserve(static_cast<size_t>(wide.numel()));
  for (int64_t i = 0; i < wide.numel(); ++i) {
    const int64_t id = wide.data<int64_t>()[i];
    LYDIA_CHECK(id >= 0 && id <= INT32_MAX, IndexError, "tokens: expected ids from 0, got ", id);
    out.push_back(static_cast<int32_t>(id));
  }
  return out;
}

Tensor to_tensor(const std::vector<int32_t>& ids) {
  const Tensor out = empty({static_cast<int64_t>(ids.size())}, DType::I64);
  std::copy(ids.begin(), ids.end(), out.data<int64_t>());
  return out;
}

nb::bytes to_bytes(std::string_view text) { return nb::bytes(text.data(), text.size()); }

// split_text(text) of str in UTF-8 or of bytes, with parts of the same kind.
nb::tuple split(const nb::object& whole, unsigned one_in) {
  if (nb::isinstance<nb::bytes>(whole)) {
    const auto bytes = nb::cast<nb::bytes>(whole);
    const text::TextSplit parts = text::split_text({bytes.c_str(), bytes.size()}, one_in);
    return nb::make_tuple(to_bytes(parts.train), to_bytes(parts.held_out));
  }
  const text::TextSplit parts = text::split_text(nb::cast<std::string_view>(whole), one_in);
  return nb::make_tuple(parts.train, parts.held_out);
}

void register_vocab(nb::module_& m) {
  nb::class_<CharVocab>(m, "CharVocab",
                        "The characters of a text as numbers; 0 is any character not among them.")
      .def(
          "__init__",
          [](CharVocab* self, std::string_view text, size_t min_count) {
            new (self) CharVocab(CharVocab::build(decode_utf8(text), min_count));
          },
          "text"_a, "min_count"_a = 1)
      .def("__len__", &CharVocab::size)
      .def_prop_ro(
          "characters", [](const CharVocab& v) { return encode_utf8(v.characters()); },
          "The known characters; characters[i] is number i + 1.")
      .def(
          "encode",
          [](const CharVocab& v, std::string_view text) {
            return to_tensor(v.encode(decode_utf8(text)));
          },
          "text"_a, "The numbers of a text's characters, int64.")
      .def(
          "decode",
          [](const CharVocab& v, const Tensor& ids) { return encode_utf8(v.decode(ids_of(ids))); },
          "ids"_a, "The text of numbers; 0 becomes U+FFFD.");
}

}  // namespace

void register_text(nb::module_& parent) {
  nb::module_ m = parent.def_submodule("_text", "Text.");
  m.def("split_text", &split, "text"_a, "one_in"_a);
  m.def(
      "split_documents",
      [](std::string_view text) {
        std::vector<std::string> out;
        for (const std::string_view one : text::split_documents(text)) out.emplace_back(one);
        return out;
      },
      "text"_a);
  register_vocab(m);
  nb::class_<NgramModel>(m, "NgramModel",
                         "An n-gram language model with interpolated modified Kneser-Ney "
                         "smoothing: the baseline that a\nneural model has to beat.")
      .def(
          "__init__",
          [](NgramModel* self, const Tensor& tokens, int32_t vocab_size, int order) {
            const std::vector<int32_t> ids = ids_of(tokens);
            const nb::gil_scoped_release release;
            new (self) NgramModel(NgramModel::train(ids, vocab_size, order));
          },
          "tokens"_a, "vocab_size"_a, "order"_a = 5)
      .def_prop_ro("order", &NgramModel::order, "How many tokens an n-gram has.")
      .def(
          "probability",
          [](const NgramModel& model, const Tensor& context, int32_t token) {
            return model.probability(ids_of(context), token);
          },
          "context"_a, "token"_a, "P(token | context).")
      .def(
          "bits_per_token",
          [](const NgramModel& model, const Tensor& tokens) {
            const std::vector<int32_t> ids = ids_of(tokens);
            const nb::gil_scoped_release release;
            return model.bits_per_token(ids);
          },
          "tokens"_a, "-log2 P per token of a text that begins here.");
}

}  // namespace lydia::python
