// Cycles, inputs that nobody makes, outputs that nobody takes.
#include <algorithm>

#include "lydia/atlas/check_parts.h"
#include "lydia/core/nearest.h"

namespace lydia::atlas {
namespace {

void check_cycles(Checker& c) {
  for (const std::vector<int>& ring : c.graph.cycles()) {
    std::vector<std::string> names;
    for (const int task : ring) names.push_back(*c.task(task).id);
    names.push_back(names.front());
    if (names.size() > 12) {
      names.erase(names.begin() + 10, names.end() - 2);
      names[9] = "… (" + std::to_string(ring.size()) + ")";
    }
    const std::string text = join(names, " -> ");
    const Task& first = c.task(ring.front());
    c.error("cycle", *first.id, first.at,
            {"these tasks wait for each other: " + text, "bu görevler birbirini bekliyor: " + text},
            {"remove one of the edges", "kenarlardan birini kaldırın"});
  }
}

std::string show(const std::vector<std::string>& kinds) { return join(kinds, ", "); }

// What the producers that do not fit make.
std::vector<std::string> made_kinds(const Checker& c, const Link& link) {
  std::vector<std::string> kinds;
  for (const OutputRef& ref : link.mismatched) {
    for (std::string& kind :
         kinds_of(c.task(ref.task).out[static_cast<size_t>(ref.output)].second)) {
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    }
  }
  return kinds;
}

// A file that the unfit producer itself takes, and where from: what to take instead.
Message take_its_input(const Checker& c, const Link& link) {
  const Task& producer = c.task(link.mismatched.front().task);
  for (const auto& [name, input] : producer.in) {
    const std::vector<std::string> kinds = kinds_of(input);
    const auto file = std::find_if(kinds.begin(), kinds.end(),
                                   [](const std::string& kind) { return kind.starts_with('.'); });
    if (file == kinds.end() || input.from.empty()) continue;
    const std::string from = *input.from + " (" + *file + ")", after = *producer.id;
    return {"take the file of " + from + " and keep " + after + " as 'after'",
            from + " dosyasını alın, " + after + " görevini 'after' olarak tutun"};
  }
  return {"let the producer write a file, and name its kind",
          "üreten görev bir dosya yazsın ve türü belirtilsin"};
}

// The search goes through every name: a plan full of wrong references gets it for the first only.
constexpr size_t kMaxSuggestions = 50;

Message nearest_name(const Checker& c, const std::string& reference) {
  if (c.findings.size() > kMaxSuggestions) return {};
  const std::string word = reference.substr(0, reference.rfind('.'));
  std::vector<std::string_view> names;
  for (const Task& task : c.plan.tasks) names.push_back(*task.id);
  for (const Group& group : c.plan.groups) names.push_back(*group.id);
  std::string best(nearest(reference, names));
  if (best.empty()) best = nearest(word, names);
  if (best.empty()) return {};
  return {"did you mean '" + best + "'?", "'" + best + "' mi demek istediniz?"};
}

void check_plan_input(Checker& c, const Task& task, const Input& input, const Link& link) {
  const auto& [name, given] = c.plan.inputs[static_cast<size_t>(link.plan_input)];
  if (!given.path.empty() || given.path.at.line > 0) return;  // `path: ""` is found there
  c.error("undeclared-input", *task.id, input.from.at,
          {"inputs." + *name + " has no path", "inputs." + *name + " için yol verilmemiş"},
          {"give its path and digest under 'inputs'", "'inputs' altında yol ve özet verin"});
}

void check_link(Checker& c, const Task& task, const Text& port, const Input& input,
                const Link& link) {
  if (input.from.empty()) {
    const std::string what = input.text.empty() ? *port : *input.text;
    c.error(
        "undeclared-input", *task.id, input.text.empty() ? port.at : input.text.at,
        {"'" + what + "' comes from outside, without path or digest",
         "'" + what + "' dışarıdan geliyor; yolu ve özeti yok"},
        {"declare it under 'inputs' with path, digest and license, and write from: inputs.<name>",
         "'inputs' altında path, digest ve license ile tanımlayın; from: inputs.<ad> yazın"});
    return;
  }
  if (link.reference.kind == Reference::Kind::None) {
    c.error("dangling-edge", *task.id, input.from.at,
            {"nothing is called '" + *input.from + "'", "'" + *input.from + "' diye bir şey yok"},
            nearest_name(c, *input.from));
    return;
  }
  if (link.plan_input >= 0) {
    check_plan_input(c, task, input, link);
    return;
  }
  if (!link.producers.empty()) return;
  if (link.mismatched.empty()) {
    c.error("dangling-edge", *task.id, input.from.at,
            {"'" + *input.from + "' has no such output",
             "'" + *input.from + "' böyle bir çıktı vermiyor"},
            {"declare it under 'out' of the task", "görevin 'out' bölümünde tanımlayın"});
    return;
  }
  const std::vector<std::string> wanted = kinds_of(input), made = made_kinds(c, link);
  const bool object = std::find(wanted.begin(), wanted.end(), "object") != wanted.end();
  const std::string producer = *c.task(link.mismatched.front().task).id;
  c.error("dangling-edge", *task.id, input.text.empty() ? input.from.at : input.text.at,
          {(object ? "it takes an object that lives in one process only ('" +
                         (input.text.empty() ? *port : *input.text) + "')"
                   : "it takes " + show(wanted)) +
               ", but " + producer + " outputs " + show(made),
           (object ? "yalnızca tek süreçte yaşayan bir nesne bekliyor ('" +
                         (input.text.empty() ? *port : *input.text) + "')"
                   : show(wanted) + " bekliyor") +
               "; oysa " + producer + " çıktısı: " + show(made)},
          take_its_input(c, link));
}

void check_links(Checker& c) {
  for (const Link& link : c.graph.links()) {
    const Task& task = c.task(link.task);
    const auto& [port, input] = task.in[static_cast<size_t>(link.input)];
    check_link(c, task, port, input, link);
  }
  for (const Task& task : c.plan.tasks) {
    for (const Text& after : task.after) {
      const Reference::Kind kind = c.graph.resolve(*after).kind;
      if (kind == Reference::Kind::Task || kind == Reference::Kind::Group) continue;
      c.error("dangling-edge", *task.id, after.at,
              {"after: there is no task or group '" + *after + "'",
               "after: '" + *after + "' diye bir görev ya da grup yok"},
              nearest_name(c, *after));
    }
    for (const auto& [name, output] : task.out) {
      for (const Text& reader : output.feeds) {
        if (c.graph.resolve(*reader).kind != Reference::Kind::None) continue;
        c.error("dangling-edge", *task.id, reader.at,
                {"its output is for '" + *reader + "', which is not in the plan",
                 "çıktısı '" + *reader + "' için, ama planda böyle bir görev yok"},
                nearest_name(c, *reader));
      }
    }
  }
}

// An output that nobody takes, of a task that others wait for; results at the end are wanted.
void check_unused(Checker& c) {
  std::vector<std::vector<bool>> used(c.plan.tasks.size());
  for (size_t i = 0; i < used.size(); ++i) used[i].resize(c.plan.tasks[i].out.size());
  for (const Link& link : c.graph.links()) {
    for (const OutputRef& ref : link.producers) {
      used[static_cast<size_t>(ref.task)][static_cast<size_t>(ref.output)] = true;
    }
  }
  for (int i = 0; i < c.graph.size(); ++i) {
    const Task& task = c.task(i);
    const bool order_only =
        std::none_of(used[static_cast<size_t>(i)].begin(), used[static_cast<size_t>(i)].end(),
                     [](bool u) { return u; });
    if (!c.graph.active(i) || c.graph.next(i).empty() || order_only) continue;
    for (size_t port = 0; port < task.out.size(); ++port) {
      if (used[static_cast<size_t>(i)][port] || !task.out[port].second.feeds.empty()) continue;
      const Text& name = task.out[port].first;
      c.warning("unused-output", *task.id, name.at,
                {"nobody takes its output '" + *name + "'",
                 "'" + *name + "' çıktısını kimse kullanmıyor"});
    }
  }
}

void check_digests(Checker& c) {
  for (const auto& [name, input] : c.plan.inputs) {
    if (input.path.empty()) continue;
    if (input.digest.empty()) {
      c.warning("undeclared-input", "inputs." + *name, input.at,
                {"it has no digest: nobody notices when it changes",
                 "özeti yok: değiştiğini kimse fark etmez"},
                {"add digest: \"sha256:...\"", "digest: \"sha256:...\" ekleyin"});
      continue;
    }
    const std::string_view hex = std::string_view(*input.digest).substr(0, 7) == "sha256:"
                                     ? std::string_view(*input.digest).substr(7)
                                     : std::string_view();
    const bool good = hex.size() == 64 && std::all_of(hex.begin(), hex.end(), [](char ch) {
                        return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f');
                      });
    if (good) continue;
    c.error("bad-value", "inputs." + *name, input.digest.at,
            {"expected sha256: and 64 hexadecimal digits, got '" + *input.digest + "'",
             "sha256: ve 64 onaltılık basamak bekleniyordu, '" + *input.digest + "' geldi"});
  }
}

}  // namespace

void check_edges(Checker& c) {
  check_cycles(c);
  check_links(c);
  check_unused(c);
  check_digests(c);
}

}  // namespace lydia::atlas
