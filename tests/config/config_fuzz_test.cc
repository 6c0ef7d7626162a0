// Thousands of damaged configurations and overrides, the same on every run: each must be refused
// with a typed error or be read as a value that the writer can write and the reader reads back the
// same. LYDIA_FUZZ_ROUNDS multiplies their number.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/override.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/core/utf8.h"

namespace lydia::config {
namespace {

size_t rounds(size_t count) {
  const char* text = std::getenv("LYDIA_FUZZ_ROUNDS");
  return count * (text != nullptr ? std::strtoull(text, nullptr, 10) : 1);
}

const std::vector<std::string> kYamlSeeds = {
    "defaults:\n- model: mlp\n- _self_\ntraining: {lr: 1e-3, betas: [0.9, 0.99]}\nname: "
    "${model.x}\n",
    "base: &b {a: 1, b: [2, 3]}\nc:\n  <<: *b\n  d: \"x\\ty\\u011f\"\ne: |\n  text\n  more\nf: "
    ">-\n  a\n  b\n",
    "a: '${b.${c}}'\nb: {x: 1, y: ${.x}}\nc: x\nd: ${oc.env:HOME,'a b'}\ne: \\${a}\nf: "
    "${oc.select:b.x,3}\n",
    "- 1:30\n- 0x1F\n- ~\n- .inf\n- !!str 5\n- [a, {b: c}, 'it''s']\n- ? k\n  : v\n",
};
const std::vector<std::string> kOverrideSeeds = {
    "+a.b@c.d={x:[1,'two',\"three\"],y:{z:null}}",
    "++model=choice(a,b\\,c,${d})",
    "~training.lr=1e-3",
    "a=range(1,10,2.5)",
    "path=${oc.env:X,'a}b'}/x\\ y",
    "g=glob([a*,b],exclude=c?)",
};

// Pieces that mean something in one of the grammars.
const std::vector<std::string> kPieces = {
    "${", "}",  "{",  "[",     "]",     ":",     ": ",      "- ",   "\n",       "\n  ",
    "'",  "\"", "\\", "&a",    "*a",    "<<: ",  "!!",      "#",    ",",        "|",
    ">",  "?",  "%",  "@",     "---\n", "...\n", "\t",      "\xff", "\xc4\x9f", "~",
    "=",  "(",  ")",  "1e999", "-",     ".",     "oc.env:", "now:",
};

std::string damage(std::string text, std::mt19937& random) {
  const int edits = 1 + static_cast<int>(random() % 4);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    const size_t at = random() % text.size();
    switch (random() % 5) {
      case 0: text[at] = static_cast<char>(random() % 256); break;
      case 1: text.erase(at, 1 + random() % 8); break;
      case 2: text.insert(at, kPieces[random() % kPieces.size()]); break;
      case 3: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
      default: text.resize(at);
    }
  }
  return text;
}

// A command line may hold bytes that a file may not.
bool is_plain_text(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return is_valid_utf8(text);
}

// NaN is unlike itself.
bool has_nan(const Node& node) {
  if (node.kind() == Node::Kind::Float) return node.real() != node.real();
  bool found = false;
  if (node.is_list()) {
    for (const Node& item : node.list()) found = found || has_nan(item);
  } else if (node.is_map()) {
    for (const Node::Entry& entry : node.map()) found = found || has_nan(entry.value);
  }
  return found;
}

void check_round_trip(const Node& node, const std::string& from) {
  if (has_nan(node)) return;
  const std::string text = to_yaml(node);
  CAPTURE(from);
  CAPTURE(text);
  CHECK(parse_yaml(text, "written") == node);
}

TEST_CASE("damaged YAML") {
  std::mt19937 random(7);
  size_t read = 0;
  for (size_t i = 0; i < rounds(20'000); ++i) {
    const std::string text = damage(kYamlSeeds[i % kYamlSeeds.size()], random);
    try {
      const Node node = parse_yaml(text, "f");
      ++read;
      check_round_trip(node, text);
      resolve(node);
    } catch (const ValueError&) {
    } catch (const TypeError&) {
    }
  }
  CHECK(read > rounds(20'000) / 10);
}

TEST_CASE("damaged overrides") {
  std::mt19937 random(11);
  size_t read = 0;
  for (size_t i = 0; i < rounds(20'000); ++i) {
    const std::string line = damage(kOverrideSeeds[i % kOverrideSeeds.size()], random);
    try {
      const Override override = parse_override(line);
      ++read;
      if (is_plain_text(line)) check_round_trip(override.value, line);
      Node root{Node::Map()};
      root.set("x", override.value);
      resolve(root);
    } catch (const ValueError&) {
    } catch (const TypeError&) {
    }
  }
  CHECK(read > rounds(20'000) / 10);
}

// What a folder's primary config and one option are damaged into must be refused or composed.
TEST_CASE("damaged folders") {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "lydia_config_fuzz_XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const fs::path folder = pattern;
  fs::create_directories(folder / "m" / "n");
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << text;
  };
  const std::string train =
      "# @package _global_\ndefaults:\n- m: a\n- optional m/n@x.y: b\n- /m@_global_: c\n- _self_\n"
      "- override m/n@x.y: b\nk: {l: 1}\ni: ${k.l}\n";
  const std::string option = "# @package q\ndefaults:\n- n: ${m}\n- /train\n- _self_\nz: [1, 2]\n";
  write("m/c.yaml", "c: 1\n");
  write("m/n/a.yaml", "na: 1\n");
  write("m/n/b.yaml", "nb: 1\n");
  const std::vector<std::string> lines = {"m=a", "k.l=2", "+m/n=b", "~m", "m@_global_=a"};
  std::mt19937 random(13);
  size_t composed = 0;
  const size_t count = rounds(1'000);
  for (size_t i = 0; i < count; ++i) {
    write("train.yaml", i % 2 == 0 ? damage(train, random) : train);
    write("m/a.yaml", i % 3 == 0 ? "a: 1\n" : damage(option, random));
    const std::string line = lines[i % lines.size()];
    try {
      compose({pattern}, "train", {i % 7 == 0 ? damage(line, random) : line});
      ++composed;
    } catch (const Error&) {
    }
  }
  fs::remove_all(folder);
  CHECK(composed > count / 20);
  CHECK(composed < count);
}

}  // namespace
}  // namespace lydia::config
