#include "lydia/atlas/sbom.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "lydia/core/error.h"
#include "lydia/core/version.h"
#include "lydia/io/json.h"
#include "lydia/io/sha256.h"

namespace lydia::atlas {
namespace {

using io::Json;
using Object = Json::Object;
using List = Json::List;

// A library, data set or set of weights: once, however many tasks use it.
struct Part {
  std::string ref;  // its purl, or "use:name@version"
  const LicenceItem* item;
  std::set<std::string> roles, tasks;
  bool delivered = false;
};

std::string ref_of(const LicenceItem& item) {
  if (!item.purl.empty()) return item.purl;
  return (item.plan_input >= 0 ? "input:" : "use:") + item.name +
         (item.version.empty() ? "" : "@" + item.version);
}

std::vector<Part> parts_of(const PlanGraph& graph, const LicenceReport& report) {
  std::map<std::string, Part> parts;
  for (const LicenceItem& item : report.items) {
    Part& part = parts.try_emplace(ref_of(item), Part{ref_of(item), &item, {}, {}}).first->second;
    const std::string_view role = role_name(item.role);
    part.roles.insert(role.empty() ? "unsaid" : std::string(role));
    if (item.task >= 0)
      part.tasks.insert(graph.plan().tasks[static_cast<size_t>(item.task)].id.value);
    part.delivered |= item.delivered();
  }
  std::vector<Part> out;
  for (auto& [ref, part] : parts) out.push_back(std::move(part));
  return out;
}

// An output of an active task, with its file when a run has made it.
struct Product {
  std::string ref, path, task;
  int task_index;
  const ProducedFile* file = nullptr;
};

std::vector<Product> products_of(const PlanGraph& graph, const SbomOptions& options) {
  std::map<std::pair<int, std::string_view>, const ProducedFile*> files;
  for (const ProducedFile& file : options.files) files[{file.task, file.port}] = &file;
  std::vector<Product> out;
  for (int i = 0; i < graph.size(); ++i) {
    if (!graph.active(i)) continue;
    const Task& task = graph.plan().tasks[static_cast<size_t>(i)];
    for (const auto& [port, output] : task.out) {
      Product product{"output:" + task.id.value + "." + port.value, output.path.value,
                      task.id.value, i};
      const auto file = files.find({i, port.value});
      if (file != files.end()) product.file = file->second;
      out.push_back(std::move(product));
    }
  }
  return out;
}

bool is_model(const std::string& path) {
  for (const char* end : {".safetensors", ".onnx", ".pt", ".pth", ".gguf", ".engine", ".h5"})
    if (path.ends_with(end)) return true;
  return false;
}

std::string joined(const std::set<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

Json property(const char* name, std::string value) {
  return Object{{"name", "lydia:" + std::string(name)}, {"value", std::move(value)}};
}

// A version 4 form of the digest: the same content has the same number.
std::string uuid_of(const std::string& text) {
  std::string h = io::sha256_hex(text);
  h[12] = '4';
  h[16] = 'a';
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" + h.substr(16, 4) +
         "-" + h.substr(20, 12);
}

// What every task depends on, gathered once for the whole plan: data and weights on all ways into
// it, outputs and items that it takes itself.
class Lineage {
 public:
  Lineage(const PlanGraph& graph, const LicenceReport& report) : graph_(graph) {
    const auto count = static_cast<size_t>(graph.size());
    data_.resize(count);
    own_.resize(count);
    std::vector<std::vector<int>> readers(graph.plan().inputs.size());
    for (const Link& link : graph.links())
      if (link.plan_input >= 0) readers[static_cast<size_t>(link.plan_input)].push_back(link.task);
    std::map<std::string, std::vector<int>> sources;  // of data and weights, by ref
    for (const LicenceItem& item : report.items) {
      std::vector<int> takers;
      if (item.task >= 0) takers.push_back(item.task);
      if (item.plan_input >= 0) {
        const auto& more = readers[static_cast<size_t>(item.plan_input)];
        takers.insert(takers.end(), more.begin(), more.end());
      }
      for (const int task : takers) own_[static_cast<size_t>(task)].insert(ref_of(item));
      if (item.role != Role::Dataset && item.role != Role::Weights) continue;
      auto& from = sources[ref_of(item)];
      from.insert(from.end(), takers.begin(), takers.end());
    }
    for (auto& [ref, from] : sources) flow(ref, std::move(from));
  }

  // Refs of the data and weights on the ways into the task.
  const std::set<std::string>& data(int task) const { return data_[static_cast<size_t>(task)]; }

  // What the task takes: outputs of the tasks before it, and its own parts.
  std::set<std::string> behind(int index) const {
    std::set<std::string> refs = own_[static_cast<size_t>(index)];
    const Plan& plan = graph_.plan();
    const size_t inputs = plan.tasks[static_cast<size_t>(index)].in.size();
    for (size_t i = 0; i < inputs; ++i) {
      for (const OutputRef& from : graph_.link(index, static_cast<int>(i)).producers) {
        if (!graph_.active(from.task)) continue;
        const Task& task = plan.tasks[static_cast<size_t>(from.task)];
        const auto& port = task.out[static_cast<size_t>(from.output)].first.value;
        refs.insert("output:" + task.id.value + "." + port);
      }
    }
    return refs;
  }

 private:
  void flow(const std::string& ref, std::vector<int> open) {
    while (!open.empty()) {
      const int task = open.back();
      open.pop_back();
      if (!data_[static_cast<size_t>(task)].insert(ref).second) continue;
      open.insert(open.end(), graph_.next(task).begin(), graph_.next(task).end());
    }
  }

  const PlanGraph& graph_;
  std::vector<std::set<std::string>> data_, own_;  // by task
};

Json cyclonedx_licence(const LicenceItem& item) {
  if (item.licence.empty())
    return Object{{"license", Object{{"name", item.declared.empty() ? "unknown" : item.declared}}}};
  if (spdx_id(item.licence) == item.licence)
    return Object{{"license", Object{{"id", item.licence}}}};
  return Object{{"expression", item.licence}};
}

Json cyclonedx_part(const Part& part) {
  const LicenceItem& item = *part.item;
  const bool data = item.role == Role::Dataset, weights = item.role == Role::Weights;
  Object out{{"type", data      ? "data"
                      : weights ? "machine-learning-model"
                                : "library"},
             {"bom-ref", part.ref},
             {"name", item.name}};
  if (!item.version.empty()) out.emplace_back("version", item.version);
  if (!data && !weights) out.emplace_back("scope", part.delivered ? "required" : "excluded");
  out.emplace_back("licenses", List{cyclonedx_licence(item)});
  if (!item.purl.empty()) out.emplace_back("purl", item.purl);
  List properties{property("roles", joined(part.roles)),
                  property("verdict", std::string(verdict_name(item.verdict.level))),
                  property("evidence", std::string(evidence_name(item.evidence)))};
  if (!part.tasks.empty()) properties.push_back(property("tasks", joined(part.tasks)));
  if (item.waived) properties.push_back(property("waived", "true"));
  out.emplace_back("properties", std::move(properties));
  return out;
}

Json cyclonedx_product(const Product& product, const std::set<std::string>& data) {
  const bool model = is_model(product.path);
  Object out{{"type", model ? "machine-learning-model" : "file"},
             {"bom-ref", product.ref},
             {"name", product.path}};
  if (product.file)
    out.emplace_back("hashes", List{Object{{"alg", "SHA-256"}, {"content", product.file->sha256}}});
  if (model) {
    List sets;
    for (const std::string& ref : data) sets.push_back(Object{{"ref", ref}});
    out.emplace_back("modelCard",
                     Object{{"modelParameters", Object{{"datasets", std::move(sets)}}}});
  }
  List properties{property("task", product.task)};
  if (product.file) {
    properties.push_back(property("key", product.file->key));
    for (const std::string& input : product.file->inputs)
      properties.push_back(property("input", input));
  }
  out.emplace_back("properties", std::move(properties));
  return out;
}

std::string plan_name(const Plan& plan) {
  return plan.title.empty() ? plan.file : plan.title.value;
}

std::string spdx_ref(const std::string& ref) {
  std::string out = "SPDXRef-";
  for (const char c : ref) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    out += plain ? c : '-';
  }
  return out + "-" + io::sha256_hex(ref).substr(0, 8);  // two refs never become one
}

// A LicenseRef that stands for words which are no expression.
std::string ref_for_words(const std::string& words) {
  return "LicenseRef-declared-" + io::sha256_hex(words).substr(0, 12);
}

class SpdxWriter {
 public:
  SpdxWriter(const PlanGraph& graph, const LicenceReport& report, const SbomOptions& options)
      : graph_(graph), report_(report), options_(options), lineage_(graph, report) {}

  std::string write() {
    for (const Part& part : parts_of(graph_, report_)) add_part(part);
    for (const Product& product : products_of(graph_, options_)) add_product(product);
    List extracted;
    for (const auto& [id, text] : extracted_)
      extracted.push_back(Object{{"licenseId", id}, {"extractedText", text}, {"name", id}});
    const std::string content = io::to_json(packages_) + io::to_json(relations_);
    const std::string name = plan_name(graph_.plan());
    return io::to_json(Object{
        {"spdxVersion", "SPDX-2.3"},
        {"dataLicense", "CC0-1.0"},
        {"SPDXID", "SPDXRef-DOCUMENT"},
        {"name", name},
        {"documentNamespace", "https://spdx.org/spdxdocs/lydia-atlas-" + uuid_of(name + content)},
        {"creationInfo", Object{{"created", options_.created},
                                {"creators", List{"Tool: lydia-" + std::string(version())}},
                                {"licenseListVersion", std::string(spdx_list_version())}}},
        {"packages", packages_},
        {"hasExtractedLicensingInfos", std::move(extracted)},
        {"relationships", relations_}});
  }

 private:
  void relate(const std::string& from, const char* type, const std::string& to) {
    relations_.push_back(
        Object{{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}});
  }

  // The text in SPDX's form, each LicenseRef in it explained.
  std::string licence(const std::string& expression, const std::string& declared) {
    if (expression.empty() && declared.empty()) return "NOASSERTION";
    try {
      const SpdxExpression parsed =
          parse_spdx(expression.empty() ? declared : expression).expression;
      explain(parsed, declared);
      return to_string(parsed);
    } catch (const Error&) {
      extracted_[ref_for_words(declared)] = declared;
      return ref_for_words(declared);
    }
  }

  void explain(const SpdxExpression& e, const std::string& declared) {
    if (e.id.starts_with("LicenseRef-"))
      extracted_[e.id] =
          declared.empty() || declared == e.id ? "The agreement named " + e.id + "." : declared;
    for (const SpdxExpression& part : e.parts) explain(part, declared);
  }

  void add_part(const Part& part) {
    const LicenceItem& item = *part.item;
    const std::string id = spdx_ref(part.ref);
    Object package{{"SPDXID", id}, {"name", item.name}};
    if (!item.version.empty()) package.emplace_back("versionInfo", item.version);
    package.emplace_back("downloadLocation", "NOASSERTION");
    package.emplace_back("filesAnalyzed", false);
    package.emplace_back("licenseConcluded", licence(item.licence, item.declared));
    package.emplace_back("licenseDeclared", licence("", item.declared));
    package.emplace_back("copyrightText", "NOASSERTION");
    const bool code = item.role != Role::Dataset && item.role != Role::Weights;
    package.emplace_back("primaryPackagePurpose", code ? "LIBRARY" : "OTHER");
    package.emplace_back("comment", "roles: " + joined(part.roles) + "; verdict: " +
                                        std::string(verdict_name(item.verdict.level)));
    if (!item.purl.empty())
      package.emplace_back("externalRefs", List{Object{{"referenceCategory", "PACKAGE-MANAGER"},
                                                       {"referenceType", "purl"},
                                                       {"referenceLocator", item.purl}}});
    packages_.push_back(std::move(package));
    relate("SPDXRef-DOCUMENT", "DESCRIBES", id);
  }

  void add_product(const Product& product) {
    const std::string id = spdx_ref(product.ref);
    Object package{{"SPDXID", id},
                   {"name", product.path},
                   {"downloadLocation", "NOASSERTION"},
                   {"filesAnalyzed", false},
                   {"licenseConcluded", "NOASSERTION"},
                   {"licenseDeclared", "NOASSERTION"},
                   {"copyrightText", "NOASSERTION"},
                   {"primaryPackagePurpose", "FILE"}};
    std::string comment = "made by task " + product.task;
    if (product.file) {
      package.emplace_back("checksums", List{Object{{"algorithm", "SHA256"},
                                                    {"checksumValue", product.file->sha256}}});
      comment += ", key " + product.file->key;
    }
    package.emplace_back("comment", std::move(comment));
    packages_.push_back(std::move(package));
    relate("SPDXRef-DOCUMENT", "DESCRIBES", id);
    for (const std::string& ref : lineage_.behind(product.task_index)) {
      const bool output = ref.starts_with("output:");
      relate(id, output ? "GENERATED_FROM" : "DEPENDS_ON", spdx_ref(ref));
    }
  }

  const PlanGraph& graph_;
  const LicenceReport& report_;
  const SbomOptions& options_;
  const Lineage lineage_;
  List packages_, relations_;
  std::map<std::string, std::string> extracted_;
};

}  // namespace

std::string cyclonedx_sbom(const PlanGraph& graph, const LicenceReport& report,
                           const SbomOptions& options) {
  const Lineage lineage(graph, report);
  List components, dependencies;
  for (const Part& part : parts_of(graph, report)) {
    components.push_back(cyclonedx_part(part));
    dependencies.push_back(Object{{"ref", part.ref}});
  }
  for (const Product& product : products_of(graph, options)) {
    components.push_back(cyclonedx_product(product, lineage.data(product.task_index)));
    List on;
    for (const std::string& ref : lineage.behind(product.task_index)) on.push_back(ref);
    dependencies.push_back(Object{{"ref", product.ref}, {"dependsOn", std::move(on)}});
  }
  const std::string name = plan_name(graph.plan());
  const std::string content = io::to_json(components) + io::to_json(dependencies);
  const Object tool{
      {"type", "application"}, {"name", "lydia"}, {"version", std::string(version())}};
  return io::to_json(Object{
      {"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
      {"bomFormat", "CycloneDX"},
      {"specVersion", "1.6"},
      {"serialNumber", "urn:uuid:" + uuid_of(name + content)},
      {"version", int64_t{1}},
      {"metadata",
       Object{{"timestamp", options.created},
              {"tools", Object{{"components", List{tool}}}},
              {"component", Object{{"type", "application"}, {"bom-ref", "plan"}, {"name", name}}}}},
      {"components", std::move(components)},
      {"dependencies", std::move(dependencies)}});
}

std::string spdx_sbom(const PlanGraph& graph, const LicenceReport& report,
                      const SbomOptions& options) {
  return SpdxWriter(graph, report, options).write();
}

std::string notice_text(const PlanGraph& graph, const LicenceReport& report) {
  std::string out = plan_name(graph.plan()) + "\n\nThis work contains or was made with:\n";
  std::set<std::string> said;
  for (const LicenceItem& item : report.items) {
    const Verdict& v = item.verdict;
    if (!item.delivered() || !(v.notice || v.source || v.relink)) continue;
    std::string entry = "\n" + item.name + (item.version.empty() ? "" : " " + item.version) + "\n" +
                        "  Licence: " + (item.licence.empty() ? item.declared : item.licence) +
                        "\n";
    if (v.licence != item.licence) entry += "  Taken under: " + v.licence + "\n";
    if (!item.purl.empty()) entry += "  Package: " + item.purl + "\n";
    if (v.source) entry += "  Its source code goes with the work, or an offer of it.\n";
    if (v.relink) entry += "  Its users may replace the library and relink.\n";
    std::set<std::string> ids;
    const auto collect = [&](const auto& self, const SpdxExpression& e) -> void {
      if (e.kind == SpdxExpression::Kind::License && !spdx_id(e.id).empty()) ids.insert(e.id);
      for (const SpdxExpression& part : e.parts) self(self, part);
    };
    collect(collect, parse_spdx(v.licence).expression);
    for (const std::string& id : ids)
      entry += "  Text: https://spdx.org/licenses/" + id + ".html\n";
    if (said.insert(entry).second) out += entry;
  }
  if (said.empty()) out += "\nnothing whose licence asks for a notice.\n";
  return out +
         "\nWritten by lydia atlas from the plan's declarations; not legal advice. The "
         "licence texts and\ncopyright lines that these licences ask for have to be added.\n";
}

}  // namespace lydia::atlas
