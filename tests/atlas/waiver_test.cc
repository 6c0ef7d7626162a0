// Waivers: added to a plan's text in any of its forms, applied to the copies of a foreach task.
#include <doctest/doctest.h>

#include "lydia/atlas/waiver_edit.h"
#include "lydia/core/error.h"
#include "tests/atlas/small_plans.h"

namespace lydia::atlas {
namespace {

Waiver waiver(const std::string& reason) {
  Waiver w;
  w.task.value = "A";
  w.code.value = "no-check";
  w.owner.value = "bob";
  w.reason.value = reason;
  w.expires.value = "2030-01-01";
  return w;
}

const std::string kPlan = "groups: {m: {kind: main}}\ntasks: {A: {parent: m}}\n";
const std::string kOld = "{task: A, owner: ada, reason: old, expires: 2030-01-01}";

TEST_CASE("waive: every form that a list of waivers can have") {
  const std::vector<std::string> forms = {
      "atlas: 1\n" + kPlan,                                  // none
      "atlas: 1\n" + kPlan.substr(0, kPlan.size() - 1),      // no line end
      "atlas: 1\nwaivers: []\n" + kPlan,                     // flow, empty
      "atlas: 1\nwaivers: [" + kOld + "]\n" + kPlan,         // flow
      "atlas: 1\nwaivers: [\n  " + kOld + ",\n]\n" + kPlan,  // flow over lines
      "atlas: 1\nwaivers:\n- " + kOld + "\n" + kPlan,        // fmt's
      "atlas: 1\nwaivers:\n  - " + kOld + "\n" + kPlan,      // indented
      "atlas: 1\nwaivers: # who\n\n   # ada's\n   -\n     task: A\n     owner: ada\n     reason: "
      "old\n     expires: 2030-01-01\n" +
          kPlan,
      "atlas: 1\nwaivers:\n- task: A\n  owner: ada\n  reason: old\n  expires: 2030-01-01\n" + kPlan,
      "{title: ğüş, waivers: [" + kOld + "], atlas: 1, tasks: {A: {}}}\n",
  };
  for (const std::string& form : forms) {
    CAPTURE(form);
    const size_t before = parse(form).waivers.size();
    for (const std::string& reason : {std::string("short"), "a reason that is \"quoted\", " +
                                                                std::string(120, 'x') + ": end"}) {
      const std::string text = add_waiver(add_waiver(form, waiver(reason)), waiver("second"));
      const Plan after = parse(text);
      REQUIRE(after.waivers.size() == before + 2);
      CHECK(*after.waivers[before > 0 ? 0 : 0].reason == "second");
      CHECK(*after.waivers[1].reason == reason);
      CHECK(after.tasks.size() == 1);
      if (before > 0) CHECK(*after.waivers[2].reason == "old");
    }
  }
  // What fmt writes takes one too, and stays in fmt's form.
  const std::string canonical = plan_yaml(parse(forms[4]));
  const std::string more = add_waiver(canonical, waiver("short"));
  CHECK(plan_yaml(parse(more)) == more);
  const std::string comments =
      "# head\natlas: 1 # one\nwaivers: # list\n- " + kOld + " # ada\n" + kPlan;
  const std::string kept = add_waiver(comments, waiver("short"));
  for (const char* comment : {"# head", "# one", "# list", "# ada"}) {
    CHECK(kept.find(comment) != std::string::npos);
  }
  CHECK_THROWS_AS(add_waiver("- 1\n", waiver("x")), ValueError);
  CHECK_THROWS_AS(add_waiver("{atlas: 1}\n", waiver("x")), ValueError);
}

const std::string kCopies =
    "  T: {parent: micro-1.1, run: [make], foreach: {s: [a, b]}, out: {x: \"{each.s}.bin\"}}\n";
const std::string kCover = "waivers: [{task: T, code: no-check, owner: ada, reason: r, expires: ";

TEST_CASE("a waiver of a foreach task covers its copies; an unknown code is refused") {
  CHECK(has_errors(check(kHead + kCopies)));
  CHECK(!has_errors(check(kCover + "2999-01-01}]\n" + kHead + kCopies)));
  CHECK(has_errors(check(kCover + "2020-01-01}]\n" + kHead + kCopies)));
  const std::string other = "waivers: [{task: A, code: no-chek, owner: ada, reason: r, expires: ";
  const Findings wrong = check(other + "2999-01-01}]\n" + kHead + task("A", ""));
  REQUIRE(codes(wrong) == "bad-value");
  CHECK(wrong[0].hint.en.find("no-check") != std::string::npos);
  const Findings unused = check(kCover + "2999-01-01}]\n" + kHead + task("A", ""));
  CHECK(codes(unused, Severity::Warning).find("waiver-unused") != std::string::npos);
}

TEST_CASE("what the copies of a foreach task share is said once, of the task as written") {
  const Findings found = check(kHead + kCopies);
  std::vector<Finding> missing;
  for (const Finding& f : found) {
    if (f.code == "no-check") missing.push_back(f);
  }
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].subject == "T");
  CHECK(missing[0].message.en.find("(2 copies)") != std::string::npos);
  // Each copy's own fault stays its own.
  const Findings own =
      check(kHead +
            "  T: {parent: micro-1.1, run: [x], check: [[y]], foreach: {s: [a, b]}, out: {x: "
            "\"../{each.s}\"}}\n");
  CHECK(codes(own) == "path-escape path-escape");
}

}  // namespace
}  // namespace lydia::atlas
