// Files of corpora and models: CoNLL-U, tokens, sharded safetensors.
#include "lydia/io/conllu.h"
#include "lydia/io/sharded.h"
#include "lydia/io/token_file.h"
#include "lydia/ops/copy.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

void register_conllu(nb::module_& m) {
  using io::ConlluRange, io::ConlluSentence, io::ConlluWord;
  nb::class_<ConlluWord>(m, "ConlluWord", "One word: the columns of its line, \"\" for \"_\".")
      .def_ro("id", &ConlluWord::id)
      .def_ro("form", &ConlluWord::form)
      .def_ro("lemma", &ConlluWord::lemma)
      .def_ro("upos", &ConlluWord::upos)
      .def_ro("xpos", &ConlluWord::xpos)
      .def_ro("feats", &ConlluWord::feats)
      .def_ro("head", &ConlluWord::head)
      .def_ro("deprel", &ConlluWord::deprel)
      .def_ro("deps", &ConlluWord::deps)
      .def_ro("misc", &ConlluWord::misc)
      .def("__repr__", [](const ConlluWord& w) {
        return "ConlluWord(" + w.id + ", '" + w.form + "', " + w.upos + ")";
      });
  nb::class_<ConlluRange>(m, "ConlluRange", "A multiword token: words first to last.")
      .def_ro("first", &ConlluRange::first)
      .def_ro("last", &ConlluRange::last)
      .def_ro("form", &ConlluRange::form)
      .def_ro("misc", &ConlluRange::misc);
  nb::class_<ConlluSentence>(m, "ConlluSentence", "One sentence of a treebank.")
      .def_ro("comments", &ConlluSentence::comments)
      .def_ro("words", &ConlluSentence::words)
      .def_ro("ranges", &ConlluSentence::ranges)
      .def_ro("empty_nodes", &ConlluSentence::empty_nodes)
      .def_ro("line", &ConlluSentence::line)
      .def("__len__", [](const ConlluSentence& s) { return s.words.size(); })
      .def(
          "comment", [](const ConlluSentence& s, const std::string& key) { return s.comment(key); },
          "key"_a, "The value of a comment \"key = value\", or \"\".")
      .def_prop_ro("sent_id", [](const ConlluSentence& s) { return s.comment("sent_id"); })
      .def_prop_ro("text", [](const ConlluSentence& s) { return s.comment("text"); });
  m.def(
      "read_conllu",
      [](const std::string& path, bool skip) {
        io::CorruptLog log(skip ? io::OnCorrupt::Skip : io::OnCorrupt::Stop);
        std::vector<ConlluSentence> sentences = io::read_conllu(path, &log);
        return nb::make_tuple(std::move(sentences), log.messages());
      },
      "path"_a, "skip"_a);
}

// The ids of an integer tensor as uint32. ValueError where one does not fit.
std::vector<uint32_t> token_ids(const Tensor& tokens) {
  LYDIA_CHECK(tokens.ndim() == 1 && is_integral(tokens.dtype()), ValueError,
              "write_tokens: expected integers in one dimension, got ", tokens.dtype(), " of ",
              tokens.sizes());
  const Tensor wide = contiguous(tokens.to(DType::I64));
  std::vector<uint32_t> out;
  for (int64_t i = 0; i < wide.numel(); ++i) {
    const int64_t token = wide.data<int64_t>()[i];
    LYDIA_CHECK(token >= 0 && token <= UINT32_MAX, ValueError,
                "write_tokens: expected ids from 0 to 2^32 - 1, got ", token);
    out.push_back(static_cast<uint32_t>(token));
  }
  return out;
}

}  // namespace

void register_io_corpora(nb::module_& parent) {
  auto m = nb::cast<nb::module_>(parent.attr("_io"));
  register_conllu(m);
  m.def("open_tokens", &io::open_tokens, "path"_a, "dtype"_a = nb::none());
  m.def(
      "write_tokens",
      [](const std::string& path, const Tensor& tokens) {
        io::write_tokens(path, token_ids(tokens));
      },
      "path"_a, "tokens"_a);
  m.def(
      "load_sharded",
      [](const std::string& folder, bool mmap) {
        nb::dict out;
        const auto mode = mmap ? io::LoadMode::Map : io::LoadMode::Copy;
        for (const auto& [name, tensor] : io::load_sharded(folder, mode)) {
          out[name.c_str()] = tensor;
        }
        return out;
      },
      "folder"_a, "mmap"_a);
  m.def(
      "save_sharded",
      [](const std::string& folder, const nb::dict& tensors, int64_t max_shard_size) {
        io::NamedTensors named;
        for (const auto& [name, tensor] : tensors) {
          named.emplace_back(nb::cast<std::string>(name), nb::cast<Tensor>(tensor));
        }
        io::save_sharded(folder, named, max_shard_size, {{"format", "pt"}});
      },
      "folder"_a, "tensors"_a, "max_shard_size"_a);
}

}  // namespace lydia::python
