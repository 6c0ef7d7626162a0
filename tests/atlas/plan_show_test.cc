// Schedules with known results, what emit writes, and pages that keep hostile text as text.
#include <doctest/doctest.h>

#include <cmath>

#include "lydia/atlas/emit.h"
#include "lydia/atlas/plan_graph.h"
#include "lydia/atlas/schedule.h"
#include "lydia/atlas/show.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "lydia/io/json.h"
#include "tests/atlas/small_plans.h"

namespace lydia::atlas {
namespace {

TEST_CASE("PERT, persons, machines and the critical path") {
  // ada works around the clock. A and B are hers; C needs a processor for an hour after A.
  const Plan plan = parse(kHead + task("A", "effort: {ada: [1h, 2h, 9h]}") +
                          task("B", "effort: {ada: [1h, 1h, 1h]}") + task("C", "after: [A]") +
                          task("D", "after: [C]"));
  const PlanGraph graph(plan);
  ScheduleOptions options;
  options.machine_seconds = [](int index) { return index >= 2 ? 3600.0 : 0.0; };
  const Schedule schedule = make_schedule(graph, options);
  CHECK(schedule.tasks[0].human == doctest::Approx(3 * 3600));  // (1 + 8 + 9) / 6
  CHECK(schedule.tasks[0].rank == doctest::Approx(5 * 3600));
  CHECK(schedule.finish == doctest::Approx(5 * 3600));
  CHECK(schedule.critical_path == std::vector<int>{0, 2, 3});
  CHECK(schedule.tasks[1].start == doctest::Approx(3 * 3600));  // A comes first by rank
  CHECK(schedule.tasks[1].slack == doctest::Approx(4 * 3600));
  CHECK(schedule.variance == doctest::Approx(std::pow(8 * 3600.0 / 6, 2)));
  CHECK(schedule.persons[0].work == doctest::Approx(4 * 3600));
  CHECK(schedule.p50 < schedule.p90);
  CHECK(schedule.p50 == make_schedule(graph, options).p50);  // seeded
  options.done = [](int index) { return index < 2; };
  CHECK(make_schedule(graph, options).finish == doctest::Approx(2 * 3600));
}

TEST_CASE("a run's finish spreads as its tasks' times did, without persons") {
  const Plan plan =
      parse(kHead + task("A", "effort: {ada: [9h, 9h, 9h]}") + task("B", "after: [A]"));
  const PlanGraph graph(plan);
  ScheduleOptions options;
  options.persons = false;
  options.machine_seconds = [](int) { return 100.0; };
  CHECK(make_schedule(graph, options).p90 == doctest::Approx(200));
  options.machine_spread = [](int) { return 0.5; };
  const Schedule schedule = make_schedule(graph, options);
  CHECK(schedule.finish == doctest::Approx(200));
  // The sum of two log-normal times of median 100, by matching moments: median 212, nine tenths
  // below 338.
  CHECK(schedule.p50 > 200);
  CHECK(schedule.p50 < 224);
  CHECK(schedule.p90 > 316);
  CHECK(schedule.p90 < 360);
}

TEST_CASE("the schedule keeps to processors, locks and working days") {
  std::string tasks;
  for (int i = 0; i < 4; ++i) {
    tasks += task("T" + std::to_string(i), "needs: {cpu: 1, locks: [disk]}");
  }
  const Plan locked = parse(kHead + tasks);
  const PlanGraph graph(locked);
  ScheduleOptions options;
  options.cpu = 8;
  options.machine_seconds = [](int) { return 10.0; };
  CHECK(make_schedule(graph, options).finish == doctest::Approx(40));
  const Plan wide = parse(kHead + task("A", "needs: {cpu: 3}") + task("B", "needs: {cpu: 3}") +
                          task("C", "needs: {cpu: 2}") + task("D", "needs: {cpu: 99}"));
  options.cpu = 5;
  CHECK(make_schedule(PlanGraph(wide), options).finish == doctest::Approx(30));
  Plan slow = parse(kHead + task("A", "effort: {ada: [6h, 6h, 6h]}"));
  slow.personas[0].second.hours_per_day->value = 6;
  options.machine_seconds = nullptr;
  CHECK(make_schedule(PlanGraph(slow), options).finish == doctest::Approx(24 * 3600));
  options.calibration = {{"ada", 2.0, 3}};
  CHECK(make_schedule(PlanGraph(slow), options).finish == doctest::Approx(48 * 3600));
}

TEST_CASE("emit: each target orders the same tasks") {
  const Plan plan = parse(kHead + task("A", "out: {x: a b.bin}, retries: 2, timeout: 90s") +
                          task("B",
                               "in: {x: {from: A.x}}, needs: {cpu: 1.5, gpu: 2, mem: 1G, "
                               "locks: [disk]}"));
  const PlanGraph graph(plan);
  EmitOptions options;
  options.store = "/it's shared";
  options.keys = {std::string(64, 'a'), std::string(64, 'b')};
  const std::string slurm = emit_plan(graph, EmitTarget::Slurm, options);
  CHECK(slurm.find("--dependency=afterok:$j0") != std::string::npos);
  CHECK(slurm.find("--cpus-per-task=2 --mem=1024M --gres=gpu:2") != std::string::npos);
  CHECK(slurm.find("--time=6") != std::string::npos);  // three attempts of 90 s, and a minute
  const config::Node argo = config::parse_yaml(emit_plan(graph, EmitTarget::Argo, options), "argo");
  CHECK(argo.get<std::string>("kind") == "Workflow");
  CHECK(argo.get<std::string>("spec.templates[0].dag.tasks[1].dependencies[0]") == "a-t0");
  CHECK(argo.get<std::string>("spec.templates[2].container.command[2]") ==
        "flock '/it'\\''s shared/locks/of-disk' lydia atlas run-one " + options.keys[1] +
            " --store '/it'\\''s shared'");
  const std::string jobs = emit_plan(graph, EmitTarget::Kubernetes, options);
  const config::Node second = config::parse_yaml(jobs.substr(jobs.rfind("---\n") + 4), "k8s");
  CHECK(second.get<std::string>("spec.template.spec.initContainers[0].command[2]") ==
        "until [ -e '/it'\\''s shared/results/" + options.keys[0] + "' ]; do sleep 5; done");
  const std::string dag = emit_plan(graph, EmitTarget::Airflow, options);
  CHECK(dag.find("t0 >> t1") != std::string::npos);
  CHECK(dag.find(", execution_timeout=timedelta(seconds=270)") != std::string::npos);
  CHECK_THROWS_AS(emit_target("slrum"), ValueError);
  options.keys[0].clear();  // left out
  CHECK(emit_plan(graph, EmitTarget::Slurm, options).find("dependency") == std::string::npos);
}

TEST_CASE("the page and the flowchart keep hostile text as text") {
  Plan plan = parse(kHead + task("T1", "") + task("T2", "after: [T1]"));
  const std::string evil = "</script><script>alert(1)</script>\"]; end";
  plan.title.value = plan.tasks[0].description.value = plan.groups[0].title.value = evil;
  plan.tasks[0].alias.value = evil;
  const PlanView view(plan, {});
  const std::string html = show_html(view);
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find("script-src 'sha256-") != std::string::npos);
  const size_t data = html.find("id=\"plan\">") + 10;
  const io::Json json = io::parse_json(html.substr(data, html.find("</script>", data) - data), "x");
  CHECK(json.at("title").as_string() == evil);
  CHECK(json.at("tasks").as_list().size() == 2);
  const std::string chart = show_mermaid(view);
  CHECK(chart.find("script>") == std::string::npos);
  CHECK(chart.find("t0 -.-> t1") != std::string::npos);
  CHECK(show_text(view, false).find("critical path (*): ") != std::string::npos);
}

TEST_CASE("groups roll up what is done, the work, the finish and the worst verdict") {
  const Plan plan = parse(
      "atlas: 1\npersonas: {ada: {name: Ada, hours_per_day: 24}}\n"
      "groups: {m: {kind: main}, s: {kind: sub, parent: m}, a: {kind: macro, parent: s}, b: "
      "{kind: macro, parent: s}}\ntasks:\n"
      "  A: {parent: a, effort: {ada: 1h}, uses: [{purl: \"pkg:generic/x@1\", license: MIT}]}\n"
      "  B: {parent: a, after: [A], effort: {ada: [1h, 2h, 3h]}}\n"
      "  C: {parent: b, after: [B], effort: {ada: 3h}, uses: [{purl: \"pkg:generic/y@1\", "
      "license: LicenseRef-Odd}]}\n");
  ShowOptions options;
  options.state = [](int task) { return ShownState{task == 0 ? "cached" : "run", task == 0, 0}; };
  options.schedule.done = [](int task) { return task == 0; };
  const PlanView view(plan, options);
  const Rollup &all = view.groups[0], &a = view.groups[2], &b = view.groups[3];
  CHECK(all.tasks == 3);
  CHECK(all.done == 1);
  CHECK(all.work == doctest::Approx(6 * 3600));
  CHECK(all.left == doctest::Approx(5 * 3600));
  CHECK(all.finish == doctest::Approx(5 * 3600));
  CHECK(all.verdict == "review");
  CHECK(a.finish == doctest::Approx(2 * 3600));
  CHECK(a.verdict == "allow-with-obligations");
  CHECK(b.done == 0);
  CHECK(rollup_text(view, 2) ==
        "1 of 2 done, 3 h of work (2 h left), finish in 2h 00m, licence allow-with-obligations");
  CHECK(show_text(view, false).find(rollup_text(view, 0)) != std::string::npos);
  CHECK(show_html(view).find("1 of 3 done") != std::string::npos);
  CHECK(show_json(view).find("\"verdict\": \"review\"") != std::string::npos);
}

}  // namespace
}  // namespace lydia::atlas
