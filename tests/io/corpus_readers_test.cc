// CoNLL-U, token files and sharded safetensors.
#include <doctest/doctest.h>

#include "lydia/io/atomic_file.h"
#include "lydia/io/conllu.h"
#include "lydia/io/npy.h"
#include "lydia/io/sharded.h"
#include "lydia/io/token_file.h"
#include "tests/io/mutate.h"
#include "tests/io/temp_folder.h"

namespace lydia::io {
namespace {

const std::string kTreebank =
    "# sent_id = s1\n"
    "# text = vámonos al _\n"
    "1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
    "1\tvamos\tir\tVERB\t_\tMood=Imp|Number=Plur\t0\troot\t_\t_\n"
    "2\tnos\tnosotros\tPRON\tP\t_\t1\tobj\t_\t_\n"
    "2.1\tx\tx\tVERB\t_\t_\t_\t_\t0:exroot\t_\n"
    "3\t_\t_\tPUNCT\t_\t_\t1\tpunct\t_\t_\n"
    "\n"
    "1\tEv\tev\tNOUN\t_\t_\t0\troot\t_\t_\n";

FileBytes text(const std::string& content) { return FileBytes::of(content, "f"); }

TEST_CASE("CoNLL-U: words, multiword tokens, empty nodes and comments") {
  const auto sentences = parse_conllu(text(kTreebank));
  REQUIRE(sentences.size() == 2);
  const ConlluSentence& first = sentences[0];
  CHECK(first.comment("text") == "vámonos al _");
  CHECK(first.comment("none") == "");
  REQUIRE(first.words.size() == 3);
  CHECK(first.words[0].lemma == "ir");
  CHECK(first.words[0].feats == "Mood=Imp|Number=Plur");
  CHECK(first.words[0].head == 0);
  CHECK(first.words[0].xpos == "");
  CHECK(first.words[2].form == "_");
  CHECK(first.words[2].lemma == "_");
  REQUIRE(first.ranges.size() == 1);
  CHECK(first.ranges[0].last == 2);
  CHECK(first.ranges[0].form == "vámonos");
  REQUIRE(first.empty_nodes.size() == 1);
  CHECK(first.empty_nodes[0].id == "2.1");
  CHECK(first.empty_nodes[0].head == -1);
  CHECK(sentences[1].line == 9);
}

TEST_CASE("CoNLL-U: broken sentences are named and counted, the others are read") {
  const auto with = [](const std::string& id, const std::string& head) {
    return id + "\ta\ta\tX\t_\t_\t" + head + "\tdep\t_\t_\n";
  };
  const std::string bad[] = {"1\ta\tb\n",
                             with("2", "0"),
                             with("1", "2"),
                             with("1", "x"),
                             with("1-2", "_"),
                             with("0.1", "_"),
                             with("1.1", "_"),
                             "# only\n",
                             "1\t\ta\tX\t_\t_\t0\td\t_\t_\n",
                             "1\t\xFF\ta\tX\t_\t_\t0\td\t_\t_\n"};
  std::string all;
  for (const std::string& sentence : bad) {
    CAPTURE(sentence);
    CHECK_THROWS_AS(parse_conllu(text(sentence)), CorruptRecord);
    all += sentence + "\n" + with("1", "0") + "\n";
  }
  CorruptLog log(OnCorrupt::Skip);
  CHECK(parse_conllu(text(all), &log).size() == std::size(bad));
  CHECK(log.count() == std::ssize(bad));
  CHECK(log.messages()[0] == "f:1: expected 10 columns, got 3");
  CHECK(log.messages()[1] == "f:5: expected word 1, got \"2\"");
  CorruptLog strict;
  CHECK_THROWS_AS(parse_conllu(text(all), &strict), CorruptRecord);
}

TEST_CASE("damaged treebanks are refused or read") {
  const std::vector<std::string> pieces = {"\t", "\n", "\n\n", "-", ".", "1", "_", "#", "\xFF"};
  size_t refused = 0;
  for (size_t round = 0; round < fuzz_rounds(10'000); ++round) {
    CAPTURE(round);
    Mutator mutator(static_cast<uint32_t>(round), pieces);
    const FileBytes file = text(mutator.damaged(kTreebank));
    try {
      for (const ConlluSentence& sentence : parse_conllu(file)) {
        for (const ConlluWord& word : sentence.words)
          CHECK(word.head <= std::ssize(sentence.words));
      }
    } catch (const CorruptRecord&) {
      ++refused;
    }
    CorruptLog log(OnCorrupt::Skip);
    CHECK_NOTHROW(parse_conllu(file, &log));
  }
  CHECK(refused > fuzz_rounds(10'000) / 4);
}

TEST_CASE("tokens: with a header, as .npy, and bare") {
  TempFolder folder;
  const std::string path = folder.file("t.bin");
  const std::vector<uint32_t> narrow = {1, 2, 65535}, wide = {1, 65536};
  write_tokens(path, narrow);
  const Tensor tokens = open_tokens(path);
  CHECK(tokens.dtype() == DType::U16);
  CHECK(tokens.data<uint16_t>()[2] == 65535);
  CHECK(tokens.storage()->read_only());
  save_npy(folder.file("t.npy"), tokens);
  CHECK(open_tokens(folder.file("t.npy")).numel() == 3);
  write_tokens(path, wide);
  CHECK(open_tokens(path).data<uint32_t>()[1] == 65536);
  write_tokens(path, {});
  CHECK(open_tokens(path).numel() == 0);
  CHECK_THROWS_AS(open_tokens(path, DType::U16), ValueError);

  write_file_atomic(path, "abcd");
  CHECK(open_tokens(path, DType::U16).data<uint16_t>()[0] == 0x6261);
  CHECK_THROWS_AS(open_tokens(path), ValueError);
  CHECK_THROWS_AS(open_tokens(path, DType::F32), ValueError);
  write_file_atomic(path, "abcde");
  CHECK_THROWS_AS(open_tokens(path, DType::U16), ValueError);
  for (const char* bad : {"LYDIATOK", "LYDIATOK\1\0\0\0\3\0\0\0\0\0\0\0\0\0\0"}) {
    write_file_atomic(path, bad);
    CHECK_THROWS_AS(open_tokens(path), ValueError);
  }
}

Tensor filled(int64_t count, float value) {
  const Tensor tensor = empty({count}, DType::F32);
  std::fill_n(tensor.data<float>(), count, value);
  return tensor;
}

TEST_CASE("sharded: files keep their limit and the index finds everything again") {
  TempFolder folder;
  NamedTensors tensors;
  for (int i = 0; i < 7; ++i) {
    tensors.emplace_back("t" + std::to_string(i), filled(10, static_cast<float>(i)));
  }
  tensors.emplace_back("large", filled(50, 9));
  save_sharded(folder.file(""), tensors, 100);
  CHECK(std::filesystem::exists(folder.file("model-00005-of-00005.safetensors")));
  const NamedTensors back = load_sharded(folder.file(""));
  REQUIRE(back.size() == 8);
  for (const auto& [name, tensor] : back) {
    const float expected = name == "large" ? 9.f : static_cast<float>(name[1] - '0');
    CHECK(*tensor.data<float>() == expected);
  }
  save_sharded(folder.file(""), tensors);
  CHECK_FALSE(std::filesystem::exists(folder.file("model.safetensors.index.json")));
  CHECK(load_sharded(folder.file("")).size() == 8);
  CHECK_THROWS_AS(save_sharded(folder.file(""), {tensors[0], tensors[0]}), ValueError);
}

TEST_CASE("sharded: an index that lies is refused") {
  TempFolder folder;
  const auto index = [&](const std::string& json) {
    write_file_atomic(folder.file("model.safetensors.index.json"), json);
  };
  save_safetensors(folder.file("a.safetensors"), {{"x", filled(2, 1)}, {"y", filled(2, 1)}});
  index(R"({"weight_map": {"x": "a.safetensors", "y": "a.safetensors"}})");
  CHECK(load_sharded(folder.file("")).size() == 2);
  for (const char* bad :
       {"", "[]", R"({"weight_map": 1})", R"({"weight_map": {"x": 1}})",
        R"({"weight_map": {"x": "../a.safetensors"}})", R"({"weight_map": {"x": ".."}})",
        R"({"weight_map": {"x": "a.safetensors"}})",
        R"({"weight_map": {"x": "a.safetensors", "y": "a.safetensors", "z": "a.safetensors"}})"}) {
    CAPTURE(bad);
    index(bad);
    CHECK_THROWS_AS(load_sharded(folder.file("")), ValueError);
  }
  index(R"({"weight_map": {"x": "none.safetensors"}})");
  CHECK_THROWS_AS(load_sharded(folder.file("")), IoError);
}

}  // namespace
}  // namespace lydia::io
