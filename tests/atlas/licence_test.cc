// SPDX expressions, licence kinds, policies, evidence and the compatibility matrix.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "lydia/atlas/licence_category.h"
#include "lydia/atlas/licence_evidence.h"
#include "lydia/atlas/licence_matrix.h"
#include "lydia/atlas/licence_policy.h"
#include "lydia/atlas/spdx.h"
#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

using Kind = SpdxExpression::Kind;

// The tree in prefix form: "(OR MIT (AND Apache-2.0 GPL-2.0-only/Classpath-exception-2.0))".
std::string tree(const SpdxExpression& e) {
  if (e.kind == Kind::License)
    return e.id + (e.or_later ? "+" : "") + (e.exception.empty() ? "" : "/" + e.exception);
  std::string out = e.kind == Kind::And ? "(AND" : "(OR";
  for (const SpdxExpression& part : e.parts) out += " " + tree(part);
  return out + ")";
}

std::string read(std::string_view text) { return tree(parse_spdx(text).expression); }

TEST_CASE("spdx: precedence, case, references, deprecated ids") {
  const struct {
    const char *text, *tree;
  } rows[] = {
      {"MIT", "MIT"},
      {"mit", "MIT"},
      {" ( MIT ) ", "MIT"},
      {"((MIT))", "MIT"},
      {"apache-2.0", "Apache-2.0"},
      {"Apache-2.0+", "Apache-2.0+"},
      {"MIT OR Apache-2.0", "(OR MIT Apache-2.0)"},
      {"MIT or Apache-2.0", "(OR MIT Apache-2.0)"},
      {"MIT AND ISC OR Zlib", "(OR (AND MIT ISC) Zlib)"},
      {"MIT OR ISC AND Zlib", "(OR MIT (AND ISC Zlib))"},
      {"(MIT OR ISC) AND Zlib", "(AND (OR MIT ISC) Zlib)"},
      {"MIT AND (ISC AND Zlib)", "(AND MIT ISC Zlib)"},
      {"(MIT OR ISC) OR (Zlib OR X11)", "(OR MIT ISC Zlib X11)"},
      {"GPL-2.0-only WITH Classpath-exception-2.0 OR MIT",
       "(OR GPL-2.0-only/Classpath-exception-2.0 MIT)"},
      {"gpl-2.0-ONLY with classpath-EXCEPTION-2.0", "GPL-2.0-only/Classpath-exception-2.0"},
      {"MPL-1.1+ WITH Linux-syscall-note", "MPL-1.1+/Linux-syscall-note"},
      {"GPL-2.0", "GPL-2.0-only"},
      {"GPL-2.0+", "GPL-2.0-or-later"},
      {"LGPL-2.1+ AND GPL-3.0", "(AND LGPL-2.1-or-later GPL-3.0-only)"},
      {"GPL-2.0-with-classpath-exception", "GPL-2.0-only/Classpath-exception-2.0"},
      {"wxWindows", "LGPL-2.0-or-later/WxWindows-exception-3.1"},
      {"LicenseRef-Own", "LicenseRef-Own"},
      {"licenseref-My.Own-2", "LicenseRef-My.Own-2"},
      {"DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
       "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2"},
      {"LicenseRef-A OR MIT AND DocumentRef-b:LicenseRef-C",
       "(OR LicenseRef-A (AND MIT DocumentRef-b:LicenseRef-C))"},
      {"Not-A-Licence-9", "Not-A-Licence-9"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.tree);
  }
  CHECK(parse_spdx("GPL-2.0").notes.size() == 1);
  CHECK(parse_spdx("GPL-2.0-only").notes.empty());
  CHECK_FALSE(parse_spdx("Not-A-Licence-9").expression.known);
  CHECK_FALSE(parse_spdx("GPL-2.0-only WITH No-exception").expression.known);
  CHECK(spdx_id("gpl-3.0-OR-later") == "GPL-3.0-or-later");
  CHECK(spdx_id("nothing").empty());
  CHECK(spdx_ids().size() > 450);
  CHECK(spdx_list_version() == "3.19");
}

TEST_CASE("spdx: what is no expression is refused with its column") {
  for (const char* text : {"",
                           " ",
                           "AND",
                           "MIT AND",
                           "OR MIT",
                           "MIT OR OR ISC",
                           "MIT ISC",
                           "(MIT",
                           "MIT)",
                           "()",
                           "MIT WITH",
                           "MIT WITH OR",
                           "(MIT) WITH Classpath-exception-2.0",
                           "GPL-2.0-only WITH A WITH B",
                           "MIT, ISC",
                           "MIT/ISC",
                           "LicenseRef-",
                           "LicenseRef-a_b",
                           "DocumentRef-x",
                           "DocumentRef-:LicenseRef-a",
                           "DocumentRef-x:MIT",
                           "MIT And ISC",
                           "+",
                           "MIT +",
                           "MİT",
                           "MIT++",
                           "BSD-benzeri lisans"}) {
    CAPTURE(std::string(text));
    CHECK_THROWS_AS(parse_spdx(text), ValueError);
  }
  CHECK_THROWS_WITH(parse_spdx("MIT ISC"),
                    "spdx: column 5: expected AND, OR or the end, got 'ISC'");
  const std::string deep(100000, '(');
  CHECK_THROWS_AS(parse_spdx(deep + "MIT"), ValueError);
}

SpdxExpression random_tree(std::mt19937& random, int depth, Kind parent) {
  static const char* const kIds[] = {"MIT", "ISC", "Zlib", "Apache-2.0", "MPL-2.0", "X11"};
  SpdxExpression e;
  if (depth == 0 || random() % 3 == 0) {
    e.id = kIds[random() % 6];
    e.or_later = random() % 8 == 0;
    if (random() % 6 == 0) e.exception = "LLVM-exception";
    return e;
  }
  e.kind = parent == Kind::And ? Kind::Or : Kind::And;
  for (unsigned i = 0, n = 2 + random() % 3; i < n; ++i)
    e.parts.push_back(random_tree(random, depth - 1, e.kind));
  return e;
}

// With every pair of parentheses that may be there, some at random.
std::string spelled(const SpdxExpression& e, std::mt19937& random, bool inside_and = false) {
  if (e.kind == Kind::License) {
    const std::string text = to_string(e);
    return e.exception.empty() && random() % 4 == 0 ? "(" + text + ")" : text;
  }
  const bool conjunction = e.kind == Kind::And;
  std::string out;
  for (const SpdxExpression& part : e.parts)
    out += (out.empty()   ? ""
            : conjunction ? "  AND "
                          : " or ") +
           spelled(part, random, conjunction);
  const bool needed = inside_and && !conjunction;
  return needed || random() % 3 == 0 ? "(" + out + ")" : out;
}

TEST_CASE("spdx: 500 random trees come back from their text") {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const SpdxExpression e = random_tree(random, 4, Kind::License);
    const std::string text = spelled(e, random);
    CAPTURE(text);
    CHECK(read(text) == tree(e));
    CHECK(read(to_string(e)) == tree(e));
  }
}

TEST_CASE("spdx: random bytes never do worse than a ValueError") {
  std::mt19937 random(11);
  static const char* const kWords[] = {"MIT", "AND", "OR", "WITH", "(",    ")",          "+",
                                       " ",   "GPL", ":",  "x\0",  "\xff", "LicenseRef-"};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (unsigned n = random() % 12; n > 0; --n)
      text += std::string(random() % 2 ? " " : "") + kWords[random() % 13];
    try {
      const SpdxExpression e = parse_spdx(text).expression;
      CHECK(read(to_string(e)) == tree(e));
    } catch (const ValueError&) {
    }
  }
}

LicenceCategory category(const char* expression) {
  return LicenceKinds().of(parse_spdx(expression).expression).category;
}

TEST_CASE("licence kinds: every id of the table is one of the list's, or a reference") {
  const LicenceKinds kinds;
  CHECK(kinds.size() > 150);
  for (const auto& entry : kinds.all()) {
    const auto& id = entry.first;  // clang 14 captures no structured binding
    CAPTURE(id);
    CHECK((id.starts_with("LicenseRef-") || spdx_id(id) == id));
    CHECK(entry.second.category != LicenceCategory::Unknown);
  }
  CHECK(category("MIT") == LicenceCategory::Permissive);
  CHECK(category("MPL-2.0") == LicenceCategory::CopyleftFile);
  CHECK(category("LGPL-3.0-or-later") == LicenceCategory::CopyleftLgpl);
  CHECK(category("GPL-3.0-only") == LicenceCategory::CopyleftStrong);
  CHECK(category("AGPL-3.0-only") == LicenceCategory::Network);
  CHECK(category("CC-BY-NC-4.0") == LicenceCategory::NonCommercial);
  CHECK(category("LicenseRef-Anything") == LicenceCategory::Unknown);
  CHECK(category("LicenseRef-Own") == LicenceCategory::Own);
  CHECK(category("GPL-2.0-only WITH Classpath-exception-2.0") == LicenceCategory::CopyleftFile);
  CHECK(category("GPL-3.0-or-later WITH GCC-exception-3.1") == LicenceCategory::Permissive);
  CHECK(category("GPL-2.0-only WITH No-such-exception") == LicenceCategory::Unknown);
}

VerdictLevel level(const char* policy, const char* expression, Role role) {
  return LicencePolicy::preset(policy)
      .judge(parse_spdx(expression).expression, role, LicenceKinds())
      .level;
}

TEST_CASE("licence policy: the default table for a closed binary") {
  const auto allow = VerdictLevel::Allow, owe = VerdictLevel::Obligations,
             review = VerdictLevel::Review, deny = VerdictLevel::Deny;
  const struct {
    const char* licence;
    VerdictLevel linked_static, linked_dynamic, build_tool, data;
  } rows[] = {
      {"MIT", owe, owe, allow, owe},
      {"CC0-1.0", allow, allow, allow, allow},
      {"MPL-2.0", owe, owe, allow, review},
      {"LGPL-2.1-or-later", review, owe, allow, review},
      {"GPL-3.0-only", deny, deny, allow, deny},
      {"AGPL-3.0-only", deny, deny, allow, deny},
      {"CC-BY-NC-4.0", deny, deny, deny, deny},
      {"BUSL-1.1", deny, deny, deny, deny},
      {"LicenseRef-NVIDIA-TensorRT", review, review, review, review},
      {"LicenseRef-Nobody-Knows", review, review, review, review},
      {"LicenseRef-Own", allow, allow, allow, allow},
  };
  for (const auto& row : rows) {
    CAPTURE(row.licence);
    CHECK(level("closed-binary", row.licence, Role::LinkedStatic) == row.linked_static);
    CHECK(level("closed-binary", row.licence, Role::Unsaid) == row.linked_static);
    CHECK(level("closed-binary", row.licence, Role::LinkedDynamic) == row.linked_dynamic);
    CHECK(level("closed-binary", row.licence, Role::BuildTool) == row.build_tool);
    CHECK(level("closed-binary", row.licence, Role::Dataset) == row.data);
    CHECK(level("closed-binary", row.licence, Role::Weights) == row.data);
  }
  CHECK(level("closed-service", "GPL-3.0-only", Role::LinkedStatic) == allow);
  CHECK(level("closed-service", "AGPL-3.0-only", Role::LinkedStatic) == deny);
  CHECK(level("internal", "GPL-3.0-only", Role::LinkedStatic) == allow);
  CHECK(level("research", "CC-BY-NC-4.0", Role::Dataset) == owe);
  for (const auto name : LicencePolicy::preset_names()) CHECK_NOTHROW(LicencePolicy::preset(name));
  CHECK_THROWS_WITH(LicencePolicy::preset("closed-binry"),
                    "licence policy: unknown preset 'closed-binry'; did you mean 'closed-binary'?");
}

TEST_CASE("licence policy: OR takes the best branch, AND the worst and all obligations") {
  const LicencePolicy policy = LicencePolicy::preset("closed-binary");
  const LicenceKinds kinds;
  const auto judge = [&](const char* text) {
    return policy.judge(parse_spdx(text).expression, Role::LinkedDynamic, kinds);
  };
  Verdict v = judge("GPL-3.0-only OR MIT");
  CHECK(v.level == VerdictLevel::Obligations);
  CHECK(v.licence == "MIT");
  v = judge("AGPL-3.0-only OR LicenseRef-Paid");
  CHECK(v.level == VerdictLevel::Review);
  CHECK(v.licence == "LicenseRef-Paid");
  v = judge("MIT AND MPL-2.0");
  CHECK(v.level == VerdictLevel::Obligations);
  CHECK((v.notice && v.source));
  CHECK(v.licence == "MIT AND MPL-2.0");
  CHECK(judge("MPL-2.0 AND MIT").source);
  CHECK(judge("MIT AND GPL-2.0-only").level == VerdictLevel::Deny);
  CHECK(judge("(MIT OR GPL-2.0-only) AND (ISC OR AGPL-3.0-only)").level ==
        VerdictLevel::Obligations);
  CHECK(judge("MPL-2.0").because.en ==
        "MPL-2.0 is copyleft-file; policy closed-binary for linked-dynamic: "
        "allow-with-obligations (notice, source)");
}

struct TempFolder {
  std::filesystem::path path;
  TempFolder() {
    path = std::filesystem::temp_directory_path() /
           ("lydia_licence_" + std::to_string(std::random_device()()));
    std::filesystem::create_directories(path);
  }
  ~TempFolder() { std::filesystem::remove_all(path); }
  std::string write(const char* name, const char* text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
};

TEST_CASE("licence matrix: the outer key is the outbound licence") {
  const TempFolder folder;
  LicenceMatrix matrix;
  CHECK(matrix.conflict("Apache-2.0", "GPL-2.0-only"));
  CHECK_FALSE(matrix.conflict("Apache-2.0", "GPL-2.0-or-later"));
  CHECK(matrix.of("MIT", "GPL-3.0-only") == Compatibility::Unknown);
  matrix.read(folder.write("m.json", R"({"timestamp": "2024-05-01", "licenses": [
    {"name": "MIT", "compatibilities": [
      {"name": "GPL-3.0-only", "compatibility": "No", "explanation": "x"},
      {"name": "ISC", "compatibility": "Yes", "explanation": ""}]},
    {"name": "GPL-3.0-only", "compatibilities": [
      {"name": "MIT", "compatibility": "Yes", "explanation": ""}]},
    {"name": "X11", "compatibilities": [{"name": "ISC", "compatibility": "No"}]},
    {"name": "ISC", "compatibilities": [{"name": "X11", "compatibility": "No"}]}]})"));
  CHECK(matrix.of("MIT", "GPL-3.0-only") == Compatibility::No);
  CHECK(matrix.of("GPL-3.0-only", "MIT") == Compatibility::Yes);
  CHECK_FALSE(matrix.conflict("MIT", "GPL-3.0-only"));
  CHECK(matrix.conflict("X11", "ISC"));
  CHECK(matrix.timestamp() == "2024-05-01");
  matrix.read(folder.write("n.json", R"({"MIT": {"GPL-3.0-only": "Check dependency"}})"));
  CHECK(matrix.of("MIT", "GPL-3.0-only") == Compatibility::CheckDependency);
  CHECK_THROWS_AS(matrix.read(folder.write("bad.json", "{\"licenses\": 3}")), Error);
  CHECK_THROWS_AS(matrix.read(folder.write("empty.json", "{}")), ValueError);
  CHECK_THROWS_AS(matrix.read((folder.path / "absent.json").string()), IoError);
}

TEST_CASE("licence evidence: the stronger stays") {
  const TempFolder folder;
  EvidenceBook book;
  Use use;
  use.name.value = "tf2onnx";
  REQUIRE(book.find(use));
  CHECK(book.find(use)->licence == "Apache-2.0");
  use.purl.value = "pkg:pypi/TF2ONNX@1.16.1?x=y";
  CHECK(EvidenceBook::package(use) == "pkg:pypi/tf2onnx");
  CHECK(book.find(use)->licence == "Apache-2.0");
  use.purl.value = "pkg:npm/tf2onnx@1";
  CHECK(book.find(use) == nullptr);
  book.add_file(folder.write("e.yaml", R"(
evidence:
  - {purl: "pkg:npm/tf2onnx@1.0", license: "mit or isc", kind: scan, source: "licensecheck 3.3"}
  - {purl: "pkg:npm/tf2onnx", license: "GPL-3.0", kind: metadata}
)"));
  REQUIRE(book.find(use));
  CHECK(book.find(use)->licence == "MIT OR ISC");
  CHECK(book.find(use)->kind == EvidenceKind::Scan);
  // What was seen in the use's own version comes first, though weaker.
  book.add_file(folder.write("v.yaml", R"(
evidence:
  - {purl: "pkg:npm/tf2onnx@1", license: ISC, kind: metadata}
)"));
  CHECK(book.find(use)->licence == "ISC");
  CHECK(book.find(use)->version == "1");
  use.purl.value = "pkg:npm/tf2onnx@2";
  CHECK(book.find(use)->licence == "MIT OR ISC");
  CHECK_THROWS_AS(book.add_file(folder.write("b.yaml", "evidence: {a: b}")), ValueError);
  CHECK_THROWS_AS(book.add_file(folder.write("c.yaml", "evidence: [{purl: x, license: MIT}]")),
                  ValueError);
}

TEST_CASE("licence kinds: a classification file adds what the table lacks") {
  const TempFolder folder;
  LicenceKinds kinds;
  kinds.add_classifications(folder.write("l.yml", R"(
categories: [{name: permissive}, {name: copyleft}]
categorizations:
  - {id: MIT, categories: [copyleft]}
  - {id: LicenseRef-scancode-x, categories: [permissive, include-in-notice-file]}
  - {id: Glide, categories: [copyleft]}
)"));
  CHECK(kinds.of(parse_spdx("MIT").expression).category == LicenceCategory::Permissive);
  CHECK(kinds.of(parse_spdx("Glide").expression).category == LicenceCategory::CopyleftStrong);
  CHECK(kinds.of(parse_spdx("LicenseRef-scancode-x").expression).category ==
        LicenceCategory::Permissive);
  CHECK_THROWS_AS(kinds.add_classifications(folder.write("bad.yml", "a: 1")), ValueError);
}

}  // namespace
}  // namespace lydia::atlas
