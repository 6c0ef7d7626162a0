// Where a plan's files may lie: roots, links, reserved paths, outputs in outputs.
#include "lydia/atlas/plan_paths.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_file.h"
#include "lydia/core/error.h"
#include "tests/atlas/small_plans.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

// "<tmp>/project/plans" for a plan, in a project of its own; gone afterwards.
struct Project {
  fs::path top = fs::temp_directory_path() / ("lydia_atlas_paths_" + std::to_string(getpid()));
  fs::path project = top / "project", plans = project / "plans";

  Project() {
    fs::remove_all(top);
    fs::create_directories(plans);
    fs::create_directories(top / "outside");
  }
  ~Project() { fs::remove_all(top); }

  void write(const fs::path& path, const std::string& text) const { std::ofstream(path) << text; }
  Findings check_file(const std::string& text) const {
    write(plans / "plan.yaml", text);
    Findings findings;
    const Plan plan = read_plan((plans / "plan.yaml").string(), findings);
    return check_plan(plan, findings);
  }
};

std::string with_root(const std::string& root) { return "root: \"" + root + "\"\n" + kHead; }

TEST_CASE("paths: as they are compared") {
  CHECK(plain_path("./a//b/../c/") == "a/c");
  CHECK(plain_path("") == ".");
  CHECK(plain_path("a/..") == ".");
  CHECK(lies_in("a/b", "a"));
  CHECK(lies_in("a", "a"));
  CHECK(!lies_in("ab", "a"));
  CHECK(lies_in("a", "."));
  CHECK(!lies_in("../a", "."));
  CHECK(leaves_root("a/../../b"));
  CHECK(leaves_root("/etc"));
  CHECK(!leaves_root("..a/b"));
}

TEST_CASE("paths: what no output, input or kept folder may be") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {task("A", "out: {x: plan.yaml}"), "reserved-path"},
      {task("A", "out: {x: ./b/../plan.yaml}"), "reserved-path"},
      {task("A", "out: {x: .atlas/zz}"), "reserved-path"},
      {task("A", "out: {x: .atlas}"), "reserved-path"},
      {task("A", "out: {x: .}"), "reserved-path"},
      {task("A", "out: {x: a/..}"), "reserved-path"},
      {task("A", "out: {x: \"\"}"), "no-path"},
      {task("A", "out: {x: {text: a log}}"), "no-path"},
      {task("A", "persist: [\"\"]"), "bad-id"},
      {task("A", "persist: [.]"), "bad-id"},
      {task("A", "persist: [../a]"), "bad-id"},
      {task("A", "env: [FOO, \"BAD=1\"]"), "bad-value"},
      {task("A", "env: [\"\"]"), "bad-value"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.first);
    CHECK(codes(check(kHead + one.first)) == one.second);
  }
  CHECK(codes(check(kHead + task("A", "out: {x: .atlas2/a, y: plan.yaml.d/b}, env: [_A1]"))) == "");
  for (const auto& one : {std::pair<std::string, std::string>{".", "reserved-path"},
                          {".atlas/state.db", "reserved-path"},
                          {"", "no-path"},
                          {"plan.yaml", ""}}) {
    CAPTURE(one.first);
    const std::string inputs = "inputs: {i: {path: \"" + one.first +
                               "\", digest: \"sha256:" + std::string(64, '0') + "\"}}\n";
    CHECK(codes(check(inputs + kHead + task("A", "in: {i: {from: inputs.i}}"))) == one.second);
  }
}

TEST_CASE("paths: outputs that lie in one another, or on an input") {
  const std::string g = task("G", "out: {o: x/y}");
  CHECK(codes(check(kHead + g + task("H", "out: {o: x}"))) == "two-producers");
  CHECK(codes(check(kHead + task("H", "out: {o: x}") + task("G", "out: {o: x/y/z}"))) ==
        "two-producers");
  CHECK(codes(check(kHead + task("G", "out: {a: x, b: x/y}"))) == "two-producers");
  CHECK(codes(check(kHead + g + task("H", "out: {o: x/y/}"))) == "two-producers");
  CHECK(codes(check(kHead + g + task("H", "out: {a: x-1, b: x/z, c: x/yy}"))) == "");
  const std::string given =
      "inputs: {i: {path: data/raw, digest: \"sha256:" + std::string(64, '0') + "\"}}\n" + kHead;
  for (const char* path : {"data", "data/raw", "data/raw/x"}) {
    CAPTURE(std::string(path));
    const Findings found = check(given + task("G", "out: {o: " + std::string(path) + "}"));
    CHECK(codes(found) == "two-producers");
  }
  CHECK(codes(check(given + task("G", "out: {o: data/raw2}"))) == "");
}

TEST_CASE("paths: the root climbs no higher than the project") {
  const Project project;
  const std::string tasks = task("A", "out: {x: a.bin}");
  for (const char* root : {".", "sub", "..", "../plans"}) {
    CAPTURE(std::string(root));
    CHECK(codes(project.check_file(with_root(root) + tasks)) == "");
  }
  for (const char* root :
       {"/", "/tmp", "../..", "../../..", "../../outside", "../../../../../.."}) {
    CAPTURE(std::string(root));
    CHECK(codes(project.check_file(with_root(root) + tasks)) == "path-escape");
  }
  fs::create_directory_symlink(project.top / "outside", project.plans / "away");
  CHECK(codes(project.check_file(with_root("away") + tasks)) == "path-escape");
  // A repository above the plan is the project.
  fs::create_directories(project.top / ".git");
  CHECK(codes(project.check_file(with_root("../..") + tasks)) == "");
  CHECK(codes(project.check_file(with_root("../../..") + tasks)) == "path-escape");
}

TEST_CASE("paths: a home folder is nobody's root") {
  const Project project;
  const char* before = std::getenv("HOME");
  const std::string home = before ? before : "";
  setenv("HOME", project.project.c_str(), 1);
  CHECK(codes(project.check_file(with_root("..") + task("A", ""))) == "path-escape");
  setenv("HOME", home.c_str(), 1);
}

TEST_CASE("paths: the policy's files are not opened outside the root") {
  const Project project;
  project.write(project.top / "secret.yaml", "hidden_word: 1\n");
  fs::create_symlink(project.top / "secret.yaml", project.plans / "link.yaml");
  for (const char* name : {"table", "evidence", "matrix", "classifications"}) {
    const std::string key = name;
    for (const std::string& path : {(project.top / "secret.yaml").string(),
                                    std::string("../../secret.yaml"), std::string("link.yaml")}) {
      CAPTURE(key);
      CAPTURE(path);
      const Findings found = project.check_file("policy: {" + key + ": \"" + path + "\"}\n" +
                                                kHead + task("A", "out: {x: a.bin}"));
      CHECK(codes(found).find("path-escape") != std::string::npos);
      CHECK(findings_text(found, "p", Language::English).find("hidden_word") == std::string::npos);
      const Plan plan = read_plan((project.plans / "plan.yaml").string());
      CHECK_THROWS_AS(judge_licences(PlanGraph(plan)), ValueError);
    }
  }
  // Nor is what lies beside the project looked at for modules and documents.
  project.write(project.top / "there.md", "word");
  const std::string notes = task("A", "module: {path: ../../there.md, symbol: none}") +
                            task("B", "notes: \"see `../../there.md` and `../../gone.md`\"");
  CHECK(codes(project.check_file(kHead + notes)) == "path-escape");
}

TEST_CASE("paths: links lead no output out of the root, nor onto the state or the plan") {
  const Project project;
  fs::create_directory_symlink(project.top / "outside", project.plans / "away");
  fs::create_directory_symlink(".", project.plans / "here");
  const auto output = [&](const std::string& path) {
    return codes(project.check_file(kHead + task("A", "out: {x: " + path + "}")));
  };
  CHECK(output("away/zz") == "path-escape");
  CHECK(output("here/here/zz") == "");
  CHECK(output("here/.atlas/zz") == "reserved-path");
  CHECK(output("here/plan.yaml") == "reserved-path");
  // A link in the output's own place is replaced by the result.
  CHECK(output("away") == "");
  const Findings missing =
      project.check_file("inputs: {i: {path: gone.txt, digest: \"sha256:" + std::string(64, '0') +
                         "\"}}\n" + kHead + task("A", "in: {i: {from: inputs.i}}"));
  CHECK(codes(missing, Severity::Warning).find("missing-reference") != std::string::npos);
}

}  // namespace
}  // namespace lydia::atlas
