// What a Markdown plan says and the reader does not understand is a finding at its place.
#include "lydia/atlas/plan_markdown.h"

#include <doctest/doctest.h>

#include "tests/atlas/small_plans.h"

namespace lydia::atlas {
namespace {

const std::string kTaskTr =
    "### Makro Görev 1: t\n\n#### Mikro Görev 1.1: u\n\n*   **Atlas Görevi AG-1:** v\n";

Plan read(const std::string& text, Findings& findings) {
  Plan plan = parse_plan_markdown(text, "plan.md", findings);
  return plan;
}

const Finding* find(const Findings& findings, const std::string& code) {
  for (const Finding& f : findings) {
    if (f.code == code) return &f;
  }
  return nullptr;
}

TEST_CASE("Markdown: a value that its label does not understand is a finding, and a note") {
  for (const char* line :
       {"**Çalıştır:** `sh -c \"grep . {in.ham}\"`", "**Çalıştır:** make", "**Çalıştır:**",
        "**Çalıştır:** `[]`", "**Kontrol:** `test -s x`", "**Kontrol:** Elif bakar",
        "**Efor:** 2 saat", "**Efor:** `1h, 2h, 4h`", "**Efor:** `{ada: [4h, 2h, 1h]}`",
        "**Kaynaklar:** cpu 2", "**Kaynaklar:** `{cpus: 2}`", "**İlgili Modül:** model.py",
        "**Sorumlu Persona:** Elif", "**Bağımlılıklar/İlişkiler:** AG-2", "**Girdi:**",
        "**Seçim:** `AG-2`", "**Lisans:** Uyumlu"}) {
    CAPTURE(std::string(line));
    Findings findings;
    const Plan plan = read(kTaskTr + "    *   " + line + "\n", findings);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].code == "unread-value");
    CHECK(findings[0].severity == Severity::Error);
    CHECK(findings[0].at.line == 6);
    CHECK(findings[0].subject == "AG-1");
    CHECK(!findings[0].hint.en.empty());
    CHECK(findings[0].hint.tr.find("**") != std::string::npos);
    REQUIRE(plan.tasks.size() == 1);
    CHECK(plan.tasks[0].notes->find(line) != std::string::npos);
  }
}

TEST_CASE("Markdown: a group that speaks of its tasks' fields is only warned") {
  Findings findings;
  const Plan plan = read("### Makro Görev 1: t\n\n*   **Girdi:** her şey\n", findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Warning);
  CHECK(findings[0].subject == "macro-1");
  CHECK(plan.groups[0].notes->find("her şey") != std::string::npos);
}

TEST_CASE("Markdown: what a field expects is what it reads") {
  Findings findings;
  const Plan plan = read(
      kTaskTr +
          "    *   **Sorumlu Persona:** Mühendis (Ada Kaya), `bob`\n"
          "    *   **İlgili Modül:** `a.py` `f` (create)\n"
          "    *   **Kullanılacak Kütüphane(ler):** `torch` (v2.4.1, BSD-3-Clause) - Lisans: "
          "Uyumlu\n"
          "    *   **Bağımlılıklar/İlişkiler:**\n        *   **Girdi:** `clean` = `CLEAN.clean`\n"
          "        *   **Çıktı:** `a` = `build/a.txt`\n"
          "    *   **Çalıştır:** `[sh, -c, \"grep . {in.clean}\"]`\n"
          "    *   **Kontrol:** `[test, -s, \"{out.a}\"]`\n"
          "    *   **Efor:** `{ada: 2h}`\n    *   **Kaynaklar:** `{cpu: 2, mem: 4G}`\n",
      findings);
  CHECK(findings.empty());
  const Task& task = plan.tasks.at(0);
  CHECK(task.owner.size() == 2);
  CHECK(*task.modules.at(0).symbol == "f");
  CHECK(*task.uses.at(0).version == "v2.4.1");
  CHECK(*task.in.at(0).second.from == "CLEAN.clean");
  CHECK(*task.out.at(0).second.path == "build/a.txt");
  CHECK(task.run->argv.size() == 3);
  CHECK(task.checks.size() == 1);
  CHECK(task.effort.at(0).second.likely == 7200);
  CHECK(task.needs->mem == uint64_t{4} << 30);
  CHECK(task.notes.empty());
}

TEST_CASE("Markdown: a field that comes twice, or where none is read") {
  Findings findings;
  read(kTaskTr + "    *   **Çalıştır:** `[a]`\n    *   **Çalıştır:** `[b]`\n", findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].at.line == 7);
  findings.clear();
  read(kTaskTr + "    *   **Açıklama:** a\n    *   **Açıklama:** b\n", findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Warning);
  findings.clear();
  read(kTaskTr + "\n**Kontrol:** `[test, x]`\n\nCheck: see below.\n", findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "unread-value");
  CHECK(findings[0].at.line == 7);
}

TEST_CASE("Markdown: labels that miss by a letter or two") {
  for (const auto& one :
       {std::pair<std::string, std::string>{kTaskTr + "    *   **Açıkalma:** x\n", "Açıklama"},
        {kTaskTr + "    *   **Çalıştrı:** `[x]`\n", "Çalıştır"},
        {"### Makro Grev 1: t\n", "Makro Görev"},
        {"#### Example Mcro-Task 1.1: t\n", "Macro-Task"},
        {"*   **Atlas Görev AG-1:** x\n", "Atlas Görevi"}}) {
    CAPTURE(one.first);
    Findings findings;
    read(one.first, findings);
    const Finding* f = find(findings, "unknown-label");
    REQUIRE(f);
    CHECK(f->severity == Severity::Warning);
    CHECK(f->hint.tr.find(one.second) != std::string::npos);
  }
  for (const char* prose :
       {"*   **Makro Görevler (Macro-Tasks):**\n", "*   **Lisans Uyumluluğu Notu:** x\n",
        "## Atlas Görevlerinin Önemi\n", "*   **Not:** x\n", "Inputs: x\n"}) {
    CAPTURE(std::string(prose));
    Findings findings;
    read(kTaskTr + "\n" + prose, findings);
    CHECK(findings.empty());
  }
}

TEST_CASE("Markdown: two blocks that say one key, and a plan without tasks") {
  const std::string one = "```yaml atlas plan\ntitle: x\n```\n\n",
                    two = "```yaml atlas plan\ntitle: y\nparams: {a: b}\n```\n\n";
  Findings findings;
  read(one + two + kTaskTr, findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::Error);
  CHECK(findings[0].at.line == 6);
  findings.clear();
  read(kTaskTr + "\n```yaml atlas\ntimeout: 1h\n```\n\n```yaml atlas\ntimeout: 2h\n```\n",
       findings);
  CHECK(findings.size() == 1);
  findings.clear();
  const Plan prose = read("# A letter\n\nDear all,\n", findings);
  findings = check_plan(prose, findings);
  CHECK(codes(findings) == "orphan");
  CHECK(findings[0].hint.en.find("Atlas Task") != std::string::npos);
}

TEST_CASE("Markdown: hints speak Markdown, and notes that look like fields come back") {
  Findings findings;
  const Plan plan = read(kTaskTr, findings);
  const Findings found = check_plan(plan, findings);
  REQUIRE(find(found, "no-run"));
  CHECK(find(found, "no-run")->hint.tr.find("**Çalıştır:** `[program") != std::string::npos);
  Plan noted = parse(kHead + task("A", "notes: \"- **Run:** make it\"") +
                     task("B", "title: t, notes: \"*   **Kontrol:** bak\\n\\nson\""));
  const std::string text = plan_markdown(noted, Language::English);
  findings.clear();
  const Plan back = read(text, findings);
  CHECK(!has_errors(findings));
  CHECK(plan_markdown(back, Language::English) == text);
  REQUIRE(back.tasks.size() == 2);
  CHECK(back.tasks[0].notes == noted.tasks[0].notes);
  CHECK(back.tasks[1].notes == noted.tasks[1].notes);
  CHECK(*back.tasks[1].title == "t");
}

}  // namespace
}  // namespace lydia::atlas
