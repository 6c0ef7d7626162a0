// Thousands of damaged plans, the same on every run: reading never throws or hangs, checking never
// throws, and what was read survives YAML and Markdown. LYDIA_FUZZ_ROUNDS multiplies their number.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "lydia/atlas/check.h"
#include "lydia/atlas/emit.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/atlas/plan_yaml.h"
#include "lydia/atlas/show.h"
#include "lydia/core/error.h"
#include "tests/io/mutate.h"

namespace lydia::atlas {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Everything that looks at a plan and runs nothing. False when an id cannot stand in a heading.
bool look_at(const Plan& plan, Findings findings) {
  bool good_ids = true;
  CheckOptions options;
  options.today = "2026-11-21";
  options.files = false;
  for (const Finding& finding : check_plan(plan, findings, options)) {
    good_ids = good_ids && finding.code != "bad-id";
    CHECK(!finding.code.empty());
    CHECK(!finding.message.en.empty());
    CHECK(!finding.message.tr.empty());
  }
  const Plan expanded = expand_plan(plan, findings);
  const PlanGraph graph(expanded);
  EmitOptions emit;
  emit.keys.assign(static_cast<size_t>(graph.size()), std::string(64, 'a'));
  if (graph.cycles().empty()) emit_plan(graph, EmitTarget::Argo, emit);
  return good_ids;
}

// Reading again what was written gives the same plan.
void survives(const Plan& plan) {
  const std::string yaml = plan_yaml(plan);
  CAPTURE(yaml);
  Findings findings;
  const Plan again = parse_plan_yaml(yaml, "plan.yaml", findings);
  CHECK(findings_text(findings, "", Language::English) == "");
  CHECK(plan_yaml(again) == yaml);
  const std::string markdown = plan_markdown(plan, Language::Turkish);
  CAPTURE(markdown);
  Plan sorted = plan;
  sort_as_tree(sorted);
  Plan back = parse_plan_markdown(markdown, "plan.md", findings);
  back.language = sorted.language;
  CHECK(findings_text(findings, "", Language::English) == "");
  CHECK(plan_yaml(back) == plan_yaml(sorted));
}

const std::vector<std::string> kMarkdownPieces = {"\n### Makro Görev 3: x\n",
                                                  "\n#### Mikro Görev 3.1: y\n",
                                                  "\n*   **Atlas Görevi AG-9:**\n",
                                                  "    *   **Açıklama:** a\n",
                                                  "**Girdi:** ",
                                                  "\n```yaml atlas\n",
                                                  "```\n",
                                                  "\n```yaml atlas plan\n",
                                                  "{#id}",
                                                  "\n    ",
                                                  "\n\n",
                                                  "*",
                                                  "**",
                                                  "`",
                                                  ":",
                                                  "(",
                                                  ")",
                                                  "> ",
                                                  "\n# ",
                                                  "- ",
                                                  "1. ",
                                                  "|",
                                                  "\t",
                                                  "<!--",
                                                  "-->",
                                                  "<div>",
                                                  "[a]: b\n",
                                                  "---\n",
                                                  "\xC4\xB0",
                                                  "\xCC\xA7",
                                                  "\xFF",
                                                  "\r\n",
                                                  "\\"};
const std::vector<std::string> kYamlPieces = {"&a ",       "*a",       "<<: ",
                                              "{",         "}",        "[",
                                              "]",         ": ",       "- ",
                                              "\n  ",      "\n",       "'",
                                              "\"",        "|-\n",     "#",
                                              "!!",        "~",        "3",
                                              "1e3",       "from: ",   "AG-TRT-FP16-001",
                                              "micro-1.1", ".onnx",    "foreach: {a: [b]}",
                                              "../",       "\t",       "\xFF",
                                              "\xC4\xB1",  "{each.a}", "human",
                                              "---\n"};

TEST_CASE("damaged Markdown plans") {
  const std::string seed = file_text("examples/atlas/tensorrt.tr.md");
  // The part with the tasks is the one to damage: it reads faster, too.
  const std::string tasks =
      seed.substr(seed.find("## 2."), seed.find("## 3.") - seed.find("## 2."));
  io::Mutator mutator(1, kMarkdownPieces);
  for (size_t round = 0; round < io::fuzz_rounds(300); ++round) {
    const std::string text = mutator.damaged(mutator.damaged(tasks));
    CAPTURE(round);
    Findings findings;
    const Plan plan = parse_plan_markdown(text, "plan.md", findings);
    const bool good = look_at(plan, findings);
    if (good && findings.empty()) survives(plan);
  }
}

TEST_CASE("damaged YAML plans") {
  const std::string seed = file_text("examples/atlas/tensorrt.yaml");
  io::Mutator mutator(2, kYamlPieces);
  size_t read = 0;
  for (size_t round = 0; round < io::fuzz_rounds(400); ++round) {
    const std::string text = mutator.damaged(seed);
    CAPTURE(round);
    Findings findings;
    const Plan plan = parse_plan_yaml(text, "plan.yaml", findings);
    if (!look_at(plan, findings) || !findings.empty()) continue;
    ++read;
    survives(plan);
  }
  CHECK(read > 20);  // the damage is not always fatal, or nothing would be tested
}

TEST_CASE("Markdown that nests without end") {
  std::string deep, quotes, spans;
  for (int i = 0; i < 20000; ++i) deep += "- ";
  for (int i = 0; i < 20000; ++i) quotes += "> ";
  for (int i = 0; i < 20000; ++i) spans += "[*_`(";
  for (const std::string& text : {deep, quotes, spans}) {
    Findings findings;
    const Plan plan =
        parse_plan_markdown("### Macro-Task 1: x\n\n" + text + "y\n", "p.md", findings);
    CHECK(plan.groups.size() == 1);
  }
}

}  // namespace
}  // namespace lydia::atlas
