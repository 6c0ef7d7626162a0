// lydia._C._text: tokenizers. The classes that programs use are in lydia/_tokenizer.py.
#include "lydia/text/tokenizer.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>

#include "lydia/core/error.h"
#include "lydia/io/json.h"
#include "lydia/text/morphopiece_eval.h"
#include "lydia/text/morphopiece_train.h"
#include "lydia/text/tokenizer_export.h"
#include "lydia/text/tokenizer_morphopiece.h"
#include "python/bind.h"
#include "python/callback.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using text::Encoding, text::MorphoPiece, text::TextSpan, text::Tokenizer;

nb::bytes to_bytes(std::string_view text) { return nb::bytes(text.data(), text.size()); }
std::string_view to_view(const nb::bytes& bytes) { return {bytes.c_str(), bytes.size()}; }
// Names of tokens may be any bytes; lone surrogates come back as they came.
nb::str to_str(std::string_view text) {
  const auto size = static_cast<Py_ssize_t>(text.size());
  PyObject* out = PyUnicode_DecodeUTF8(text.data(), size, "surrogatepass");
  if (out == nullptr) {
    PyErr_Clear();
    out = PyUnicode_DecodeUTF8(text.data(), size, "backslashreplace");
  }
  return nb::steal<nb::str>(out);
}

const MorphoPiece& model_of(const Tokenizer& tokenizer) {
  return text::morphopiece_of(tokenizer.model(), "MorphoPieceTokenizer");
}

// Ids with tokens of the model in place of added ones, of the same types: a special token, a byte.
std::vector<int32_t> model_ids(const Tokenizer& tokenizer, std::vector<int32_t> ids) {
  for (int32_t& id : ids) {
    const text::AddedToken* added = tokenizer.added_tokens().find(id);
    if (added != nullptr) id = added->special ? MorphoPiece::kMask : MorphoPiece::kFirstByte;
  }
  return ids;
}

nb::list spans(const std::vector<TextSpan>& all) {
  nb::list out;
  for (const TextSpan& span : all) out.append(nb::make_tuple(span.begin, span.end));
  return out;
}

// -1 stands for None.
nb::list or_none(const std::vector<int32_t>& all) {
  nb::list out;
  for (const int32_t one : all) out.append(one < 0 ? nb::none() : nb::cast(one));
  return out;
}

nb::list numbers(const std::vector<uint8_t>& all) {
  nb::list out;
  for (const uint8_t one : all) out.append(static_cast<int>(one));
  return out;
}

template <class T>
nb::list codes(const std::vector<T>& all) {
  nb::list out;
  for (const T one : all) out.append(static_cast<int>(one));
  return out;
}

// What __call__ and encode give: (add_special_tokens, details, types, parse_special, mode,
// temperature, seed, truncation, padding); truncation is None or (max_length, stride, strategy,
// side, overflow), padding None or (length, multiple_of, side).
text::TokenizeOptions options_of(const nb::tuple& given) {
  text::TokenizeOptions out;
  out.add_special_tokens = nb::cast<bool>(given[0]);
  out.details = nb::cast<bool>(given[1]);
  out.types = nb::cast<bool>(given[2]);
  out.parse_special = nb::cast<bool>(given[3]);
  out.mode = nb::cast<std::string>(given[4]);
  out.temperature = nb::cast<double>(given[5]);
  out.seed = nb::cast<uint64_t>(given[6]);
  if (!given[7].is_none()) {
    const auto how = nb::cast<nb::tuple>(given[7]);
    out.truncation = {.max_length = nb::cast<int64_t>(how[0]),
                      .stride = nb::cast<int64_t>(how[1]),
                      .strategy = text::parse_truncation_strategy(nb::cast<std::string>(how[2])),
                      .side = text::parse_side(nb::cast<std::string>(how[3])),
                      .overflow = nb::cast<bool>(how[4])};
  }
  if (!given[8].is_none()) {
    const auto how = nb::cast<nb::tuple>(given[8]);
    out.padding = {.length = nb::cast<int64_t>(how[0]),
                   .multiple_of = nb::cast<int64_t>(how[1]),
                   .side = text::parse_side(nb::cast<std::string>(how[2]))};
  }
  return out;
}

// Texts come as bytes, or as pairs of bytes. The list keeps them alive.
std::vector<text::TextInput> inputs_of(const nb::list& texts) {
  std::vector<text::TextInput> out;
  out.reserve(texts.size());
  for (const nb::handle one : texts) {
    if (nb::isinstance<nb::bytes>(one)) {
      out.push_back({to_view(nb::cast<nb::bytes>(one))});
      continue;
    }
    const auto pair = nb::cast<nb::tuple>(one);
    out.push_back({to_view(nb::cast<nb::bytes>(pair[0])), to_view(nb::cast<nb::bytes>(pair[1]))});
  }
  return out;
}

nb::dict to_dict(const text::Morph& morph) {
  nb::dict out;
  out["surface"] = to_str(morph.surface);
  out["label"] = morph.label;
  out["type"] = static_cast<int>(morph.type);
  out["type_name"] = text::morph_type_name(morph.type);
  out["span"] = nb::make_tuple(morph.span.begin, morph.span.end);
  out["lemma"] = morph.lemma.empty() ? nb::none() : nb::object(to_str(morph.lemma));
  return out;
}

nb::tuple to_tuple(const text::Segmentation& reading) {
  nb::list morphs;
  for (const text::Morph& morph : reading.morphs) morphs.append(to_dict(morph));
  return nb::make_tuple(morphs, reading.cost, reading.known);
}

std::vector<text::AddedToken> added_of(const nb::list& tokens) {
  std::vector<text::AddedToken> out;
  for (const nb::handle one : tokens) {
    const auto t = nb::cast<nb::tuple>(one);
    out.push_back({.content = nb::cast<std::string>(t[0]),
                   .special = nb::cast<bool>(t[1]),
                   .single_word = nb::cast<bool>(t[2]),
                   .lstrip = nb::cast<bool>(t[3]),
                   .rstrip = nb::cast<bool>(t[4])});
  }
  return out;
}

struct Trained {
  std::vector<std::string> files, counts, roots;
  int32_t vocab_size;
  std::string mode, hunspell_dic, hunspell_aff, licence;
  bool core_list;
  int em_passes;
};

Tokenizer train(const Trained& given, const nb::object& texts, const nb::object& progress) {
  text::MorphTrainOptions how;
  how.vocab_size = given.vocab_size;
  how.mode = text::parse_morph_mode(given.mode);
  how.text_files = given.files;
  how.count_files = given.counts;
  how.root_files = given.roots;
  how.hunspell_dic = given.hunspell_dic;
  how.hunspell_aff = given.hunspell_aff;
  how.text_licence = given.licence;
  how.core_list = given.core_list;
  how.em_passes = given.em_passes;
  if (!texts.is_none()) {
    how.next_text = [next = PyRef(texts)](std::string& out) {
      const nb::gil_scoped_acquire gil;
      const auto item = nb::steal(PyIter_Next(next.get().ptr()));
      if (!item.is_valid()) {
        if (PyErr_Occurred()) throw nb::python_error();
        return false;
      }
      out = to_view(nb::cast<nb::bytes>(item));
      return true;
    };
  }
  if (!progress.is_none()) {
    how.progress = [call = PyRef(progress)](std::string_view stage, int64_t done, int64_t total) {
      const nb::gil_scoped_acquire gil;
      call.get()(to_str(stage), done, total);
    };
  }
  const nb::gil_scoped_release nogil;
  return Tokenizer(std::make_shared<text::MorphoPieceAdapter>(text::train_morphopiece(how)));
}

void register_encoding(nb::module_& m) {
  nb::class_<Encoding>(m, "Encoding", "What encoding a text gives, one entry a token.")
      .def("__len__", &Encoding::size)
      .def_prop_ro("ids", [](const Encoding& e) { return e.ids; })
      .def_prop_ro("type_ids", [](const Encoding& e) { return e.type_ids; })
      .def_prop_ro("tokens",
                   [](const Encoding& e) {
                     nb::list out;
                     for (const std::string& token : e.tokens) out.append(to_str(token));
                     return out;
                   })
      .def_prop_ro("offsets", [](const Encoding& e) { return spans(e.offsets); })
      .def_prop_ro("byte_offsets", [](const Encoding& e) { return spans(e.byte_offsets); })
      .def_prop_ro("word_ids", [](const Encoding& e) { return or_none(e.word_ids); })
      .def_prop_ro("sequence_ids", [](const Encoding& e) { return or_none(e.sequence_ids); })
      .def_prop_ro("special_tokens_mask",
                   [](const Encoding& e) { return numbers(e.special_tokens_mask); })
      .def_prop_ro("attention_mask", [](const Encoding& e) { return numbers(e.attention_mask); })
      .def_prop_ro("morpho_types", [](const Encoding& e) { return numbers(e.types); })
      .def_prop_ro("semantic_categories", [](const Encoding& e) { return numbers(e.categories); })
      .def_prop_ro("overflowing", [](const Encoding& e) { return e.overflowing; });
}

void register_stream(nb::module_& m) {
  nb::class_<text::DecodeStream>(m, "DecodeStream")
      .def(nb::init<const Tokenizer&, bool>(), "tokenizer"_a, "skip_special_tokens"_a,
           nb::keep_alive<1, 2>())
      .def("push", [](text::DecodeStream& s, int32_t id) { return to_bytes(s.push(id)); })
      .def("finish", [](text::DecodeStream& s) { return to_bytes(s.finish()); });
}

void register_analysis(nb::class_<Tokenizer>& c) {
  c.def("segment",
        [](const Tokenizer& t, const nb::bytes& word, int nbest) {
          nb::list out;
          for (const auto& reading : model_of(t).segment(to_view(word), nbest))
            out.append(to_tuple(reading));
          return out;
        })
      .def("sample",
           [](const Tokenizer& t, const nb::bytes& word, double temperature, uint64_t seed) {
             return to_tuple(model_of(t).sample(to_view(word), temperature, seed));
           })
      .def("morpho_types",
           [](const Tokenizer& t, const std::vector<int32_t>& ids) {
             return codes(model_of(t).morpho_types(model_ids(t, ids)));
           })
      .def("morpho_type_lists",
           [](const Tokenizer& t, const std::vector<int32_t>& ids) {
             nb::list out;
             for (const auto& types : model_of(t).morpho_type_lists(model_ids(t, ids)))
               out.append(codes(types));
             return out;
           })
      .def("semantic_categories",
           [](const Tokenizer& t, const std::vector<int32_t>& ids) {
             return codes(model_of(t).semantic_categories(model_ids(t, ids)));
           })
      .def("info",
           [](const Tokenizer& t) {
             const text::MorphModelInfo i = model_of(t).info();
             nb::dict out;
             out["format"] = std::to_string(i.format_major) + "." + std::to_string(i.format_minor);
             out["mode"] = text::morph_mode_name(i.mode);
             out["roots"] = i.roots;
             out["states"] = i.states;
             out["arcs"] = i.arcs;
             out["words"] = i.words;
             out["tails"] = i.tails;
             out["sequences"] = i.sequences;
             out["file_bytes"] = i.file_bytes;
             out["meta"] = i.meta_json;
             return out;
           })
      .def(
          "export_json",
          [](const Tokenizer& t, const nb::object& text) {
            const text::UnigramExport exported(model_of(t));
            std::optional<double> share;
            if (!text.is_none())
              share = text::agreement(model_of(t), exported, to_view(nb::cast<nb::bytes>(text)));
            return nb::make_tuple(exported.json(share), share);
          },
          "text"_a.none());
}

}  // namespace

void register_tokenizer(nb::module_& parent) {
  auto m = nb::cast<nb::module_>(parent.attr("_text"));
  register_encoding(m);
  nb::class_<Tokenizer> c(m, "Tokenizer", "A tokenizer around a model of text and ids.");
  c.def_static("load", &Tokenizer::load, "path"_a)
      .def_static("from_model_bytes",
                  [](const nb::bytes& model) {
                    return Tokenizer(std::make_shared<text::MorphoPieceAdapter>(
                        MorphoPiece::from_bytes(std::string(to_view(model)))));
                  })
      .def("model_bytes", [](const Tokenizer& t) { return to_bytes(model_of(t).bytes()); })
      .def("save", &Tokenizer::save, "folder"_a)
      .def_prop_ro("vocab_size", [](const Tokenizer& t) { return t.model().vocab_size(); })
      .def("__len__", &Tokenizer::size)
      .def_prop_ro("special_ids",
                   [](const Tokenizer& t) {
                     const text::SpecialIds s = t.model().special_ids();
                     return nb::make_tuple(s.pad, s.unk, s.bos, s.eos, s.mask);
                   })
      .def("is_special", &Tokenizer::is_special)
      .def("id_to_token", [](const Tokenizer& t, int32_t id) { return to_str(t.id_to_token(id)); })
      .def("token_to_id",
           [](const Tokenizer& t, std::string_view token) { return t.token_to_id(token); })
      .def("frame_size", &Tokenizer::frame_size)
      .def_prop_ro("frame",
                   [](const Tokenizer& t) {
                     return nb::make_tuple(t.frame().before, t.frame().between, t.frame().after);
                   })
      .def("set_frame",
           [](Tokenizer& t, std::vector<int32_t> before, std::vector<int32_t> between,
              std::vector<int32_t> after) {
             t.set_frame({std::move(before), std::move(between), std::move(after)});
           })
      .def("add_tokens",
           [](Tokenizer& t, const nb::list& tokens) { return t.add_tokens(added_of(tokens)); })
      .def_prop_ro("added_tokens",
                   [](const Tokenizer& t) {
                     nb::list out;
                     for (const text::AddedToken& a : t.added_tokens().tokens())
                       out.append(nb::make_tuple(a.content, a.special, a.single_word, a.lstrip,
                                                 a.rstrip, a.id));
                     return out;
                   })
      .def("encode_batch",
           [](const Tokenizer& t, const nb::list& texts, const nb::tuple& options, int threads) {
             const auto inputs = inputs_of(texts);
             const text::TokenizeOptions how = options_of(options);
             const Tokenizer now = t;  // tokens may be added while we are at it
             const nb::gil_scoped_release nogil;
             return now.encode_batch(inputs, how, threads);
           })
      .def("decode", [](const Tokenizer& t, const std::vector<int32_t>& ids,
                        bool skip_special) { return to_bytes(t.decode(ids, skip_special)); })
      .def("decode_batch", [](const Tokenizer& t, const std::vector<std::vector<int32_t>>& batch,
                              bool skip_special, int threads) {
        std::vector<std::string> texts;
        {
          const Tokenizer now = t;  // as in encode_batch
          const nb::gil_scoped_release nogil;
          texts = now.decode_batch(batch, skip_special, threads);
        }
        nb::list out;
        for (const std::string& text : texts) out.append(to_bytes(text));
        return out;
      });
  register_analysis(c);
  register_stream(m);
  m.def(
      "train_morphopiece",
      [](std::vector<std::string> files, const nb::object& texts, std::vector<std::string> counts,
         std::vector<std::string> roots, int32_t vocab_size, const std::string& mode,
         const std::string& dic, const std::string& aff, const std::string& licence, bool core_list,
         int em_passes, const nb::object& progress) {
        return train({std::move(files), std::move(counts), std::move(roots), vocab_size, mode, dic,
                      aff, licence, core_list, em_passes},
                     texts, progress);
      },
      "files"_a, "texts"_a.none(), "counts"_a, "roots"_a, "vocab_size"_a, "mode"_a, "dic"_a,
      "aff"_a, "licence"_a, "core_list"_a, "em_passes"_a, "progress"_a.none());
  m.def("find_hunspell_turkish", &text::find_hunspell_turkish);
  m.def("morph_type_names", [] {
    nb::list out;
    for (int i = 0; i < text::kMorphTypes; ++i)
      out.append(text::morph_type_name(static_cast<text::MorphType>(i)));
    return out;
  });
  m.def("semantic_category_names", [] {
    nb::list out;
    for (int i = 0; i < text::kSemanticCategories; ++i)
      out.append(text::semantic_category_name(static_cast<text::SemanticCategory>(i)));
    return out;
  });
}

}  // namespace lydia::python
