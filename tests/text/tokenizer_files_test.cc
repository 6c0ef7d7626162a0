// A tokenizer's folder on disk and its C interface, over a small model of the core list.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "lydia/core/error.h"
#include "lydia/io/file_descriptor.h"
#include "lydia/text/morphopiece_train.h"
#include "lydia/text/tokenizer.h"
#include "lydia/text/tokenizer_c.h"
#include "lydia/text/tokenizer_export.h"
#include "lydia/text/tokenizer_morphopiece.h"
#include "tests/text/morphopiece_fixture.h"

namespace lydia::text {
namespace {

namespace fs = std::filesystem;

const std::string kText =
    "Kitaplarımızdan birini arkadaşlarıma verdim. Evlerimizdekiler dün gece geldiler.\n";

Tokenizer trained() {
  static const MorphoPiece model = [] {
    MorphTrainOptions options;
    options.vocab_size = 6000;
    bool given = false;
    options.next_text = [&](std::string& out) {
      out = kText;
      return !std::exchange(given, true);
    };
    return train_morphopiece(options);
  }();
  return Tokenizer(std::make_shared<MorphoPieceAdapter>(model));
}

// A folder that is gone when the test is over.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("lydia_tokenizer_" + std::to_string(getpid()));
  ~Folder() { fs::remove_all(path); }
  void write(const char* name, const std::string& content) const {
    std::ofstream(path / name, std::ios::binary) << content;
  }
};

TEST_CASE("a folder gives back the tokenizer, added tokens and frame too") {
  Tokenizer tokenizer = trained();
  tokenizer.add_tokens({{.content = "<x>", .special = true}, {.content = "LIBRE", .lstrip = true}});
  tokenizer.set_frame({.before = {}, .between = {tokenizer.size() - 1}, .after = {3}});
  const Folder folder;
  tokenizer.save(folder.path.string());
  const Tokenizer again = Tokenizer::load(folder.path.string());
  CHECK(again.size() == tokenizer.size());
  CHECK(again.frame() == tokenizer.frame());
  CHECK(again.added_tokens().tokens() == tokenizer.added_tokens().tokens());
  const std::string text = kText + "<x> LIBRE'de";
  CHECK(again.encode({text}).ids == tokenizer.encode({text}).ids);
  const Tokenizer plain = Tokenizer::load((folder.path / MorphoPieceAdapter::kFileName).string());
  CHECK(plain.size() == tokenizer.size() - 2);
}

TEST_CASE("saving over another model leaves a whole tokenizer at each step") {
  const Folder folder;
  const std::string path = folder.path.string();
  const Tokenizer first = trained();
  first.save(path);
  MorphTrainOptions options = fixture_options();
  options.vocab_size = 8000;
  const Tokenizer second(std::make_shared<MorphoPieceAdapter>(train_morphopiece(options)));
  second.model().save(path);  // and killed here: the configuration is the first one's
  CHECK(Tokenizer::load(path).encode({kText}).ids == first.encode({kText}).ids);
  second.save(path);
  CHECK(Tokenizer::load(path).encode({kText}).ids == second.encode({kText}).ids);
  const auto files = [&] {
    return std::distance(fs::directory_iterator(folder.path), fs::directory_iterator());
  };
  CHECK(files() == 2);
  first.save(path);
  first.save(path);
  CHECK(Tokenizer::load(path).size() == first.size());
  CHECK(files() == 2);
}

TEST_CASE("saving removes what killed savers left, and nothing else") {
  const Folder folder;
  const Tokenizer tokenizer = trained();
  tokenizer.save(folder.path.string());
  const std::string living = ".morphopiece-0123456789ab.bin.2-1.tmp";
  const std::vector<std::string> dead = {".morphopiece.bin.24251-2.tmp",
                                         ".morphopiece-0123456789ab.bin.24251-3.tmp",
                                         ".tokenizer_config.json.24251-4.tmp"};
  const std::vector<std::string> others = {".morphopiece.bin.tmp", ".morphopiece.bin.x-1.tmp",
                                           "morphopiece.bin.1-1.tmp", ".other.bin.1-1.tmp", living};
  for (const auto* names : {&dead, &others})
    for (const std::string& name : *names) folder.write(name.c_str(), "part of a model");
  const io::FileDescriptor writer(open((folder.path / living).c_str(), O_WRONLY));
  REQUIRE(flock(writer.get(), LOCK_EX) == 0);
  tokenizer.save(folder.path.string());  // writes no model: it is there already
  for (const std::string& name : dead) {
    CAPTURE(name);
    CHECK(!fs::exists(folder.path / name));
  }
  for (const std::string& name : others) {
    CAPTURE(name);
    CHECK(fs::exists(folder.path / name));
  }
}

TEST_CASE("text to train on may come through a pipe") {
  const Folder folder;
  fs::create_directories(folder.path);
  const std::string path = (folder.path / "pipe").string();
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const auto train_on = [](const std::string& file) {
    MorphTrainOptions options;
    options.vocab_size = 6000;
    options.text_files = {file};
    return train_morphopiece(options);
  };
  const std::jthread writer([&] {
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < 3000; ++i) out << kText;  // more than a pipe holds
  });
  const MorphoPiece piped = train_on(path);
  std::string all;
  for (int i = 0; i < 3000; ++i) all += kText;
  folder.write("text", all);
  const MorphoPiece plain = train_on((folder.path / "text").string());
  CHECK(piped.vocab_size() == plain.vocab_size());
  CHECK(piped.encode(kText).ids == plain.encode(kText).ids);
  CHECK(piped.info().meta_json.find("\"pipe\"") != std::string::npos);
}

TEST_CASE("a pipe is no model") {
  const Folder folder;
  fs::create_directories(folder.path);
  const std::string path = (folder.path / "pipe").string();
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(Tokenizer::load(path), doctest::Contains("regular file"), IoError);
}

TEST_CASE("copies go on with the tokens they have while the first one gets more") {
  Tokenizer tokenizer = trained();
  tokenizer.add_tokens({{.content = "<one>"}});
  const std::string text = kText + "<one><two>";
  const std::vector<int32_t> wanted = tokenizer.encode({text}).ids;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&wanted, &text, copy = tokenizer] {
      for (int n = 0; n < 50; ++n) CHECK(copy.encode({text}).ids == wanted);
    });
  }
  tokenizer.add_tokens({{.content = "<two>"}});
  tokenizer.set_frame({});
  threads.clear();
  CHECK(tokenizer.encode({text}).ids != wanted);
}

TEST_CASE("damaged folders are refused with the file's name") {
  const Folder folder;
  trained().save(folder.path.string());
  const std::string path = folder.path.string();
  for (const char* config : {
           "",
           "{",
           "[]",
           "{}",
           R"({"format": 2})",
           R"({"format": "1"})",
           R"({"format": 1, "tokenizer_class": "Other", "model_file": "morphopiece.bin"})",
           R"({"format": 1, "tokenizer_class": "MorphoPieceTokenizer", "model_file": "../x"})",
           R"({"format": 1, "tokenizer_class": "MorphoPieceTokenizer",
               "model_file": "morphopiece.bin", "added_tokens": [{"id": 3, "content": "<x>"}],
               "frame": {"before": [], "between": [], "after": []}})",
           R"({"format": 1, "tokenizer_class": "MorphoPieceTokenizer",
               "model_file": "morphopiece.bin", "added_tokens": [],
               "frame": {"before": [99999999], "between": [], "after": []}})",
       }) {
    folder.write("tokenizer_config.json", config);
    CAPTURE(config);
    CHECK_THROWS_WITH_AS(Tokenizer::load(path), doctest::Contains("tokenizer_config.json: "),
                         ValueError);
    CHECK_THROWS_WITH_AS(Tokenizer::load(path), doctest::Contains("train"), ValueError);
  }
  folder.write(
      "tokenizer_config.json",
      R"({"format": 1, "tokenizer_class": "MorphoPieceTokenizer", "model_file": "x.bin"})");
  CHECK_THROWS_WITH_AS(Tokenizer::load(path), doctest::Contains("x.bin\", which is not there"),
                       IoError);
  CHECK_THROWS_WITH_AS(Tokenizer::load(path + "/none"),
                       doctest::Contains("lydia tokenizer train --output"), IoError);
  fs::create_directories(folder.path / "empty");
  CHECK_THROWS_WITH_AS(Tokenizer::load(path + "/empty"),
                       doctest::Contains("expected tokenizer_config.json in the folder"), IoError);
  folder.write("morphopiece.bin", "no model");
  CHECK_THROWS_AS(Tokenizer::load(path + "/morphopiece.bin"), ValueError);
}

TEST_CASE("analysis and ids come from one reading, special and added tokens among them") {
  Tokenizer tokenizer = trained();
  tokenizer.add_tokens({{.content = "<x>"}});
  const Encoding e = tokenizer.encode(
      {"kitaplar<x>"}, {.types = true, .mode = "morph", .padding = Padding{.length = 8}});
  REQUIRE(e.types.size() == 8);
  const auto type = [&](size_t i) { return static_cast<MorphType>(e.types[i]); };
  CHECK(type(0) == MorphType::Special);
  CHECK(type(7) == MorphType::Pad);
  CHECK(std::find(e.types.begin(), e.types.end(), static_cast<uint8_t>(MorphType::Plural)) !=
        e.types.end());
  CHECK(tokenizer.decode(e.ids) == "kitaplar<x>");
}

TEST_CASE("from C: sizes first, then the result; errors leave one line") {
  const Folder folder;
  trained().save(folder.path.string());
  lydia_tokenizer* tokenizer = lydia_tokenizer_load(folder.path.c_str());
  REQUIRE(tokenizer);
  CHECK(lydia_tokenizer_size(tokenizer) == trained().size());
  const int64_t count =
      lydia_tokenizer_encode(tokenizer, kText.data(), kText.size(), 1, nullptr, 0);
  std::vector<int32_t> ids(static_cast<size_t>(count));
  CHECK(lydia_tokenizer_encode(tokenizer, kText.data(), kText.size(), 1, ids.data(), ids.size()) ==
        count);
  CHECK(ids == trained().encode({kText}).ids);
  std::string text(kText.size(), '?');
  CHECK(lydia_tokenizer_decode(tokenizer, ids.data(), ids.size(), 1, text.data(), text.size()) ==
        static_cast<int64_t>(text.size()));
  CHECK(text == kText);
  const int32_t wrong = -7;
  CHECK(lydia_tokenizer_decode(tokenizer, &wrong, 1, 1, nullptr, 0) == -1);
  CHECK(std::string(lydia_last_error()).find("-7") != std::string::npos);
  CHECK(lydia_tokenizer_encode(tokenizer, nullptr, 1, 1, nullptr, 0) == -1);
  CHECK(lydia_tokenizer_encode(nullptr, "", 0, 1, nullptr, 0) == -1);
  CHECK(lydia_tokenizer_load("/no/such/folder") == nullptr);
  CHECK(lydia_tokenizer_load(nullptr) == nullptr);
  lydia_tokenizer_free(tokenizer);
  lydia_tokenizer_free(nullptr);
}

TEST_CASE("the exported unigram model spells every word and mostly cuts it alike") {
  const Tokenizer tokenizer = trained();
  const MorphoPiece& model = morphopiece_of(tokenizer.model(), "test");
  const UnigramExport exported(model);
  for (const std::string word :
       {"kitaplarımızdan", "Evler", "TBMM'nin", "1923", "x€😀", "\xff", ""}) {
    std::string joined;
    for (const std::string& piece : exported.segment(word)) joined += piece;
    CHECK(joined == "\xe2\x96\x81" + word);
  }
  CHECK(agreement(model, exported, kText) > 0.6);
  CHECK(agreement(model, exported, "") == 1);
}

}  // namespace
}  // namespace lydia::text
