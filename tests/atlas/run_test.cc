// Runs of small plans: caching, why, restoring, failures, resources, people, takeovers.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "lydia/core/error.h"
#include "tests/atlas/workshop.h"

namespace lydia::atlas {
namespace {

TEST_CASE("run: a chain, then nothing but cache hits") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  CHECK(w.run().complete());
  CHECK(w.summary.count(TaskState::Done) == 3);
  CHECK(w.read("out/upper.txt") == "MERHABA\n");
  CHECK(w.read("out/last.txt") == "8\n");
  CHECK(w.run().count(TaskState::Cached) == 3);
  CHECK((w.marks("A") == 1 && w.marks("B") == 1 && w.marks("C") == 1));
}

TEST_CASE("run: time stamps alone rerun nothing, another content of the same size does") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  w.run();
  fs::last_write_time(w / "text.txt", fs::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK(w.run().count(TaskState::Cached) == 3);
  w.write("text.txt", "günaydn\n");
  w.run();
  CHECK(w.state("A") == TaskState::Done);
  CHECK(w.read("out/last.txt") == "9\n");
}

TEST_CASE("run: a rebuild that gives the same output stops there") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  w.run();
  w.write("text.txt", "MERHABA\n");  // the same after tr
  w.run();
  CHECK(w.state("A") == TaskState::Done);
  CHECK(w.state("B") == TaskState::Cached);
  CHECK(w.marks("B") == 1);
}

TEST_CASE("run: an input that changes while its task runs makes no result of its old key") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(
      "inputs:\n  text: {path: text.txt}\ntasks:\n" +
      task("A",
           "[ -e \"{root}/again\" ] || echo more >> \"{in.text}\"; cat \"{in.text}\" > \"{out.o}\"",
           "    in: {text: {from: inputs.text}}\n    out: {o: o.txt}\n"));
  w.run();
  CHECK(w.state("A") == TaskState::Failed);
  CHECK(w.message("A") == "its input 'text' changed while it ran");
  CHECK_FALSE(fs::exists(w / "o.txt"));
  w.write("again", "");
  CHECK(w.run().complete());
  CHECK(w.read("o.txt") == "merhaba\nmore\n");
  w.write("text.txt", "merhaba\n");
  CHECK(w.run().count(TaskState::Done) == 1);  // the first attempt left nothing behind
}

TEST_CASE("run: going back to an earlier input takes the earlier result") {
  Workshop w;
  w.write("text.txt", "bir\n");
  w.plan(kChain);
  w.run();
  w.write("text.txt", "iki uc\n");
  w.run();
  w.write("text.txt", "bir\n");
  CHECK(w.run().count(TaskState::Cached) == 3);
  CHECK(w.read("out/upper.txt") == "BIR\n");
  CHECK(w.marks("A") == 2);
}

TEST_CASE("run: deleted outputs come back, outputs changed by hand are moved aside") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  w.run();
  fs::remove(w / "out/upper.txt");
  w.write("out/count.txt", "mine\n");
  CHECK(w.run().count(TaskState::Cached) == 3);
  CHECK(w.read("out/upper.txt") == "MERHABA\n");
  CHECK(w.read("out/count.txt") == "8\n");
  CHECK(w.message("B").find("moved aside") != std::string::npos);
  bool kept = false;
  for (const auto& at : fs::recursive_directory_iterator(w / ".atlas/displaced"))
    kept |= at.path().filename() == "count.txt";
  CHECK(kept);
  CHECK(w.marks("A") == 1);
}

TEST_CASE("run: an edit of the command reruns it; of what is not in the key does not") {
  Workshop w;
  w.plan("tasks:\n" + task("A", "echo 1 > \"{out.o}\"", "    out: {o: o.txt}\n"));
  w.run();
  w.plan("tasks:\n" + task("A", "echo 1 > \"{out.o}\"",
                           "    out: {o: o.txt}\n    retries: 3\n    timeout: 5m\n"
                           "    needs: {cpu: 2}\n    description: other words\n"));
  CHECK(w.run().count(TaskState::Cached) == 1);
  w.plan("tasks:\n" + task("A", "echo 2 > \"{out.o}\"", "    out: {o: o.txt}\n"));
  CHECK(w.run().count(TaskState::Done) == 1);
  CHECK(w.read("o.txt") == "2\n");
}

TEST_CASE("run: why names the one part that changed") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  w.run();
  w.write("text.txt", "selam\n");
  Resolver resolver(w.graph());
  const auto probes = probe(resolver);
  const auto& a = probes[static_cast<size_t>(w.graph().task("A"))];
  CHECK(a.kind == TaskProbe::Kind::Run);
  REQUIRE(a.changes.size() == 1);
  CHECK(a.changes[0].name == "in.text");
  CHECK(probes[static_cast<size_t>(w.graph().task("C"))].kind == TaskProbe::Kind::After);
  CHECK(probes[static_cast<size_t>(w.graph().task("C"))].message == "B");
}

TEST_CASE("run: a failure stops what needs it; retries; a missing output") {
  Workshop w;
  w.plan("tasks:\n" + task("A", "exit 7", "    out: {o: a.txt}\n    retries: 2\n") +
         task("B", "cp {in.x} \"{out.o}\"", "    in: {x: {from: A.o}}\n    out: {o: b.txt}\n") +
         task("C", "echo c > \"{out.o}\"", "    out: {o: c.txt}\n    after: [D]\n") +
         task("D", "echo d > \"{out.o}\"", "    out: {o: d.txt}\n") +
         task("E", "true", "    out: {o: e.txt}\n"));
  RunOptions options;
  options.keep_going = true;
  CHECK_FALSE(w.run(options).complete());
  CHECK(w.state("A") == TaskState::Failed);
  CHECK(w.message("A").find("exited with 7") != std::string::npos);
  CHECK(w.marks("A") == 3);
  CHECK(w.state("B") == TaskState::Skipped);
  CHECK(w.state("C") == TaskState::Done);
  CHECK(w.state("E") == TaskState::Failed);
  CHECK(w.message("E").find("was not written") != std::string::npos);
  CHECK_FALSE(fs::exists(w / "a.txt"));
}

TEST_CASE("run: a check that fails keeps the output from being published") {
  Workshop w;
  w.plan("tasks:\n" + task("A", "echo bad > \"{out.o}\"",
                           "    out: {o: a.txt}\n    check: [[grep, -q, good, '{out.o}']]\n"));
  w.run();
  CHECK(w.state("A") == TaskState::Failed);
  CHECK_FALSE(fs::exists(w / "a.txt"));
}

TEST_CASE("run: a command that hangs is ended with all it started") {
  Workshop w;
  w.plan("tasks:\n" + task("A", "sleep 60 & sleep 60", "    out: {o: a.txt}\n    timeout: 0.3s\n"));
  w.run();
  CHECK(w.state("A") == TaskState::Failed);
  CHECK(w.message("A").find("timeout") != std::string::npos);
  CHECK(w.summary.seconds < 10);
}

TEST_CASE("run: tasks without order overlap; locks and resources keep them apart") {
  Workshop w;
  const std::string overlap =
      "mkdir \"{root}/busy\" || exit 1; sleep 0.05; rmdir \"{root}/busy\"; echo 1 > \"{out.o}\"";
  std::string locked = "tasks:\n", two = "tasks:\n";
  for (const char* id : {"A", "B", "C"}) {
    const std::string out = "    out: {o: " + std::string(id) + ".txt}\n";
    locked += task(id, overlap, out + "    needs: {locks: [gpu0]}\n");
    two += task(id, overlap, out + "    needs: {cpu: 3}\n");
  }
  w.plan(locked);
  CHECK(w.run().complete());
  w.plan(two);
  CHECK(w.run().complete());
  // Each of these two waits until the other has begun.
  const auto meet = [](const char* me, const char* other) {
    return "touch \"{root}/" + std::string(me) + "\"; for i in $(seq 400); do [ -e \"{root}/" +
           other + "\" ] && echo 1 > \"{out.o}\" && exit 0; sleep 0.02; done; exit 1";
  };
  w.plan("tasks:\n" + task("D", meet("d", "e"), "    out: {o: d.txt}\n") +
         task("E", meet("e", "d"), "    out: {o: e.txt}\n"));
  CHECK(w.run().complete());
  w.plan("tasks:\n" + task("F", "true", "    needs: {gpu: 1}\n") + task("G", "true"));
  RunOptions options;
  options.keep_going = true;
  w.run(options);
  CHECK(w.state("F") == TaskState::Failed);
  CHECK(w.message("F").find("needs cpu 1, mem 0, gpu 1") != std::string::npos);
  CHECK(w.state("G") == TaskState::Done);
}

TEST_CASE("run: targets run with what they need, and nothing else") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(kChain);
  RunOptions options;
  options.targets = {"B"};
  CHECK(w.run(options).complete());
  CHECK(w.state("C") == TaskState::NotNeeded);
  options.force = true;
  w.run(options);
  CHECK(w.state("A") == TaskState::Cached);
  CHECK(w.state("B") == TaskState::Done);
  CHECK(w.marks("B") == 2);
  options.targets = {"C"};
  options.only = true;
  options.force = false;
  CHECK(w.run(options).complete());
  options.targets = {"nothing"};
  CHECK_THROWS_AS(w.run(options), ValueError);
}

TEST_CASE("run: folders are outputs too; a kept folder outlives a failed attempt") {
  Workshop w;
  w.plan("tasks:\n" +
         task("A",
              "mkdir -p \"{out.d}/in\"; echo 1 > \"{out.d}/in/x\"; ln -s in/x \"{out.d}/link\"",
              "    out: {d: made}\n") +
         task("T",
              "[ -e \"{persist.ckpt}/step\" ] && cp \"{persist.ckpt}/step\" \"{out.o}\" && exit 0; "
              "echo 500 > \"{persist.ckpt}/step\"; exit 1",
              "    out: {o: model.txt}\n    persist: [ckpt]\n    retries: 1\n"));
  CHECK(w.run().complete());
  CHECK(w.read("made/link") == "1\n");
  CHECK(w.read("model.txt") == "500\n");
  fs::remove_all(w / "made");
  CHECK(w.run().count(TaskState::Cached) == 2);
  CHECK(w.read("made/in/x") == "1\n");
  CHECK(fs::is_symlink(w / "made/link"));
}

TEST_CASE("run: people's tasks are closed with evidence") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.write("minutes.txt", "read and agreed\n");
  w.plan(
      "inputs:\n  text: {path: text.txt}\ntasks:\n"
      "  REVIEW: {parent: g, run: human, in: {text: {from: inputs.text}}, out: {ok: "
      "review.txt}}\n" +
      task("NEXT", "cat \"{in.ok}\" > \"{out.o}\"",
           "    in: {ok: {from: REVIEW.ok}}\n    out: {o: next.txt}\n"));
  w.run();
  CHECK(w.state("REVIEW") == TaskState::Human);
  CHECK(w.state("NEXT") == TaskState::Skipped);
  CHECK_THROWS_AS(close_human_task(w.graph(), "REVIEW", "Elif", w / "minutes.txt"), ValueError);
  w.write("review.txt", "ok\n");
  CHECK_THROWS_AS(close_human_task(w.graph(), "NEXT", "Elif", w / "minutes.txt"), ValueError);
  close_human_task(w.graph(), "REVIEW", "Elif", w / "minutes.txt");
  CHECK(w.run().complete());
  CHECK(w.state("REVIEW") == TaskState::Cached);
  w.write("text.txt", "changed\n");  // what was reviewed is no longer what is there
  w.run();
  CHECK(w.state("REVIEW") == TaskState::Human);
}

TEST_CASE("run: the licence gate stops a deployment, not the experiment before it") {
  Workshop w;
  w.plan(
      "tasks:\n" +
      task("TRAIN", "echo 1 > \"{out.o}\"",
           "    out: {o: model.txt}\n"
           "    uses: [{purl: 'pkg:generic/corpus@1', license: CC-BY-NC-4.0, role: dataset}]\n") +
      task("DEPLOY", "cat \"{in.m}\" > \"{out.o}\"",
           "    in: {m: {from: TRAIN.o}}\n    out: {o: log.txt}\n    delivery: deploy\n"));
  w.run();
  CHECK(w.state("TRAIN") == TaskState::Done);
  CHECK(w.state("DEPLOY") == TaskState::Blocked);
  CHECK(w.message("DEPLOY").find("corpus") != std::string::npos);
}

TEST_CASE("run: hostile words and inputs that are not what the plan says") {
  Workshop w;
  w.write("text.txt", "merhaba\n");
  w.plan(
      "inputs:\n  text: {path: text.txt, digest: 'sha256:00'}\n  none: {path: none.txt}\ntasks:\n" +
      task("A", "true", "    in: {t: {from: inputs.text}}\n") +
      task("B", "true", "    in: {t: {from: inputs.none}}\n") + task("C", "echo {in.zzz}") +
      "  D: {parent: g, run: [no-such-program-at-all, x]}\n"
      "  E: {parent: g, run: [printf, '%s', '{\"a\": 1}{\"b\"}'], out: {o: o.txt}}\n");
  RunOptions options;
  options.keep_going = true;
  w.run(options);
  CHECK(w.message("A").find("but the plan says") != std::string::npos);
  CHECK(w.message("B").find("is not there") != std::string::npos);
  CHECK(w.message("C").find("no port") != std::string::npos);
  CHECK(w.message("D").find("no such program") != std::string::npos);
  CHECK(w.message("E").find("was not written") != std::string::npos);
}

TEST_CASE("run: a driver that is killed loses nothing; the next one takes over") {
  for (const int kill_after_ms : {30, 150, 400}) {
    CAPTURE(kill_after_ms);
    Workshop w;
    std::string tasks = "tasks:\n";
    for (int i = 0; i < 6; ++i)
      tasks += task("T" + std::to_string(i), "sleep 0.1; echo 1 > \"{out.o}\"",
                    "    out: {o: o" + std::to_string(i) + ".txt}\n" +
                        (i > 1 ? "    after: [T" + std::to_string(i - 2) + "]\n" : ""));
    w.plan(tasks);
    const pid_t driver = fork();
    if (driver == 0) {
      RunOptions options;
      options.cpu = 2;
      Runner(w.graph(), options, {}).run();
      _exit(0);
    }
    usleep(static_cast<useconds_t>(kill_after_ms) * 1000);
    kill(driver, SIGKILL);
    waitpid(driver, nullptr, 0);
    CHECK(w.run().complete());
    for (int i = 0; i < 6; ++i) CHECK(w.marks("T" + std::to_string(i)) == 1);
  }
}

TEST_CASE("run: two drivers share a plan, and no task runs twice") {
  Workshop w;
  std::string tasks = "tasks:\n";
  for (int i = 0; i < 8; ++i)
    tasks += task("T" + std::to_string(i), "sleep 0.05; echo 1 > \"{out.o}\"",
                  "    out: {o: o" + std::to_string(i) + ".txt}\n");
  w.plan(tasks);
  { Resolver make_state(w.graph()); }
  const pid_t other = fork();
  if (other == 0) _exit(Runner(w.graph(), {}, {}).run().complete() ? 0 : 1);
  CHECK(w.run().complete());
  int status = -1;
  waitpid(other, &status, 0);
  CHECK(status == 0);
  for (int i = 0; i < 8; ++i) CHECK(w.marks("T" + std::to_string(i)) == 1);
}

TEST_CASE("run: SIGINT ends what runs and leaves a state to go on from") {
  Workshop w;
  w.plan("tasks:\n" + task("A", "sleep 20; echo 1 > \"{out.o}\"", "    out: {o: a.txt}\n") +
         task("B", "echo 1 > \"{out.o}\"", "    out: {o: b.txt}\n"));
  const pid_t self = getpid();
  std::thread interrupter([&] {
    usleep(600'000);
    kill(self, SIGINT);
  });
  const sighandler_t before = signal(SIGINT, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  signal(SIGINT, SIG_DFL);
  w.run();
  interrupter.join();
  signal(SIGINT, before);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  CHECK(w.summary.interrupted);
  CHECK(w.summary.seconds < 15);
  CHECK(w.state("B") == TaskState::Done);
  CHECK(w.state("A") == TaskState::Skipped);
}

TEST_CASE("run: garbage goes, what the last results need stays") {
  Workshop w;
  w.write("text.txt", "bir\n");
  w.plan(kChain);
  w.run();
  w.write("text.txt", "iki\n");
  w.run();
  Findings none;
  const Plan& plan = w.graph().plan();
  const GarbageReport report = collect_garbage(plan, 1);
  CHECK(report.bytes > 0);
  CHECK(report.attempts > 0);
  fs::remove_all(w / "out");
  CHECK(w.run().count(TaskState::Cached) == 3);
  CHECK(w.read("out/upper.txt") == "IKI\n");
}

TEST_CASE("store: digests, damage, a folder's listing") {
  Workshop w;
  Store store(w / "store");
  w.write("a.txt", "abc");
  CHECK(digest_path(w / "a.txt") ==
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  store.put(w / "a.txt", digest_path(w / "a.txt"));
  CHECK_THROWS_AS(store.put(w / "a.txt", "sha256:" + std::string(64, '0')), IoError);
  CHECK_THROWS_AS(digest_path(w / "none"), IoError);
  fs::create_directories(w / "d/e");
  w.write("d/e/x", "1");
  const std::string tree = digest_path(w / "d");
  CHECK(tree.starts_with("tree:"));
  store.put(w / "d", tree);
  CHECK(store.has(tree));
  w.write("d/e/x", "2");
  CHECK(digest_path(w / "d") != tree);
  store.restore(tree, w / "d");
  CHECK(w.read("d/e/x") == "1");
  // An object that was damaged on the disk is found out.
  const std::string object =
      w / "store/objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  fs::permissions(object, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(object) << "abd";
  CHECK_THROWS_AS(store.restore(digest_path(w / "a.txt"), w / "b.txt"), IoError);
  CHECK_FALSE(fs::exists(w / "b.txt"));
}

TEST_CASE("journal: a damaged database is an error, not a crash") {
  Workshop w;
  w.write("state.db", std::string(5000, 'x'));
  CHECK_THROWS_AS(Journal(w / "state.db"), IoError);
}

}  // namespace
}  // namespace lydia::atlas
