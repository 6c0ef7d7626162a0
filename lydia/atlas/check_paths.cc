// Where inputs and outputs lie: below the root, links included; not on the root itself, the plan's
// file or Atlas's state; each path, with all that lies in it, made by one task.
#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "lydia/atlas/check_parts.h"
#include "lydia/atlas/plan_paths.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

// False, with a finding, for a path that leaves the root by its words or over a link. A link on the
// way to what is only read is a warning. What a run writes takes the place of a link at the end.
bool stays_inside(Checker& c, RealPaths& real, const std::string& subject, const Text& path,
                  Severity link, bool written = false) {
  if (leaves_root(*path)) {
    c.error("path-escape", subject, path.at,
            {"'" + *path + "' leaves the plan's root",
             "'" + *path + "' planın kökünden dışarı çıkıyor"},
            {"write a path below the root", "kökün altında bir yol yazın"});
    return false;
  }
  if (!c.options.files || !leaves_root(real.of(*path, !written))) return true;
  c.add(link, "path-escape", subject, path.at,
        {"a symbolic link on the way of '" + *path + "' leads out of the plan's root",
         "'" + *path + "' yolundaki bir sembolik bağ plan kökünün dışına çıkıyor"},
        {"take the link away, or write a path below the root",
         "bağı kaldırın ya da kökün altında bir yol yazın"});
  return false;
}

// What no task may write: the root, the plan, the state of its runs.
Message reserved(const std::string& path, const std::string& plan_file) {
  if (path == ".") return {"the plan's root itself", "plan kökünün kendisi"};
  if (lies_in(path, kStateFolder)) return {"Atlas's own state", "Atlas'ın kendi durumu"};
  if (lies_in(plan_file, path)) return {"the plan's own file", "planın kendi dosyası"};
  return {};
}

void report_reserved(Checker& c, const std::string& subject, const Text& path,
                     const Message& what) {
  c.error("reserved-path", subject, path.at,
          {"'" + *path + "' is or holds " + what.en, "'" + *path + "': " + what.tr},
          {"write another path", "başka bir yol yazın"});
}

// `path: ""`: said, but nothing.
bool is_blank(const Text& path) { return path.empty() && path.at.line > 0; }

void check_output(Checker& c, RealPaths& real, const Task& task, const Text& port,
                  const Output& output) {
  const Text& path = output.path;
  if (is_blank(path) || (path.empty() && (task.run || task.human))) {
    c.error("no-path", *task.id, path.empty() && !is_blank(path) ? port.at : path.at,
            {"its output '" + *port + "' has no path", "'" + *port + "' çıktısının yolu yok"},
            {"add path: with a file or folder below the root",
             "path: alanına kökün altında bir dosya ya da klasör yazın"});
    return;
  }
  if (path.empty() || !stays_inside(c, real, *task.id, path, Severity::Error, true)) return;
  Message what = reserved(plain_path(*path), real.plan_file());
  if (what.en.empty() && c.options.files) what = reserved(real.of(*path, false), real.plan_file());
  if (!what.en.empty()) report_reserved(c, *task.id, path, what);
}

void check_input(Checker& c, RealPaths& real, const std::string& name, const PlanInput& input) {
  const Text& path = input.path;
  const std::string subject = "inputs." + name;
  if (is_blank(path)) {
    c.error(
        "no-path", subject, path.at, {"it has no path", "yolu yok"},
        {"write a file or folder below the root", "kökün altında bir dosya ya da klasör yazın"});
    return;
  }
  if (path.empty() || !stays_inside(c, real, subject, path, Severity::Warning)) return;
  // The plan's file may be read; the root and the state change with every run.
  const Message what = reserved(plain_path(*path), "");
  std::error_code error;
  if (!what.en.empty()) {
    report_reserved(c, subject, path, what);
  } else if (c.options.files && !fs::exists(c.plan.resolve(*path), error)) {
    c.warning("missing-reference", subject, path.at,
              {"'" + *path + "' is not there", "'" + *path + "' yok"},
              {"add the file, or correct the path", "dosyayı ekleyin ya da yolu düzeltin"});
  }
}

// The name of a folder that {persist.name} stands for.
void check_persist(Checker& c, const Task& task) {
  for (const Text& name : task.persist) {
    const bool good =
        !name.empty() && std::all_of(name->begin(), name->end(), [](unsigned char ch) {
          return std::isalnum(ch) || ch == '_' || ch == '-';
        });
    if (good) continue;
    c.error("bad-id", *task.id, name.at,
            {"persist: '" + *name + "' is no name of letters, digits, '_', '-'",
             "persist: '" + *name + "' harf, rakam, '_', '-' dışında bir şey içeriyor"});
  }
}

// Who owns a path: a task's output, or an input of the plan (task -1).
struct Owner {
  int task = -1;
  const Text* path = nullptr;
  std::string name;
};
using Owners = std::unordered_map<std::string, Owner>;

void report_shared(Checker& c, const Owner& maker, const Owner& other) {
  const std::string path = "'" + **maker.path + "'", with = "'" + **other.path + "'";
  const bool same = plain_path(**maker.path) == plain_path(**other.path);
  Message message;
  if (other.task < 0) {
    message = {path + " overwrites " + with + ", which " + other.name + " gives to the plan",
               path + ", plana " + other.name + " ile verilen " + with + " yolunu ezer"};
  } else if (same) {
    message = {path + " is made by " + other.name + " as well",
               path + " dosyasını " + other.name + " da üretiyor"};
  } else {
    message = {path + " and " + with + " of " + other.name + " lie one in the other",
               path + " ile " + other.name + " görevinin " + with + " çıktısı iç içe"};
  }
  c.error("two-producers", maker.name, maker.path->at, std::move(message),
          {"give one of them another path, or make them alternatives (any_of)",
           "birine başka yol verin ya da ikisini seçenek yapın (any_of)"});
}

// The folder of a plain path; "" for what lies in the root.
std::string above(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

// Neither the path nor one above it may be another's.
void check_shared(Checker& c, const Owners& owners, std::string path, const Owner& maker) {
  for (; !path.empty(); path = above(path)) {
    const auto found = owners.find(path);
    if (found == owners.end()) continue;
    report_shared(c, maker, found->second);
    return;
  }
}

void check_producers(Checker& c) {
  Owners given, made;
  for (const auto& [name, input] : c.plan.inputs) {
    if (input.path.empty() || leaves_root(*input.path)) continue;
    given.emplace(plain_path(*input.path), Owner{-1, &input.path, "inputs." + *name});
  }
  std::vector<std::pair<std::string, Owner>> outputs;
  for (int i = 0; i < c.graph.size(); ++i) {
    if (!c.graph.active(i)) continue;
    for (const auto& [name, output] : c.task(i).out) {
      if (output.path.empty() || leaves_root(*output.path)) continue;
      outputs.emplace_back(plain_path(*output.path), Owner{i, &output.path, *c.task(i).id});
      const auto& [path, maker] = outputs.back();
      const auto [first, fresh] = made.emplace(path, maker);
      if (!fresh) report_shared(c, maker, first->second);
    }
  }
  for (const auto& [path, maker] : outputs) {
    if (made.at(path).path != maker.path) continue;  // reported above
    check_shared(c, given, path, maker);
    check_shared(c, made, above(path), maker);
  }
  // An output that holds an input of the plan.
  for (const auto& [path, input] : given) {
    for (std::string at = above(path); !at.empty(); at = above(at)) {
      const auto found = made.find(at);
      if (found != made.end()) report_shared(c, found->second, input);
    }
  }
}

}  // namespace

void check_paths(Checker& c) {
  if (const auto problem = root_problem(c.plan)) {
    c.error("path-escape", "", c.plan.root.at, *problem,
            {"leave root out, or put the plan nearer to its files",
             "root alanını kaldırın ya da planı dosyalarına yaklaştırın"});
  }
  RealPaths real(c.plan);
  const Policy& policy = c.plan.policy;
  for (const Text* path :
       {&policy.table, &policy.classifications, &policy.matrix, &policy.evidence}) {
    if (!path->empty()) stays_inside(c, real, "", *path, Severity::Error);
  }
  for (const auto& [name, input] : c.plan.inputs) check_input(c, real, *name, input);
  for (const Task& task : c.plan.tasks) {
    for (const Module& module : task.modules) {
      if (!module.path.empty()) stays_inside(c, real, *task.id, module.path, Severity::Warning);
    }
    for (const auto& [port, output] : task.out) check_output(c, real, task, port, output);
    check_persist(c, task);
  }
  check_producers(c);
}

}  // namespace lydia::atlas
