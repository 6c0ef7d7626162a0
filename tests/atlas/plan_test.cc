// Plans: what the readers refuse and where they say it, references and alternatives, cycles,
// foreach, Markdown whose nesting misleads.
#include <doctest/doctest.h>

#include <algorithm>

#include "lydia/atlas/check.h"
#include "lydia/atlas/emit.h"
#include "lydia/atlas/plan_expand.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/plan_markdown.h"
#include "lydia/atlas/plan_yaml.h"
#include "lydia/core/error.h"
#include "tests/atlas/small_plans.h"

namespace lydia::atlas {
namespace {

struct Refused {
  std::string text, code;
  int line, column;
  std::string words;
};

TEST_CASE("a hostile or mistaken YAML plan is refused at its place") {
  const std::vector<Refused> cases = {
      {"atlas: 1\ntitle: &a x\n", "yaml", 2, 8, "anchors are not allowed"},
      {"atlas: 1\ntitle: &a x\nroot: *a\n", "yaml", 2, 8, "anchors"},
      {"atlas: 1\ngroups:\n  <<: {a: 1}\n", "yaml", 3, 3, "merge key"},
      {"atlas: 1\natlas: 1\n", "yaml", 2, 1, "appears twice"},
      {"atlas: 1\ntitel: x\n", "unknown-key", 2, 1, "titel"},
      {"atlas: 1\ntasks:\n  T1: {efort: {}}\n", "unknown-key", 3, 8, "efort"},
      {"atlas: 1\ntitle: 3\n", "wrong-type", 2, 8, "in quotes"},
      {"atlas: 2\n", "bad-value", 1, 8, "version 1"},
      {"title: x\n", "bad-value", 1, 1, "atlas: 1"},
      {"atlas: 1\ntasks: {T1: {run: make all}}\n", "wrong-type", 2, 19, "list of words"},
      {"atlas: 1\ntasks: {T1: {run: [make, 3]}}\n", "wrong-type", 2, 26, "quotes"},
      {"atlas: 1\ntasks: {T1: {timeout: soon}}\n", "bad-value", 2, 23, "soon"},
      {"atlas: 1\ntasks: {T1: {needs: {cpu: -1}}}\n", "bad-value", 2, 27, "range"},
      {"atlas: 1\ntasks: {T1: {module: {state: creat}}}\n", "bad-value", 2, 30, "creat"},
      {"atlas: 1\ntasks: {T1: {effort: {ada: [3h, 2h, 1h]}}}\n", "bad-value", 2, 28, "fall"},
      {"atlas: 1\ngroups: [a]\n", "wrong-type", 2, 9, "map"},
      {"- a\n", "wrong-type", 1, 1, "map"},
      {"atlas: 1\n--- \natlas: 1\n", "yaml", 2, 1, "one document"},
      {"atlas: 1\ntitle: \"\x01\"\n", "yaml", 2, 9, "control"},
      {"atlas: 1\ntitle: \"\\e[2J\"\n", "yaml", 2, 8, "control"},
      {"atlas: 1\ntitle: \"\\u202e\"\n", "yaml", 2, 8, "control"},
      {"atlas: 1\ngroups: {\"\\x9b\": {kind: main}}\n", "yaml", 2, 10, "control"},
      {"atlas: 1\ntasks: {T1: {timeout: -5s}}\n", "bad-value", 2, 23, "-5s"},
      {"atlas: 1\ntasks: {T1: {timeout: 9e307d}}\n", "bad-value", 2, 23, "9e307d"},
      {"atlas: 1\ntasks: {T1: {needs: {mem: 99999999T}}}\n", "bad-value", 2, 27, "size"},
      {"atlas: 1\ntasks: {T1: {needs: {cpu: .inf}}}\n", "bad-value", 2, 27, "range"},
      {"atlas: 1\ntasks: {T1: {retries: 99999999999999999999}}\n", "yaml", 2, -1, "9999"},
      {std::string("atlas: 1\ntitle: ") + std::string(5000, '[') + std::string(5000, ']') + "\n",
       "yaml", 2, -1, "deep"},
  };
  for (const Refused& row : cases) {
    CAPTURE(row.text.substr(0, 60));
    Findings findings;
    parse_plan_yaml(row.text, "plan.yaml", findings);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == row.code);
    CHECK(findings[0].at.line == row.line);
    if (row.column > 0) CHECK(findings[0].at.column == row.column);
    CHECK(findings[0].message.en.find(row.words) != std::string::npos);
    CHECK(!findings[0].message.tr.empty());
  }
}

TEST_CASE("unknown keys suggest the nearest one, in both languages") {
  Findings findings;
  parse_plan_yaml("atlas: 1\ntitl: x\n", "plan.yaml", findings);
  CHECK(findings.at(0).hint.en == "did you mean 'title'?");
  CHECK(findings.at(0).hint.tr == "'title' mi demek istediniz?");
}

TEST_CASE("a YAML plan is written as it was read") {
  const std::string text =
      "atlas: 1\ntitle: \"x: y\"\npolicy: {goal: internal, delivery: none}\nparams: {size: \"3\"}\n"
      "personas:\n  ada: {name: Ada, title: Engineer, hours_per_day: 7.5}\n"
      "inputs:\n  corpus: {path: data/a.txt, license: CC0-1.0, role: dataset}\n"
      "before: |-\n  # A heading\n\n      code\n  end\ngroups:\n  main: {kind: main, title: All}\n"
      "tasks:\n  T1:\n    parent: main\n    in: {corpus: {from: inputs.corpus}}\n"
      "    out: {log: {path: a.log, kind: log}, model: m.bin}\n    run: human\n"
      "    needs: {cpu: 0.5, gpu: 1, mem: 512M, locks: [disk]}\n    effort: {ada: [30m, 1h, 1d]}\n"
      "    retries: 2\n    timeout: 90m\n    env: [HOME]\n    persist: [ckpt]\n"
      "    foreach: {seed: [\"1\", \"2\"]}\n    delivery: deploy\n";
  CHECK(plan_yaml(parse(text)) == text);
}

TEST_CASE("references find tasks, groups, ports and inputs whose names hold dots") {
  const Plan plan =
      parse(kHead + task("A.1", "out: {x: a.bin}") + task("B", "in: {x: {from: A.1.x}}") +
            task("C", "in: {x: {from: micro-1.1.x}}"));
  const PlanGraph graph(plan);
  CHECK(graph.resolve("A.1").kind == Reference::Kind::Task);
  CHECK(graph.resolve("A.1").port.empty());
  CHECK(graph.resolve("A.1.x").port == "x");
  CHECK(graph.resolve("micro-1.1").kind == Reference::Kind::Group);
  CHECK(graph.resolve("micro-1.1.x").kind == Reference::Kind::Group);
  CHECK(graph.resolve("nothing.x").kind == Reference::Kind::None);
  CHECK(graph.previous(1) == std::vector<int>{0});
  CHECK(graph.order() == std::vector<int>{0, 1, 2});
}

TEST_CASE("a cycle is printed as it runs, and its tasks are left out of the order") {
  const std::string text = kHead + task("A", "after: [C]") + task("B", "after: [A]") +
                           task("C", "after: [B]") + task("D", "after: [C]") +
                           task("E", "after: [E]") + task("F", "");
  const Findings findings = check(text);
  CHECK(codes(findings) == "cycle cycle");
  const Plan plan = parse(text);
  const PlanGraph graph(plan);
  CHECK(graph.cycles() == std::vector<std::vector<int>>{{0, 1, 2}, {4}});
  CHECK(graph.order() == std::vector<int>{5});
  const bool shown = std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
    return f.message.en.find("A -> B -> C -> A") != std::string::npos;
  });
  CHECK(shown);
  CHECK_THROWS_AS(emit_plan(graph, EmitTarget::Slurm, {}), ValueError);
}

TEST_CASE("a chain of tasks as long as a plan may be does not overflow the stack") {
  std::string text = kHead;
  for (int i = 0; i < 20000; ++i) {
    const std::string id = "T" + std::to_string(i);
    text += "  " + id + ": {parent: micro-1.1" +
            (i == 0 ? "" : ", after: [T" + std::to_string(i - 1) + "]") + "}\n";
  }
  const Plan plan = parse(text);
  const PlanGraph graph(plan);
  CHECK(graph.cycles().empty());
  CHECK(graph.order().size() == 20000);
  CHECK(graph.reaches(0, 19999));
}

TEST_CASE("each check finds its fault, and nothing else") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {task("A", "in: {x: {from: B.x}}"), "dangling-edge"},
      {task("A", "after: [missing]"), "dangling-edge"},
      {task("A", "out: {x: a.bin}") + task("B", "in: {x: {from: A.y}}"), "dangling-edge"},
      {task("A", "out: {x: a.bin}") + task("B", "in: {x: {from: A.x, kind: .onnx}}"),
       "dangling-edge"},
      {task("A", "in: {x: {from: inputs.no}}"), "dangling-edge"},
      {task("A", "in: {x: {text: a model}}"), "undeclared-input"},
      {task("A", "out: {x: a.bin}") + task("B", "out: {y: ./a.bin}"), "two-producers"},
      {task("A", "out: {x: ../a.bin}"), "path-escape"},
      {task("A", "out: {x: /tmp/a.bin}"), "path-escape"},
      {task("A", "module: {path: a/../../b.py, state: create}"), "path-escape"},
      {task("A", "uses: [{name: torch}]"), "version-missing"},
      {task("A", "uses: [{purl: \"pkg:pypi/torch@2.x\"}]"), "version-open"},
      {task("A", "owner: [bob]"), "unknown-persona"},
      {task("A", "effort: {bob: [1h, 1h, 1h]}"), "unknown-persona"},
      {task("\"a b\"", ""), "bad-id"},
      {task("A", "notes: \"*(Further tasks can be defined.)*\""), "placeholder"},
      {task("A", "module: {path: m.py, state: create}") +
           task("B", "module: {path: m.py, state: modify}"),
       "module-order"},
      {"  A: {parent: nowhere, run: [x], check: [[y]]}\n", "no-parent"},
      {"  A: {parent: micro-1.1, check: [[y]]}\n", "no-run"},
      {"  A: {parent: micro-1.1, run: [x]}\n", "no-check"},
      {"  A: {parent: micro-1.1, run: [x, \"{in.y}\"], check: [[y]]}\n", "unknown-variable"},
  };
  for (const auto& [text, code] : cases) {
    const std::string& tasks = text;  // clang 14 captures no structured binding
    CAPTURE(tasks);
    CHECK(codes(check(kHead + tasks)) == code);
  }
  CHECK(codes(check(kHead + task("A", "out: {x: a.bin}") +
                    task("B", "in: {x: {from: A.x}}, after: [A]"))) == "");
}

TEST_CASE("an empty plan, a plan without tasks, groups in a ring") {
  for (const char* text : {"", "# nothing\n", "null\n"}) {
    CAPTURE(std::string(text));
    const Findings found = check(text);
    REQUIRE(codes(found).starts_with("yaml"));
    CHECK(found[0].at.line == 1);
    CHECK(found[0].at.column == 1);
    CHECK(!found[0].hint.en.empty());
  }
  CHECK(codes(check("atlas: 1\ngroups: {m: {kind: main}}\n")) == "orphan");
  const std::string tasks = "tasks: {T: {parent: s, run: [a], check: [[b]]}}\n";
  CHECK(codes(check("atlas: 1\ngroups: {m: {kind: main, parent: s}, s: {kind: sub, parent: m}}\n" +
                    tasks)) == "bad-parent");
  CHECK(codes(check("atlas: 1\ngroups: {s: {kind: main, parent: s}}\n" + tasks)) == "bad-parent");
}

TEST_CASE("a long ring is shortened, and says so") {
  std::string text = kHead;
  for (int i = 0; i < 40; ++i) {
    text += task("T" + std::to_string(i), "after: [T" + std::to_string((i + 39) % 40) + "]");
  }
  const Findings found = check(text);
  REQUIRE(codes(found) == "cycle");
  CHECK(found[0].message.en.find("T8 -> … (40) -> T39 -> T0") != std::string::npos);
}

TEST_CASE("a plan of too many edges is refused at the reference, without making them") {
  std::string values = "[";
  for (int i = 0; i < 1500; ++i) values += (i ? ", v" : "v") + std::to_string(i);
  values += "]";
  const std::string body = ", run: [a], check: [[b]], foreach: {s: " + values + "}";
  const std::string text = kHead + "  A: {parent: micro-1.1, out: {o: \"a-{each.s}\"}" + body +
                           "}\n  B: {parent: micro-1.1, in: {all: {from: A.o}}" + body + "}\n";
  const Findings found = check(text);
  REQUIRE(codes(found) == "foreach");
  CHECK(found[0].at.line == 6);
  Findings expanding;
  const Plan plan = expand_plan(parse(text), expanding);
  CHECK_THROWS_AS(PlanGraph{plan}, ValueError);
}

TEST_CASE("modules in order: an edge from who creates to who uses") {
  const std::string create = task("A", "module: {path: m.py, state: create}");
  CHECK(codes(check(kHead + create + task("B", "after: [A], module: {path: m.py}"))) == "");
  CHECK(codes(check(kHead + create + task("M", "after: [A]") +
                    task("B", "after: [M], module: {path: m.py}"))) == "");
}

const std::string kChoice =
    "atlas: 1\ngroups:\n  main: {kind: main}\n"
    "  micro-1.1: {kind: micro, parent: main, out: {x: {any_of: [A.x, B.x]}}";

TEST_CASE("an alternative that is not chosen neither runs nor counts") {
  const std::string tasks =
      "tasks:\n" + task("A", "alias: for TF, out: {x: m.onnx}, uses: [{name: tf}]") +
      task("B", "alias: for Torch, out: {x: m.onnx}") + task("C", "in: {x: {from: micro-1.1.x}}");
  CHECK(codes(check(kChoice + ", choose: B}\n" + tasks)) == "");
  CHECK(codes(check(kChoice + ", choose: C}\n" + tasks)).find("alternatives") != std::string::npos);
  CHECK(codes(check(kChoice + "}\n" + tasks)).find("alternatives") != std::string::npos);
  const Plan plan = parse(kChoice + ", choose: B}\n" + tasks);
  const PlanGraph graph(plan);
  CHECK(!graph.active(0));
  CHECK(graph.previous(2) == std::vector<int>{1});
  CHECK(graph.order() == std::vector<int>{1, 2});
}

TEST_CASE("foreach makes a task of every combination, and its family is read as one") {
  const Plan plan = parse(
      "atlas: 1\nparams: {size: big}\ngroups: {main: {kind: main}}\ntasks:\n"
      "  T:\n    parent: main\n    foreach: {seed: [\"1\", \"2\"], lr: [a, b, c]}\n"
      "    out: {m: \"out/{each.seed}-{each.lr}.bin\"}\n"
      "    run: [train, \"{params.size}\", \"{each.seed}\", \"{out.m}\", \"{{}\"]\n"
      "  U: {parent: main, in: {all: {from: T.m}, one: {from: \"T[2,b].m\"}}}\n");
  Findings findings;
  const Plan expanded = expand_plan(plan, findings);
  CHECK(findings.empty());
  REQUIRE(expanded.tasks.size() == 7);
  CHECK(*expanded.tasks[4].id == "T[2,b]");
  CHECK(*expanded.tasks[4].out[0].second.path == "out/2-b.bin");
  CHECK(*expanded.tasks[4].run->argv[1] == "big");
  CHECK(*expanded.tasks[4].run->argv[3] == "{out.m}");
  CHECK(*expanded.tasks[4].run->argv[4] == "{{}");
  const PlanGraph graph(expanded);
  CHECK(graph.link(6, 0).producers.size() == 6);
  REQUIRE(graph.link(6, 1).producers.size() == 1);
  CHECK(graph.link(6, 1).producers[0].task == 4);
}

TEST_CASE("all copies of a foreach task are chosen, or none") {
  const std::string text =
      "tasks:\n  A: {parent: micro-1.1, run: [a], check: [[a]], foreach: {s: [u, v]}, "
      "out: {x: \"{each.s}.onnx\"}}\n" +
      task("B", "out: {x: m.onnx}") + task("C", "in: {x: {from: micro-1.1.x}}");
  for (const auto& [choice, before] :
       {std::pair<std::string, size_t>{"A", 2}, std::pair<std::string, size_t>{"B", 1}}) {
    CHECK(codes(check(kChoice + ", choose: " + choice + "}\n" + text)) == "");
    Findings findings;
    const Plan plan = expand_plan(parse(kChoice + ", choose: " + choice + "}\n" + text), findings);
    const PlanGraph graph(plan);
    CHECK(graph.active(0) == (choice == "A"));
    CHECK(graph.active(1) == (choice == "A"));
    CHECK(graph.active(2) == (choice == "B"));
    CHECK(graph.previous(3).size() == before);
  }
}

TEST_CASE("foreach does not explode") {
  std::string values = "[";
  for (int i = 0; i < 100; ++i) values += (i ? ", x" : "x") + std::to_string(i);
  values += "]";
  const Plan plan = parse("atlas: 1\ntasks: {T: {foreach: {a: " + values + ", b: " + values +
                          ", c: " + values + ", d: " + values + "}}}\n");
  Findings findings;
  CHECK(expand_plan(plan, findings).tasks.size() <= 200000);
  CHECK(codes(findings) == "foreach");
}

Plan markdown(const std::string& text, size_t expected_findings = 0) {
  Findings findings;
  Plan plan = parse_plan_markdown(text, "plan.md", findings);
  CHECK(findings.size() == expected_findings);
  return plan;
}

TEST_CASE("Markdown: labels in any dress, fields bound by depth") {
  const Plan plan = markdown(
      "# Plan\n\n**MAIN TASK**: Ship it\n\nSub-Task: Part\n\n"
      "### Macro-Task 1: First\n- Description: what it is\n\n"
      "    #### Example Micro-Task 1.1: Step\n    - **Responsible Persona:** Lead (Ada)\n"
      "      - **Atlas Task AG-1 (for X):**\n"
      "        - __Description__: it\xE2\x80\x99s done\n"
      "        - **Libraries Used:** `a` (v1.0, MIT) - License: Compatible, `b` (if needed, 2.1)\n"
      "        - **Run:** `[make, \"-j\", \"2\"]`\n        - **Check:**\n          - `[test, x]`\n"
      "          - `[test, y]`\n"
      "      - **Description:** of the micro task\n"
      "        - **Description:** nobody's\n",
      1);
  CHECK(*plan.title == "Plan");
  REQUIRE(plan.groups.size() == 4);
  CHECK(*plan.groups[0].title == "Ship it");
  CHECK(*plan.groups[2].description == "what it is");
  CHECK(plan.groups[3].example);
  CHECK(*plan.groups[3].parent == "macro-1");
  REQUIRE(plan.tasks.size() == 1);
  const Task& task = plan.tasks[0];
  CHECK(*task.alias == "for X");
  CHECK(*task.description == "it\xE2\x80\x99s done");
  CHECK(task.description.at.line == 13);
  REQUIRE(task.uses.size() == 2);
  CHECK(*task.uses[0].license == "MIT");
  CHECK(*task.uses[0].claim == "Compatible");
  CHECK(*task.uses[1].when == "if needed");
  CHECK(*task.uses[1].version == "2.1");
  REQUIRE(task.run);
  CHECK(*task.run->argv[1] == "-j");
  CHECK(task.checks.size() == 2);
  REQUIRE(plan.personas.size() == 1);
  CHECK(*plan.personas[0].first == "ada");
  // The micro task's second description is no field: it is kept as a note.
  CHECK(task.notes->find("nobody's") != std::string::npos);
}

TEST_CASE("Turkish labels match whatever their case, composition and apostrophe") {
  for (const char* label : {"**AÇIKLAMA:** x", "**açıklama**: x", "A\xC3\xA7\xC4\xB1klama: x",
                            "Ac\xCC\xA7\xC4\xB1klama : x", "__Açıklama:__ x"}) {
    CAPTURE(label);
    const Plan plan = markdown("### Makro Görev 1: t\n\n* " + std::string(label) + "\n");
    REQUIRE(plan.groups.size() == 1);
    CHECK(*plan.groups[0].description == "x");
  }
  const Plan plan = markdown(
      "### MAKRO GÖREV 2: t\n\n#### mikro görev 2.1 : u\n\n"
      "* **ATLAS GÖREVİ AG-9:**\n    * **GİRDİ:** Mikro Görev 2.1\xE2\x80\x99"
      "den elde edilen dosya\n    * **ÇIKTI:** y\n");
  REQUIRE(plan.tasks.size() == 1);
  CHECK(*plan.tasks[0].parent == "micro-2.1");
  CHECK(*plan.tasks[0].in.at(0).second.from == "micro-2.1");
  CHECK(*plan.tasks[0].out.at(0).second.text == "y");
}

TEST_CASE("prose that speaks of tasks is no task") {
  const Plan plan = markdown(
      "# T\n\n**Makro Görevler (Macro-Tasks):** büyük\n\n*   **Atlas Görevleri (Atlas Tasks):**\n"
      "    * **Lisans Uyumluluğu Notu:** x\n\nMakro Görev: numarasız\n\nAtlas Görevi nedir: "
      "bilinmez\n");
  CHECK(plan.groups.empty());
  CHECK(plan.tasks.empty());
  CHECK(plan.before->find("numarasız") != std::string::npos);
}

TEST_CASE("whatever a plan's texts hold, Markdown brings them back") {
  const std::vector<std::string> texts = {"two\nlines",
                                          "# not a heading",
                                          "**Girdi:** x",
                                          "`tick",
                                          "ends with **bold",
                                          "  spaces  ",
                                          "* item\n* item",
                                          "```\ncode",
                                          "<div>",
                                          "<!-- open",
                                          "| a | b |\n|---|---|",
                                          "### Macro-Task 7: x",
                                          "1. one\n2. two",
                                          "    indented",
                                          "> quote",
                                          "a: b",
                                          "{#id}",
                                          "tab\there",
                                          "\xC4\xB0\xC4\xB1",
                                          "- **Atlas Task AG-77:** y",
                                          "[a]: http://b",
                                          "&amp; &lt;",
                                          "back\\slash",
                                          "---",
                                          "x\n---",
                                          "'",
                                          "**Açıklama:** z",
                                          "(a), (b)",
                                          "Lead (Ada), Lead (Bob)"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    Plan plan = parse(kHead + task("T1", "") + task("T2", "after: [T1]"));
    Task& first = plan.tasks[0];
    first.description.value = first.notes.value = first.license_note.value = text;
    first.requirements = {Text{{text, {}}}};
    first.title.value = first.alias.value = text;
    first.uses.resize(1);
    first.uses[0].name.value = "lib";
    first.uses[0].note.value = first.uses[0].license.value = text;
    first.in.emplace_back(Text{{"x", {}}}, Input{{}, Text{{text, {}}}, {}});
    first.run->argv.push_back(Text{{text, {}}});
    plan.groups[0].title.value = plan.groups[1].title.value = text;
    plan.groups[1].description.value = plan.groups[1].notes.value = text;
    plan.before.value = plan.after.value = plan.title.value = text;
    plan.personas[0].second.title.value = text;
    plan.tasks[1].owner = {Text{{"ada", {}}}};
    for (const Language language : {Language::English, Language::Turkish}) {
      const std::string written = plan_markdown(plan, language);
      CAPTURE(written);
      Findings findings;
      Plan back = parse_plan_markdown(written, "plan.md", findings);
      CHECK(findings.empty());
      back.language = plan.language;
      CHECK(plan_yaml(back) == plan_yaml(plan));
    }
  }
}

}  // namespace
}  // namespace lydia::atlas
