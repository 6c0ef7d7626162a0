// One table of keys per map: a key, and what it does with its value.
#include "lydia/atlas/plan_fields.h"

#include <algorithm>
#include <array>

namespace lydia::atlas {
namespace {

using config::Node;

template <class T>
struct Field {
  std::string_view key;
  void (*read)(FieldReader& in, const Node& value, T& out);
};

template <class T, size_t N>
void read_fields(FieldReader& in, const Node& node, std::string_view what,
                 const Field<T> (&fields)[N], T& out) {
  if (!in.expect_map(node, what)) return;
  for (const Node::Entry& entry : node.map()) {
    const auto* found = std::find_if(std::begin(fields), std::end(fields),
                                     [&](const Field<T>& f) { return f.key == entry.key; });
    if (found != std::end(fields)) {
      found->read(in, entry.value, out);
      continue;
    }
    std::array<std::string_view, N> known;
    std::transform(std::begin(fields), std::end(fields), known.begin(),
                   [](const Field<T>& f) { return f.key; });
    in.unknown_key(entry, what, known);
  }
}

// A map from names to values of one kind.
template <class T, class Read>
void read_named(FieldReader& in, const Node& node, std::string_view what, Named<T>& out,
                Read read) {
  if (!in.expect_map(node, what)) return;
  for (const Node::Entry& entry : node.map()) {
    const auto found = std::find_if(out.begin(), out.end(), [&](const auto& item) {
      return *item.first == entry.key;  // a fenced block adds to what the labels said
    });
    T& value = found != out.end() ? found->second : out.emplace_back(in.key(entry), T{}).second;
    read(in, entry.value, value);
  }
}

constexpr std::string_view kStates[] = {"", "create", "modify", "use"};
constexpr std::string_view kRoles[] = {"",        "build-tool", "linked-static", "linked-dynamic",
                                       "shipped", "dataset",    "weights"};
constexpr std::string_view kDeliveries[] = {"", "deploy", "distribute"};
constexpr std::string_view kKinds[] = {"main", "sub", "macro", "micro"};

Role read_role(FieldReader& in, const Node& v) { return static_cast<Role>(in.choice(v, kRoles)); }

constexpr Field<Module> kModuleFields[] = {
    {"path", [](FieldReader& in, const Node& v, Module& m) { m.path = in.text(v); }},
    {"symbol", [](FieldReader& in, const Node& v, Module& m) { m.symbol = in.text(v); }},
    {"state", [](FieldReader& in, const Node& v,
                 Module& m) { m.state = static_cast<ModuleState>(in.choice(v, kStates)); }},
    {"note", [](FieldReader& in, const Node& v, Module& m) { m.note = in.text(v); }},
};

constexpr Field<Use> kUseFields[] = {
    {"purl", [](FieldReader& in, const Node& v, Use& u) { u.purl = in.text(v); }},
    {"name", [](FieldReader& in, const Node& v, Use& u) { u.name = in.text(v); }},
    {"version", [](FieldReader& in, const Node& v, Use& u) { u.version = in.text(v); }},
    {"license", [](FieldReader& in, const Node& v, Use& u) { u.license = in.text(v); }},
    {"role", [](FieldReader& in, const Node& v, Use& u) { u.role = read_role(in, v); }},
    {"when", [](FieldReader& in, const Node& v, Use& u) { u.when = in.text(v); }},
    {"claim", [](FieldReader& in, const Node& v, Use& u) { u.claim = in.text(v); }},
    {"note", [](FieldReader& in, const Node& v, Use& u) { u.note = in.text(v); }},
    {"declared", [](FieldReader& in, const Node& v, Use& u) { u.declared = in.text(v); }},
};

constexpr Field<Input> kInputFields[] = {
    {"from", [](FieldReader& in, const Node& v, Input& i) { i.from = in.text(v); }},
    {"text", [](FieldReader& in, const Node& v, Input& i) { i.text = in.text(v); }},
    {"kind", [](FieldReader& in, const Node& v, Input& i) { i.kind = in.text(v); }},
};

constexpr Field<Output> kOutputFields[] = {
    {"path", [](FieldReader& in, const Node& v, Output& o) { o.path = in.text(v); }},
    {"text", [](FieldReader& in, const Node& v, Output& o) { o.text = in.text(v); }},
    {"kind", [](FieldReader& in, const Node& v, Output& o) { o.kind = in.text(v); }},
    {"feeds", [](FieldReader& in, const Node& v, Output& o) { o.feeds = in.texts(v); }},
};

constexpr Field<Needs> kNeedsFields[] = {
    {"cpu", [](FieldReader& in, const Node& v, Needs& n) { n.cpu = in.number(v, 0, 1e6); }},
    {"gpu", [](FieldReader& in, const Node& v, Needs& n) { n.gpu = in.whole(v, 0, 100'000); }},
    {"mem", [](FieldReader& in, const Node& v, Needs& n) { n.mem = in.bytes(v); }},
    {"locks", [](FieldReader& in, const Node& v, Needs& n) { n.locks = in.texts(v); }},
};

// [2h, 4h, 8h]: optimistic, likely, pessimistic; or one of them all.
void read_effort(FieldReader& in, const Node& node, Effort& out) {
  std::vector<double> times;
  if (node.is_list()) {
    for (const Node& item : node.list()) times.push_back(in.duration(item));
  } else {
    times.assign(3, in.duration(node));
  }
  const bool three = times.size() == 3;
  out = {0, 0, 0, in.source(node.place())};
  if (three) out = {times[0], times[1], times[2], out.at};
  if (!three || out.optimistic > out.likely || out.likely > out.pessimistic) {
    in.report(node, "bad-value",
              {"effort takes three times that do not fall: [optimistic, likely, pessimistic]",
               "efor azalmayan üç süre alır: [iyimser, olası, kötümser]"});
  }
}

void read_run(FieldReader& in, const Node& node, Task& task) {
  if (node.is_string() && node.string() == "human") {
    task.human = true;
  } else {
    task.run = in.command(node);
  }
}

constexpr Field<Task> kTaskFields[] = {
    {"alias", [](FieldReader& in, const Node& v, Task& t) { t.alias = in.text(v); }},
    {"title", [](FieldReader& in, const Node& v, Task& t) { t.title = in.text(v); }},
    {"parent", [](FieldReader& in, const Node& v, Task& t) { t.parent = in.text(v); }},
    {"owner", [](FieldReader& in, const Node& v, Task& t) { t.owner = in.texts(v); }},
    {"description", [](FieldReader& in, const Node& v, Task& t) { t.description = in.text(v); }},
    {"module",
     [](FieldReader& in, const Node& v, Task& t) {
       const auto add = [&](const Node& item) {
         t.modules.emplace_back().at = in.source(item.place());
         read_fields(in, item, "module", kModuleFields, t.modules.back());
       };
       t.modules.clear();
       if (v.is_list()) {
         for (const Node& item : v.list()) add(item);
       } else {
         add(v);
       }
     }},
    {"uses",
     [](FieldReader& in, const Node& v, Task& t) {
       if (!in.expect_list(v, "uses")) return;
       t.uses.clear();
       for (const Node& item : v.list()) {
         t.uses.emplace_back().at = in.source(item.place());
         read_fields(in, item, "use", kUseFields, t.uses.back());
       }
     }},
    {"in",
     [](FieldReader& in, const Node& v, Task& t) {
       read_named(in, v, "in", t.in, [](FieldReader& r, const Node& item, Input& out) {
         out = {};
         if (item.is_string()) {
           out.from = r.text(item);
         } else {
           read_fields(r, item, "in", kInputFields, out);
         }
       });
     }},
    {"out",
     [](FieldReader& in, const Node& v, Task& t) {
       read_named(in, v, "out", t.out, [](FieldReader& r, const Node& item, Output& out) {
         out = {};
         if (item.is_string()) {
           out.path = r.text(item);
         } else {
           read_fields(r, item, "out", kOutputFields, out);
         }
       });
     }},
    {"run", read_run},
    {"check", [](FieldReader& in, const Node& v, Task& t) { t.checks = in.commands(v); }},
    {"needs",
     [](FieldReader& in, const Node& v, Task& t) {
       t.needs.emplace().at = in.source(v.place());
       read_fields(in, v, "needs", kNeedsFields, *t.needs);
     }},
    {"requires", [](FieldReader& in, const Node& v, Task& t) { t.requirements = in.texts(v); }},
    {"after", [](FieldReader& in, const Node& v, Task& t) { t.after = in.texts(v); }},
    {"effort", [](FieldReader& in, const Node& v,
                  Task& t) { read_named(in, v, "effort", t.effort, read_effort); }},
    {"retries",
     [](FieldReader& in, const Node& v, Task& t) {
       t.retries = Sourced<int>{in.whole(v, 0, 1000), in.source(v.place())};
     }},
    {"timeout",
     [](FieldReader& in, const Node& v, Task& t) {
       t.timeout = Sourced<double>{in.duration(v), in.source(v.place())};
     }},
    {"device_sensitive",
     [](FieldReader& in, const Node& v, Task& t) { t.device_sensitive = in.flag(v); }},
    {"env", [](FieldReader& in, const Node& v, Task& t) { t.env = in.texts(v); }},
    {"persist", [](FieldReader& in, const Node& v, Task& t) { t.persist = in.texts(v); }},
    {"foreach",
     [](FieldReader& in, const Node& v, Task& t) {
       read_named(in, v, "foreach", t.foreach,
                  [](FieldReader& r, const Node& item, auto& out) { out = r.texts(item); });
     }},
    {"delivery", [](FieldReader& in, const Node& v,
                    Task& t) { t.delivery = static_cast<Delivery>(in.choice(v, kDeliveries)); }},
    {"license_note", [](FieldReader& in, const Node& v, Task& t) { t.license_note = in.text(v); }},
    {"before", [](FieldReader& in, const Node& v, Task& t) { t.before = in.text(v); }},
    {"notes", [](FieldReader& in, const Node& v, Task& t) { t.notes = in.text(v); }},
};

constexpr Field<GroupOutput> kGroupOutputFields[] = {
    {"any_of", [](FieldReader& in, const Node& v, GroupOutput& o) { o.any_of = in.texts(v); }},
};

constexpr Field<Group> kGroupFields[] = {
    {"kind", [](FieldReader& in, const Node& v,
                Group& g) { g.kind = static_cast<GroupKind>(in.choice(v, kKinds)); }},
    {"parent", [](FieldReader& in, const Node& v, Group& g) { g.parent = in.text(v); }},
    {"number", [](FieldReader& in, const Node& v, Group& g) { g.number = in.text(v); }},
    {"example", [](FieldReader& in, const Node& v, Group& g) { g.example = in.flag(v); }},
    {"title", [](FieldReader& in, const Node& v, Group& g) { g.title = in.text(v); }},
    {"description", [](FieldReader& in, const Node& v, Group& g) { g.description = in.text(v); }},
    {"owner", [](FieldReader& in, const Node& v, Group& g) { g.owner = in.texts(v); }},
    {"choose", [](FieldReader& in, const Node& v, Group& g) { g.choose = in.text(v); }},
    {"out",
     [](FieldReader& in, const Node& v, Group& g) {
       read_named(in, v, "out", g.out, [](FieldReader& r, const Node& item, GroupOutput& out) {
         out.at = r.source(item.place());
         read_fields(r, item, "out", kGroupOutputFields, out);
       });
     }},
    {"license_note", [](FieldReader& in, const Node& v, Group& g) { g.license_note = in.text(v); }},
    {"before", [](FieldReader& in, const Node& v, Group& g) { g.before = in.text(v); }},
    {"notes", [](FieldReader& in, const Node& v, Group& g) { g.notes = in.text(v); }},
};

constexpr Field<Policy> kPolicyFields[] = {
    {"goal", [](FieldReader& in, const Node& v, Policy& p) { p.goal = in.text(v); }},
    {"delivery", [](FieldReader& in, const Node& v, Policy& p) { p.delivery = in.text(v); }},
    {"outbound", [](FieldReader& in, const Node& v, Policy& p) { p.outbound = in.text(v); }},
    {"table", [](FieldReader& in, const Node& v, Policy& p) { p.table = in.text(v); }},
    {"classifications",
     [](FieldReader& in, const Node& v, Policy& p) { p.classifications = in.text(v); }},
    {"matrix", [](FieldReader& in, const Node& v, Policy& p) { p.matrix = in.text(v); }},
    {"evidence", [](FieldReader& in, const Node& v, Policy& p) { p.evidence = in.text(v); }},
};

constexpr Field<Persona> kPersonaFields[] = {
    {"name", [](FieldReader& in, const Node& v, Persona& p) { p.name = in.text(v); }},
    {"title", [](FieldReader& in, const Node& v, Persona& p) { p.title = in.text(v); }},
    {"hours_per_day",
     [](FieldReader& in, const Node& v, Persona& p) {
       p.hours_per_day = Sourced<double>{in.number(v, 0.01, 24), in.source(v.place())};
     }},
};

constexpr Field<PlanInput> kInputsFields[] = {
    {"path", [](FieldReader& in, const Node& v, PlanInput& i) { i.path = in.text(v); }},
    {"digest", [](FieldReader& in, const Node& v, PlanInput& i) { i.digest = in.text(v); }},
    {"license", [](FieldReader& in, const Node& v, PlanInput& i) { i.license = in.text(v); }},
    {"purl", [](FieldReader& in, const Node& v, PlanInput& i) { i.purl = in.text(v); }},
    {"text", [](FieldReader& in, const Node& v, PlanInput& i) { i.text = in.text(v); }},
    {"role", [](FieldReader& in, const Node& v, PlanInput& i) { i.role = read_role(in, v); }},
};

constexpr Field<Waiver> kWaiverFields[] = {
    {"task", [](FieldReader& in, const Node& v, Waiver& w) { w.task = in.text(v); }},
    {"purl", [](FieldReader& in, const Node& v, Waiver& w) { w.purl = in.text(v); }},
    {"code", [](FieldReader& in, const Node& v, Waiver& w) { w.code = in.text(v); }},
    {"owner", [](FieldReader& in, const Node& v, Waiver& w) { w.owner = in.text(v); }},
    {"reason", [](FieldReader& in, const Node& v, Waiver& w) { w.reason = in.text(v); }},
    {"expires", [](FieldReader& in, const Node& v, Waiver& w) { w.expires = in.text(v); }},
};

constexpr Field<Plan> kPlanFields[] = {
    {"atlas",
     [](FieldReader& in, const Node& v, Plan&) {
       if (in.whole(v, 0, 1'000'000) == 1) return;
       in.report(v, "bad-value",
                 {"this lydia reads plans of version 1 (atlas: 1)",
                  "bu lydia 1 sürümündeki planları okur (atlas: 1)"});
     }},
    {"title", [](FieldReader& in, const Node& v, Plan& p) { p.title = in.text(v); }},
    {"language", [](FieldReader& in, const Node& v, Plan& p) { p.language = in.text(v); }},
    {"root", [](FieldReader& in, const Node& v, Plan& p) { p.root = in.text(v); }},
    {"policy",
     [](FieldReader& in, const Node& v, Plan& p) {
       p.policy.at = in.source(v.place());
       read_fields(in, v, "policy", kPolicyFields, p.policy);
     }},
    {"params",
     [](FieldReader& in, const Node& v, Plan& p) {
       read_named(in, v, "params", p.params,
                  [](FieldReader& r, const Node& item, Text& out) { out = r.text(item); });
     }},
    {"personas",
     [](FieldReader& in, const Node& v, Plan& p) {
       read_named(in, v, "personas", p.personas,
                  [](FieldReader& r, const Node& item, Persona& out) {
                    out.at = r.source(item.place());
                    read_fields(r, item, "persona", kPersonaFields, out);
                  });
     }},
    {"inputs",
     [](FieldReader& in, const Node& v, Plan& p) {
       read_named(in, v, "inputs", p.inputs, [](FieldReader& r, const Node& item, PlanInput& out) {
         out.at = r.source(item.place());
         read_fields(r, item, "inputs", kInputsFields, out);
       });
     }},
    {"waivers",
     [](FieldReader& in, const Node& v, Plan& p) {
       if (!in.expect_list(v, "waivers")) return;
       for (const Node& item : v.list()) {
         p.waivers.emplace_back().at = in.source(item.place());
         read_fields(in, item, "waiver", kWaiverFields, p.waivers.back());
       }
     }},
    {"before", [](FieldReader& in, const Node& v, Plan& p) { p.before = in.text(v); }},
    {"groups",
     [](FieldReader& in, const Node& v, Plan& p) {
       if (!in.expect_map(v, "groups")) return;
       for (const Node::Entry& entry : v.map()) {
         Group& group = p.groups.emplace_back();
         group.id = in.key(entry);
         group.at = group.id.at;
         in.read_group(entry.value, group);
       }
     }},
    {"tasks",
     [](FieldReader& in, const Node& v, Plan& p) {
       if (!in.expect_map(v, "tasks")) return;
       p.tasks.reserve(v.map().size());
       for (const Node::Entry& entry : v.map()) {
         Task& task = p.tasks.emplace_back();
         task.id = in.key(entry);
         task.at = task.id.at;
         in.read_task(entry.value, task);
       }
     }},
    {"after", [](FieldReader& in, const Node& v, Plan& p) { p.after = in.text(v); }},
};

}  // namespace

void FieldReader::read_plan(const Node& map, Plan& plan) {
  read_fields(*this, map, "plan", kPlanFields, plan);
}

void FieldReader::read_group(const Node& map, Group& group) {
  read_fields(*this, map, "group", kGroupFields, group);
}

void FieldReader::read_task(const Node& map, Task& task) {
  read_fields(*this, map, "task", kTaskFields, task);
}

}  // namespace lydia::atlas
