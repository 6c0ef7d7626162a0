// The licence gate over whole plans: reachability, taint, evidence, claims, waivers.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "lydia/atlas/licence.h"
#include "lydia/atlas/plan_yaml.h"

namespace lydia::atlas {
namespace {

const char* const kHead = R"(atlas: 1
policy: {goal: commercial-closed-source, delivery: binary}
inputs:
  mimic: {path: data/mimic, digest: "sha256:00", license: LicenseRef-PhysioNet-Credentialed, role: dataset}
  help: {path: data/help.txt, digest: "sha256:00", license: CC0-1.0, role: dataset}
groups:
  micro-1: {kind: micro}
)";

// Plan, graph and report together: the report names the plan's tasks by index.
struct Judged {
  std::unique_ptr<Plan> plan;  // the graph keeps its address
  std::unique_ptr<PlanGraph> graph;
  LicenceReport report;

  explicit Judged(const std::string& body, const std::string& today = "2026-11-21") {
    Findings reading;
    plan = std::make_unique<Plan>(parse_plan_yaml(kHead + body, "plan.yaml", reading));
    for (const Finding& f : reading) FAIL_CHECK(f.message.en);
    graph = std::make_unique<PlanGraph>(*plan);
    report = judge_licences(*graph, {today});
  }
  const Finding* find(const std::string& code, const std::string& purl = "") const {
    for (const Finding& f : report.findings)
      if (f.code == code && (purl.empty() || f.purl == purl)) return &f;
    return nullptr;
  }
};

const char* const kTrainDeploy = R"(tasks:
  TRAIN:
    parent: micro-1
    uses: [{purl: "pkg:pypi/torch@2.4.1", license: BSD-3-Clause, role: build-tool}]
    in: {data: {from: inputs.mimic}, text: {from: inputs.help}}
    out: {model: build/model.safetensors}
    run: [lydia, train]
  EXPORT:
    parent: micro-1
    in: {model: {from: TRAIN.model}}
    out: {onnx: build/model.onnx}
    run: [lydia, export]
  DEPLOY:
    parent: micro-1
    in: {onnx: {from: EXPORT.onnx}}
    out: {log: build/deploy.log}
    run: [lydia, deploy]
)";

TEST_CASE("licence gate: the licence of data travels to the deployment, and the path is printed") {
  const Judged judged(std::string(kTrainDeploy) + "    delivery: deploy\n");
  const Finding* f = judged.find("license-review", "mimic");
  REQUIRE(f);
  CHECK(f->severity == Severity::Error);
  CHECK(f->message.en.find("TRAIN → EXPORT → DEPLOY") != std::string::npos);
  CHECK(judged.report.blockers(*judged.graph, 2).size() == 1);
  CHECK(judged.report.blockers(*judged.graph, 1).size() == 1);
  CHECK(judged.find("license-review", "help") == nullptr);
}

TEST_CASE("licence gate: an experiment that hands nothing on is only warned") {
  const Judged judged(kTrainDeploy);
  const Finding* f = judged.find("license-review", "mimic");
  REQUIRE(f);
  CHECK(f->severity == Severity::Warning);
  CHECK_FALSE(has_errors(judged.report.findings));
}

std::string one_task(const std::string& uses, const std::string& more = "") {
  return "tasks:\n  T:\n    parent: micro-1\n    delivery: deploy\n    run: [x]\n    out: {o: "
         "o.bin}\n"
         "    uses: [" +
         uses + "]\n" + more;
}

TEST_CASE("licence gate: roles decide") {
  const std::string gpl = R"({purl: "pkg:deb/debian/x@1", license: GPL-3.0-only, role: )";
  CHECK(Judged(one_task(gpl + "linked-static}")).find("license-deny"));
  CHECK(Judged(one_task(gpl + "shipped}")).find("license-review"));
  const Judged tool(one_task(gpl + "build-tool}"));
  CHECK_FALSE(tool.find("license-deny"));
  REQUIRE(tool.find("license-build-tool"));
  CHECK(tool.find("license-build-tool")->severity == Severity::Warning);
  CHECK(tool.report.blockers(*tool.graph, 0).empty());
}

TEST_CASE("licence gate: evidence, mismatch, words that are no expression") {
  Judged judged(one_task(R"({purl: "pkg:pypi/tf2onnx@1.16", license: MIT, role: linked-dynamic})"));
  REQUIRE(judged.find("license-mismatch"));
  CHECK(judged.find("license-mismatch")->severity == Severity::Warning);  // both permissive
  CHECK(judged.report.items[0].licence == "Apache-2.0");

  judged = Judged(one_task(R"({purl: "pkg:pypi/ultralytics@8", license: MIT, role: shipped})"));
  REQUIRE(judged.find("license-mismatch"));
  CHECK(judged.find("license-mismatch")->severity == Severity::Error);

  judged = Judged(one_task(R"({purl: "pkg:pypi/torch@2.4.1", license: BSD-3-Clause})"));
  // One of the parts that all bind: the whole is judged, and it is said.
  REQUIRE(judged.find("license-mismatch"));
  CHECK(judged.find("license-mismatch")->severity == Severity::Warning);
  CHECK(judged.find("license-mismatch")->message.en.find("not 2.4.1") != std::string::npos);
  CHECK(judged.report.items[0].licence.find("Apache-2.0 AND") == 0);
  const std::string whole = judged.report.items[0].licence;
  judged = Judged(one_task(R"({purl: "pkg:pypi/torch@2.4.1", license: ")" + whole + "\"}"));
  CHECK_FALSE(judged.find("license-mismatch"));

  judged = Judged(one_task(R"({name: torch, version: "2", license: BSD-benzeri})",
                           "    license_note: Tüm kütüphaneler uyumlu.\n"));
  CHECK(judged.find("license-not-spdx", "torch"));
  CHECK(judged.find("license-claim-unsupported"));

  judged = Judged(one_task(R"({name: tensorrt, version: "8.6", license: NVIDIA EULA})",
                           "    license_note: genellikle ticari kullanıma izin verir\n"));
  REQUIRE(judged.find("license-review", "tensorrt"));
  CHECK(judged.find("license-review")->message.en.find("LicenseRef-NVIDIA-TensorRT") !=
        std::string::npos);
  CHECK_FALSE(judged.find("license-not-spdx"));
  CHECK(judged.find("license-claim-unsupported"));

  judged = Judged(one_task(R"({purl: "pkg:generic/own@1", license: Apache-2})"));
  REQUIRE(judged.find("license-not-spdx"));
  CHECK(judged.find("license-not-spdx")->hint.en.find("Apache-2.0") != std::string::npos);
  CHECK(Judged(one_task(R"({purl: "pkg:generic/own@1"})")).find("license-missing"));
}

TEST_CASE("licence gate: two licences that cannot be in one program") {
  const std::string a = R"({purl: "pkg:generic/a@1", license: Apache-2.0, role: linked-static}, )";
  CHECK(Judged(one_task(a +
                        R"({purl: "pkg:generic/b@1", license: GPL-2.0-only, role: linked-static})"))
            .find("license-conflict"));
  CHECK_FALSE(
      Judged(one_task(a + R"({purl: "pkg:generic/b@1", license: GPL-2.0-only, role: build-tool})"))
          .find("license-conflict"));
  CHECK_FALSE(
      Judged(
          one_task(
              a +
              R"({purl: "pkg:generic/b@1", license: "GPL-2.0-only OR MIT", role: linked-static})"))
          .find("license-conflict"));
}

TEST_CASE("licence gate: waivers need owner, reason and a date to come") {
  const std::string task =
      one_task(R"({purl: "pkg:pypi/tensorrt@8.6.1", license: LicenseRef-NVIDIA-TensorRT})");
  const auto with = [&](const std::string& waiver) {
    return Judged("waivers:\n  - {" + waiver + "}\n" + task);
  };
  CHECK(has_errors(Judged(task).report.findings));
  const Judged fine = with(
      R"(purl: "pkg:pypi/tensorrt", code: license-review, owner: legal, reason: read, expires: "2027-01-31")");
  CHECK_FALSE(has_errors(fine.report.findings));
  CHECK(fine.report.blockers(*fine.graph, 0).empty());
  CHECK(fine.find("license-review")->waived);
  for (const char* purl : {"pkg:pypi/tensor", "pkg:pypi/tensorrt@8.6", "pkg:pypi/other"}) {
    CAPTURE(std::string(purl));
    const Judged other = with("purl: \"" + std::string(purl) +
                              R"(", owner: legal, reason: read, expires: "2027-01-31")");
    CHECK(has_errors(other.report.findings));
    CHECK(other.find("waiver-unused"));
  }
  const Judged late = with(R"(task: T, owner: legal, reason: read, expires: "2026-11-20")");
  CHECK(late.find("waiver-expired"));
  CHECK_FALSE(late.find("license-review")->waived);
  CHECK(with(R"(task: T, owner: legal, reason: read, expires: "2026-02-30")")
            .find("waiver-incomplete"));
  CHECK(with(R"(task: T, owner: legal, expires: "2027-01-31")").find("waiver-incomplete"));
  CHECK_FALSE(has_errors(
      with(R"(task: T, owner: legal, reason: read, expires: "2026-11-21")").report.findings));
}

TEST_CASE("licence gate: alternatives that were not chosen are not judged") {
  const Judged judged(R"(
tasks:
  A: {parent: micro-1, run: [a], out: {o: a.bin}, delivery: deploy, uses: [{purl: "pkg:generic/a@1", license: MIT}]}
)");
  CHECK(judged.report.items.size() == 1);  // nobody reads the plan's inputs
  Findings reading;
  Plan plan = parse_plan_yaml(R"(atlas: 1
groups:
  g: {kind: micro, choose: A, out: {o: {any_of: [A.o, B.o]}}}
tasks:
  A: {parent: g, run: [a], out: {o: a.bin}, delivery: deploy, uses: [{purl: "pkg:generic/a@1", license: MIT}]}
  B: {parent: g, run: [b], out: {o: b.bin}, delivery: deploy, uses: [{purl: "pkg:generic/b@1", license: GPL-3.0-only}]}
)",
                              "p.yaml", reading);
  const PlanGraph graph(plan);
  const LicenceReport report = judge_licences(graph, {"2026-11-21"});
  CHECK(report.items.size() == 1);
  CHECK_FALSE(has_errors(report.findings));
}

TEST_CASE("licence gate: the calendar") {
  CHECK(is_date("2028-02-29"));
  for (const char* text : {"2027-02-29", "2027-13-01", "27-01-01", "2027-1-1", "2027-01-01x", "",
                           "-027-01-01", "2027-01- 1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(is_date(text));
  }
  CHECK(is_date(today_utc()));
}

}  // namespace
}  // namespace lydia::atlas
