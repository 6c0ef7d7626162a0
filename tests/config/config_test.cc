// Values, messages, files and limits; what Hydra composes is in test_golden.py.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/override.h"
#include "lydia/config/run_folder.h"
#include "lydia/config/schema.h"
#include "lydia/config/target.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

namespace fs = std::filesystem;

// A folder of configuration files that is gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "lydia_config_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder& file(const std::string& name, const std::string& text) {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return *this;
  }
  std::string path() const { return path_.string(); }
  Node compose(const std::vector<std::string>& overrides = {}) const {
    return config::compose({path()}, "train", overrides).config;
  }

 private:
  fs::path path_;
};

template <class E = ValueError, class F>
std::string message(F&& run) {
  try {
    run();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text, " has no ", part);
  return found;
}

Folder training() {
  Folder folder;
  folder
      .file("train.yaml", "defaults:\n- model: mlp\n- _self_\ntraining:\n  lr: 0.1\n  steps: 10\n")
      .file("model/mlp.yaml", "width: 64\nname: ???\nact: [relu, 2]\n");
  return folder;
}

TEST_CASE("typed reading: kinds, conversions, places") {
  const Folder folder = training();
  const Node config = folder.compose();
  CHECK(config.get<double>("training.lr") == 0.1);
  CHECK(config.get<int64_t>("training.steps") == 10);
  CHECK(config.get<double>("training.steps") == 10.0);
  CHECK(config.get<std::string>("training.steps") == "10");
  CHECK(config.get<std::vector<std::string>>("model.act") == std::vector<std::string>{"relu", "2"});
  CHECK(config.get<std::string>("model.act[0]") == "relu");
  CHECK(config.get<int>("training.none", 7) == 7);
  CHECK(parse_yaml("a: 1e6", "x").get<int64_t>("a") == 1000000);
  CHECK(parse_yaml("a: null", "x").get<std::optional<int64_t>>("a") == std::nullopt);

  std::string text = message<TypeError>([&] { config.get<int64_t>("training.lr"); });
  CHECK(has(text, "training.lr: expected an integer, got the number 0.1"));
  CHECK(has(text, "train.yaml:5:7)"));
  text = message<TypeError>([&] { config.get<std::vector<int64_t>>("model.act"); });
  CHECK(has(text, "model.act.0: expected an integer, got the string 'relu'"));
  CHECK(
      has(message([&] { config.get<std::string>("model.name"); }), "give it as model.name=VALUE"));
  CHECK(has(message([&] { config.get<double>("trainig.lr"); }), "did you mean 'training.lr'?"));
  CHECK(has(message<TypeError>([&] { config.get<bool>("training.steps"); }), "true or false"));
  CHECK(
      has(message<TypeError>([&] { parse_yaml("a: 3000000000", "x").get<int>("a"); }), "32 bits"));
}

TEST_CASE("overrides: unknown keys suggest the nearest, and say how to add") {
  const Folder folder = training();
  CHECK(has(message([&] { folder.compose({"trainig.lr=1"}); }),
            "could not override 'trainig.lr': no such key; did you mean 'training.lr'?; to add it: "
            "+trainig.lr=1"));
  CHECK(has(message([&] { folder.compose({"lr=1"}); }), "did you mean 'training.lr'?"));
  CHECK(has(message([&] { folder.compose({"training={lrr:1}"}); }), "'training.lrr'"));
  CHECK(has(message([&] { folder.compose({"model=mlpp"}); }), "did you mean 'mlp'?; options: mlp"));
  CHECK(has(message([&] { folder.compose({"+training.lr=1"}); }), "++training.lr=1"));
  CHECK(has(message([&] { folder.compose({"training.lr=1,2"}); }), "--multirun"));
  CHECK(has(message([&] { folder.compose({"a=interval(0,1)"}); }), "'interval' is not supported"));
  for (const char* line : {"a=99999999999999999999", "a=int('99999999999999999999')"}) {
    CHECK(has(message([&] { folder.compose({line}); }), "expected an integer of 64 bits"));
    CHECK(has(message([&] { folder.compose({line}); }), "config: override '"));
  }
  CHECK(has(message([&] { folder.compose({"a=[1,2"}); }),
            "expected ']', got the end at character 7"));
  CHECK(
      has(message<TypeError>([&] { folder.compose({"training.lr=x"}).get<double>("training.lr"); }),
          "got the string 'x' (override 'training.lr=x')"));
  const Composed made = compose({folder.path()}, "train", {"model.name=a", "+x=[1]"});
  CHECK(made.overrides == std::vector<std::string>{"model.name=a", "+x=[1]"});
  CHECK(made.choices.at("model") == "mlp");
}

TEST_CASE("paths stay inside the folder, and only regular files are read") {
  Folder folder = training();
  folder.file("loop.yaml", "defaults:\n- loop\n")
      .file("up.yaml", "defaults:\n- ../../etc/passwd\n");
  for (const char* option :
       {"model=../train", "model=..", "model=/etc/x", "model=.hidden", "+model=../x"}) {
    CHECK(has(message([&] { folder.compose({option}); }), "inside the configuration folder"));
  }
  CHECK(has(message([&] { compose({folder.path()}, "up"); }), "inside the configuration folder"));
  CHECK(has(message([&] { compose({folder.path()}, "loop"); }), "come back to themselves"));
  CHECK(has(message([&] { compose({folder.path()}, "../train"); }), "inside"));
  fs::create_symlink("b.yaml", folder.path() + "/model/a.yaml");
  fs::create_symlink("a.yaml", folder.path() + "/model/b.yaml");
  CHECK(has(message<IoError>([&] { folder.compose({"model=a"}); }), "model/a.yaml: "));
  fs::create_symlink("/dev/zero", folder.path() + "/model/zero.yaml");
  CHECK(has(message<IoError>([&] { folder.compose({"model=zero"}); }), "not a regular file"));
  CHECK(has(message<IoError>([] { compose({"/nowhere/conf"}, "train"); }), "no such folder"));
}

TEST_CASE("hostile YAML is refused with file, line and column") {
  const auto why = [](const std::string& text) { return message([&] { parse_yaml(text, "f"); }); };
  CHECK(has(why("a: 1\nb: 2\na: 3\n"), "f:3:1: the key 'a' appears twice"));
  CHECK(has(why("a:\n\t- b"), "f:2:"));
  CHECK(has(why("a: \xff"), "f:1:4: not UTF-8"));
  CHECK(has(why(std::string("a: b\0c", 6)), "f:1:5: a control character"));
  CHECK(has(why("a: 1\n---\nb: 2\n"), "expected one document"));
  CHECK(has(why("? [a]\n: b\n"), "a key must be a scalar"));
  CHECK(has(why("a: !!python/object:os.system x"), "the tag"));
  CHECK(has(why("a: !!int x"), "does not fit 'x'"));
  CHECK(has(why("a: 99999999999999999999"), "f:1:4: expected an integer of 64 bits"));
  CHECK(has(why("a: &x [*x]"), "f:1:"));
  CHECK(has(why("a: *nowhere"), "f:1:"));
  CHECK(has(why("<<: 3"), "takes a map"));
  CHECK(has(why(std::string(100, '[') + std::string(100, ']')), "nested too deeply"));
  CHECK(has(why(std::string(100000, '[')), "f:1:"));
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1), own = "a" + std::to_string(i);
    laughs += own + ": &" + own + " [" + last;
    for (int k = 0; k < 9; ++k) laughs += ", " + last;
    laughs += "]\n";
  }
  CHECK(has(why(laughs), "more than 100000 values"));
  CHECK(has(why("a: " + std::string(5 << 20, 'x')), "at most"));
}

TEST_CASE("interpolations: cycles, growth and depth end in a message with the key") {
  const auto why = [](const std::string& text) {
    return message([&] { resolve(parse_yaml(text, "f")); });
  };
  CHECK(has(why("a: ${b}\nb: ${a}\n"), "comes back to itself"));
  CHECK(has(why("x: {a: '${x}'}"), "comes back to itself"));
  CHECK(has(why("m: {k: 1}\na: ${m.kk}\n"),
            "in 'a': ${m.kk}: no such key; did you mean 'm.k'? (f:2:4)"));
  CHECK(has(why("a: ${b}\nb: ???\n"), "'b' is a mandatory value that is not given"));
  CHECK(has(why("a: ${foo:1}"), "got 'foo'"));
  CHECK(has(why("a: " + std::string(5000, '$')), "no error"));
  std::string nested;
  for (int i = 0; i < 5000; ++i) nested += "${";
  CHECK(has(why("a: '" + nested + "'"), "nested too deeply"));
  std::string grows = "a0: xxxxxxxxxx\n", chain = "b0: 1\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "${a" + std::to_string(i - 1) + "}";
    grows += "a" + std::to_string(i) + ": '" + last + last + "'\n";
  }
  for (int i = 1; i < 2000; ++i) {
    chain += "b" + std::to_string(i) + ": ${b" + std::to_string(i - 1) + "}\n";
  }
  CHECK(has(why(grows), "interpolations make more than"));
  CHECK(has(why(chain), "nested too deeply"));
  CHECK(has(message<TypeError>([] { resolve(parse_yaml("a: x${b}\nb: [1]\n", "f")); }),
            "cannot be part"));
}

TEST_CASE("${now} is the time it is told, the same everywhere") {
  const Node config = parse_yaml("a: ${now:%Y-%m-%d}/${now:%H:%M:%S}\n", "f");
  std::tm noon{};
  noon.tm_year = 126, noon.tm_mon = 10, noon.tm_mday = 21, noon.tm_hour = 12, noon.tm_isdst = -1;
  const std::time_t at = std::mktime(&noon);
  CHECK(resolve(config, {at}).get<std::string>("a") == "2026-11-21/12:00:00");
}

TEST_CASE("a section's table: unknown, missing, wrong and null keys") {
  constexpr Field kFields[] = {{"lr", Type::Float},
                               {"steps", Type::Int, Need::Optional},
                               {"name", Type::String, Need::Nullable},
                               {"schedule.kind", Type::String, Need::Optional},
                               {"extra", Type::Map, Need::Optional}};
  const auto why = [&](const std::string& text) {
    try {
      check_section(parse_yaml("t: " + text, "f"), "t", kFields);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(why("{lr: 1, name: null}") == "no error");
  CHECK(why("{lr: 1, name: a, schedule: {kind: x}, extra: {anything: [1]}}") == "no error");
  CHECK(has(why("{lr: 1, name: a, step: 3}"), "unknown key 't.step'; did you mean 'steps'? (f:1:"));
  CHECK(has(why("{lr: 1, name: a, schedule: {kin: 3}}"),
            "'t.schedule.kin'; did you mean 'schedule.kind'"));
  CHECK(has(why("{name: a}"), "expected the key 't.lr'"));
  CHECK(has(why("{lr: null, name: a}"), "t.lr: expected a number, got null"));
  CHECK(
      has(why("{lr: 1, name: a, steps: 1.5}"), "t.steps: expected an integer, got the number 1.5"));
  CHECK(has(why("{lr: '?\?\?', name: a}"), "give it as t.lr=VALUE"));
  CHECK(has(why("{lr: 1, name: a, schedule: 3}"), "t.schedule: expected a map"));
}

TEST_CASE("_target_ and its arguments") {
  const Node config =
      parse_yaml("o: {_target_: adamw, _partial_: true, lr: 1, _x: 2}\nn: 3\n", "f");
  CHECK(target_of(config, "o") == "adamw");
  CHECK(arguments_of(config, "o") == parse_yaml("{lr: 1, _x: 2}", "f"));
  CHECK(has(message([&] { target_of(parse_yaml("o: {_targt_: a}", "f"), "o"); }),
            "did you mean 'o._targt_'?"));
  CHECK(has(message<TypeError>([&] { arguments_of(config, "n"); }), "n: expected a map"));
}

TEST_CASE("a sweep is checked whole before its first run") {
  const Folder folder = training();
  const auto runs =
      expand_sweeps({folder.path()}, "train", {"training.lr=0.1,0.2", "model=glob(*)"});
  CHECK(runs.size() == 2);
  CHECK(runs[1] == std::vector<std::string>{"training.lr=0.2", "model=mlp"});
  CHECK(
      has(message([&] { expand_sweeps({folder.path()}, "train", {"model=mlp,nope"}); }), "'nope'"));
  CHECK(has(message([&] { expand_sweeps({folder.path()}, "train", {"model=glob(x*)"}); }),
            "no values"));
  CHECK(
      has(message([&] { expand_sweeps({folder.path()}, "train", {"training.lr=range(1,1e12)"}); }),
          "more than"));
  CHECK(has(message([&] { expand_sweeps({folder.path()}, "train", {"training.lr=range(0,1,0)"}); }),
            "no step"));
}

TEST_CASE("what is written reads back as the same value") {
  const Node value = parse_yaml(R"(
a: ['1', "true", 'null', '~', '', ' x ', 'a: b', 'a #b', '- a', '#x', 'y', 'on', '1e3', '.5', '1:30', '=', '<<']
b: ["line\nbreak", "tab\t", "quote ' and \"", 'ğüşıöç İ', "\u2028", '*a', '&a', '!x', '%x', '@x', '{a', '[a', 'a: ', ':', '?', '-', '---', "null ", '99999999999999999999']
c: {x: 1, y: -2.5, z: 1e-7, w: 1e300, inf: .inf, t: true, n: null, e: {}, l: []}
d: [[1, [2, {k: [3]}]], [], {}, {a: {b: [1, 2]}}]
'key: x': 1
'5': five
'<<': [merge]
)",
                                "f");
  const std::string text = to_yaml(value);
  CHECK(parse_yaml(text, "g") == value);
  CHECK(to_yaml(parse_yaml(text, "g")) == text);
  CHECK(to_yaml(parse_yaml("{a: 1, b: [x, {c: 2.0}], d: {}}", "f")) ==
        "a: 1\nb:\n- x\n- c: 2.0\nd: {}\n");
}

TEST_CASE("a run's folder holds its configuration and overrides") {
  const Folder folder = training();
  const Composed made = compose({folder.path()}, "train", {"model.name=a", "training.lr=1e-3"});
  const std::string run = folder.path() + "/runs/1";
  save_run(run, resolve(made.config), made.overrides);
  CHECK(read_yaml(run + "/config.yaml") == resolve(made.config));
  CHECK(read_yaml(run + "/overrides.yaml").as<std::vector<std::string>>("overrides") ==
        made.overrides);
  CHECK(has(message<IoError>([&] { save_run("/proc/no/folder", made.config, {}); }),
            "/proc/no/folder"));
}

}  // namespace
}  // namespace lydia::config
