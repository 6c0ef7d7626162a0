"""The example plan: what it imports as, every finding it must have, and that nothing is lost."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

LYDIA = os.environ.get("LYDIA_BIN", "build/release/lydia")
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/atlas/tensorrt.tr.md"
CORRECTED = ROOT / "examples/atlas/tensorrt.yaml"

ONNX1, ONNX2 = "AG-MOD-ONNX-001", "AG-MOD-ONNX-002"
PARSE, FP16 = "AG-TRT-PARSE-001", "AG-TRT-FP16-001"


def run(*args, status=0):
    done = subprocess.run([LYDIA, "atlas", *map(str, args)], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def findings(path, status, *options):
    report = json.loads(run("check", path, "--json", "--today", "2026-11-21", *options,
                            status=status))
    assert report["errors"] == sum(f["severity"] == "error" and not f["waived"]
                                   for f in report["findings"])
    return report["findings"]


@pytest.fixture(scope="module")
def example():
    return findings(EXAMPLE, 1)


# Code, subject, line and column, and what the message or hint must name: the acceptance table of
# the specification, row by row.
ROWS = [
    ("alternatives", ONNX1, (47, 13), ["TensorFlow", "PyTorch", "any_of", ONNX2]),
    ("alternatives", ONNX2, (60, 13), ["any_of", ONNX1]),
    ("dangling-edge", FP16, (104, 32), ["one process", PARSE, "log", "engine", ".onnx", "'after'"]),
    ("module-order", FP16, (101, 35), ["engine_builder.py", PARSE, "yeni oluşturulabilir"]),
    ("module-order", ONNX2, (62, 35), ["model_exporter.py", ONNX1]),
    ("license-mismatch", ONNX1, (52, 40), ["tf2onnx", "MIT", "Apache-2.0"]),
    ("license-not-spdx", ONNX2, (64, 38), ["torch", "BSD-benzeri"]),
    ("license-not-spdx", ONNX2, (65, 81), ["torchvision", "BSD-benzeri"]),
    ("license-review", PARSE, (81, 33), ["tensorrt", "LicenseRef-NVIDIA-TensorRT"]),
    ("license-review", FP16, (102, 69), ["tensorrt", "LicenseRef-NVIDIA-TensorRT"]),
    ("version-open", ONNX1, (51, 35), ["tensorflow", "v2.10+"]),
    ("version-open", ONNX1, (52, 32), ["tf2onnx", "v1.14+"]),
    ("version-open", ONNX1, (53, 29), ["onnx", "v1.13+"]),
    ("version-open", ONNX2, (64, 30), ["torch", "v1.13+"]),
    ("version-open", ONNX2, (65, 73), ["torchvision", "v0.14+"]),
    ("version-open", ONNX2, (66, 29), ["onnx", "v1.13+"]),
    ("version-open", PARSE, (81, 70), ["tensorrt", "v8.x+"]),
    ("version-open", PARSE, (82, 29), ["onnx", "v1.13+"]),
    ("version-open", FP16, (102, 62), ["tensorrt", "v8.x+"]),
    ("version-missing", PARSE, (83, 21), ["pycuda"]),
    ("license-claim-unsupported", ONNX2, (71, 40), []),
    ("license-claim-unsupported", PARSE, (88, 40), []),
    ("placeholder", None, (109, 5), ["INT8"]),
    ("undeclared-input", ONNX1, (55, 32), ["TensorFlow"]),
    ("undeclared-input", ONNX2, (68, 32), ["PyTorch"]),
    *[(code, task, None, []) for task in (ONNX1, ONNX2, PARSE, FP16)
      for code in ("no-check", "no-run")],
    ("missing-reference", "", (3, 12), ["/hierarchical_task_structure_definition.md"]),
]


@pytest.mark.parametrize("code, subject, place, words", ROWS)
def test_acceptance_row(example, code, subject, place, words):
    found = [f for f in example if f["code"] == code and subject in (None, f["subject"]) and
             place in (None, (f["line"], f["column"]))]
    assert len(found) == 1, (code, subject, place)
    for language in ("en", "tr"):
        text = found[0]["message"][language] + " " + found[0]["hint"][language]
        assert found[0]["message"][language]
        for word in words:
            if word == "one process" and language == "tr":
                word = "tek süreçte"
            assert word in text, text
    if code not in ("license-claim-unsupported", "license-mismatch"):
        assert found[0]["hint"]["en"] and found[0]["hint"]["tr"]


def test_no_other_codes(example):
    expected = {row[0] for row in ROWS}
    assert {f["code"] for f in example} == expected | {"no-effort"}
    opened = [f for f in example if f["code"] == "version-open"]
    assert len(opened) == 9


def test_text_output_names_every_place(example):
    lines = run("check", EXAMPLE, "--lang", "en", "--today", "2026-11-21", status=1).splitlines()
    assert len(lines) == len(example)
    for line, finding in zip(lines, example):
        assert line.startswith(f"{EXAMPLE}:{finding['line']}:{finding['column']}: ")
        assert f" {finding['code']} " in line
    turkish = run("check", EXAMPLE, "--lang", "tr", "--today", "2026-11-21", status=1)
    assert "hata placeholder" in turkish and "uyarı" in turkish


def test_counts():
    text = run("import", EXAMPLE)
    kinds = re.findall(r"kind: (\w+)", text)
    assert [kinds.count(k) for k in ("main", "sub", "macro", "micro")] == [1, 1, 2, 3]
    tasks = text.split("\ntasks:\n")[1]
    assert re.findall(r"^  (AG-\S+):$", tasks, re.M) == [ONNX1, ONNX2, PARSE, FP16]
    people = re.findall(r"^  (\w+): \{name: (.*), title: (.*)\}$", text, re.M)
    assert people == [("elif", "Dr. Elif Demir", "Veri Bilimcisi"),
                      ("ahmet", "Ahmet Çelik", "Kıdemli Backend Geliştirici")]
    assert len(set(re.findall(r"path: (ai-orchestrator/\S+?\.py)", text))) == 2
    uses = re.findall(r"[ {]name: (\w+)(?:,|$)", tasks, re.M)
    assert len(uses) == 10 and len(set(uses)) == 7


def words_of(text):
    return re.findall(r"\w+", text)


def test_round_trip_is_a_fixed_point(tmp_path):
    paths = [tmp_path / name for name in ("1.yaml", "2.md", "2.yaml", "3.md")]
    run("import", EXAMPLE, "-o", paths[0])
    run("export", paths[0], "-o", paths[1])
    run("import", paths[1], "-o", paths[2])
    run("export", paths[2], "-o", paths[3])
    assert paths[0].read_bytes() == paths[2].read_bytes()
    assert paths[1].read_bytes() == paths[3].read_bytes()
    run("fmt", paths[0], "--check")
    run("fmt", paths[1], "--check")
    # Every word of the example is in the export as often as in the source.
    assert sorted(words_of(paths[1].read_text())) == sorted(words_of(EXAMPLE.read_text()))
    # And the findings are the same ones.
    codes = lambda path: sorted((f["code"], f["subject"]) for f in findings(path, 1))
    assert codes(paths[0]) == codes(paths[1]) == codes(EXAMPLE)


def test_labels_change_and_content_does_not(tmp_path):
    english, back = tmp_path / "en.md", tmp_path / "back.md"
    run("export", EXAMPLE, "--labels", "en", "-o", english)
    text = english.read_text()
    for label in ("Example Macro-Task 1:", "**Main Task:**", "**Atlas Task AG-TRT-PARSE-001:**",
                  "**Libraries Used:**", "**Input:**", "License: Uyumlu."):
        assert label in text
    assert "**Açıklama:**" not in text
    run("export", english, "--labels", "tr", "-o", back)
    first, second = run("import", EXAMPLE), run("import", back)
    assert first == second
    # Only the language of the labels differs.
    assert run("import", english).replace("language: en", "language: tr") == first


def test_corrected_plan_passes():
    found = findings(CORRECTED, 0)
    assert {f["code"] for f in found if not f["waived"] and f["severity"] != "note"} <= {
        "undeclared-input", "missing-reference"}
    waived = [f for f in found if f["waived"]]
    assert {f["code"] for f in waived} == {"license-review"}
    assert "choose: AG-MOD-ONNX-002" in CORRECTED.read_text()
    # The waiver ends: the same plan is refused after it.
    late = json.loads(run("check", CORRECTED, "--json", "--today", "2099-01-01", status=1))
    assert any("waiver" in f["code"] for f in late["findings"])


def test_corrected_plan_round_trips(tmp_path):
    text = CORRECTED.read_text()
    run("fmt", CORRECTED, "--check")
    run("export", CORRECTED, "-o", tmp_path / "plan.md")
    assert run("import", tmp_path / "plan.md") == text


def test_the_plan_of_the_documentation_is_sound(tmp_path):
    page = (ROOT / "docs/atlas.md").read_text()
    path = tmp_path / "plan.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0])
    found = findings(path, 0, "--no-files")
    assert [f["code"] for f in found if f["severity"] == "error"] == []


def test_script_of_the_page_runs(tmp_path):
    """The page's script in node, on just as much of a document as it needs."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    run("show", CORRECTED, "--html", "-o", tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text()
    script = page.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    data = page.split('id="plan">')[1].split("</script>")[0]
    (tmp_path / "page.js").write_text(f"""
        const drawn = [];
        const node = () => ({{setAttribute() {{}}, append(...n) {{ drawn.push(...n); }},
                             addEventListener() {{}}, replaceChildren(...n) {{ drawn.push(...n); }},
                             set textContent(text) {{ this.text = text; }},
                             get textContent() {{ return this.text; }}}});
        const holder = node(); holder.text = {json.dumps(data)};
        const elements = {{plan: holder}};
        globalThis.document = {{
            documentElement: {{lang: "en"}},
            getElementById: (id) => elements[id] ||= node(),
            createElementNS: (ns, name) => ({{name, ...node()}}),
            querySelectorAll: () => [],
        }};
        {script}
        search("trt");
        process.stdout.write(JSON.stringify(drawn.map((n) => n.name)));
    """)
    done = subprocess.run([node, tmp_path / "page.js"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    names = json.loads(done.stdout)
    # The critical path and its neighbours; the alternative that is not chosen has no edges.
    assert names.count("g") == 5
    assert names.count("path") == 7


def test_documentation_lists_every_code_of_the_sources():
    table = (ROOT / "docs/atlas.md").read_text().split("## Findings\n\n")[1].split("\n\n")[0]
    listed = {code for row in table.splitlines()[2:] for code in re.findall(r"`([a-z-]+)`",
                                                                         row.split("|")[1])}
    source = (ROOT / "lydia/atlas/finding.cc").read_text()
    known = set(re.findall(r'"([a-z-]+)"', source.split("kCodes[] = {")[1].split("}")[0]))
    assert listed == known
    used = set()
    for path in (ROOT / "lydia/atlas").glob("*.cc"):
        used |= set(re.findall(r'(?:error|warning)\(\s*"([a-z]+(?:-[a-z]+)*)"', path.read_text()))
        used |= set(re.findall(r'code = "([a-z-]+)"', path.read_text()))
        used |= set(re.findall(r'"((?:license|waiver)-[a-z-]+)"', path.read_text()))
    assert used - known == set() and len(used) > 30


def test_the_markdown_plan_of_the_documentation_runs(tmp_path):
    page = (ROOT / "docs/atlas.md").read_text()
    (tmp_path / "plan.md").write_text(page.split("````markdown\n")[1].split("````")[0])
    (tmp_path / "data").mkdir()
    (tmp_path / "data/raw.txt").write_text("a\n\nb\n")
    found = findings(tmp_path / "plan.md", 0)
    assert {f["code"] for f in found} <= {"undeclared-input", "orphan"}
    run("run", tmp_path / "plan.md")
    assert (tmp_path / "build/clean.txt").read_text() == "a\nb\n"


def test_import_keeps_what_a_label_does_not_understand(tmp_path):
    plan = tmp_path / "plan.md"
    plan.write_text("### Makro Görev 1: t\n\n*   **Atlas Görevi AG-1:** u\n"
                    "    *   **Efor:** 2 saat\n")
    assert "2 saat" in run("import", plan)
    (finding,) = [f for f in findings(plan, 1) if f["code"] == "unread-value"]
    assert finding["line"] == 4 and "{persona: 2h}" in finding["hint"]["tr"]


def test_waive_takes_what_fmt_writes(tmp_path):
    page = (ROOT / "docs/atlas.md").read_text()
    plan = tmp_path / "plan.yaml"
    plan.write_text(page.split("```yaml\n")[1].split("```")[0])
    waive = ("waive", plan, "--owner", "bob", "--reason", "r", "--expires", "2099-01-01",
             "--task", "TRAIN")
    run(*waive)
    assert "# the alternative that counts" in plan.read_text()
    run("fmt", plan, "--drop-comments")
    run(*waive, "--code", "no-check")
    run("fmt", plan, "--check")
    assert plan.read_text().count("owner: bob") == 2
    run(*waive, "--code", "no-chek", status=2)
