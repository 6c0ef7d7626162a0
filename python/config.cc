// Composition of configurations, as plain dicts and lists; python/lydia/config.py gives them their
// face.
#include <nanobind/stl/pair.h>

#include "lydia/config/compose.h"
#include "lydia/config/interpolation.h"
#include "lydia/config/run_folder.h"
#include "lydia/config/yaml.h"
#include "lydia/core/error.h"
#include "python/bind.h"
#include "python/register.h"

namespace lydia::python {
namespace {

using config::Node;

nb::object to_python(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::Null: return nb::none();
    case Node::Kind::Bool: return nb::bool_(node.boolean());
    case Node::Kind::Int: return nb::int_(node.integer());
    case Node::Kind::Float: return nb::float_(node.real());
    case Node::Kind::String: return nb::str(node.string().c_str(), node.string().size());
    case Node::Kind::List: {
      nb::list out;
      for (const Node& item : node.list()) out.append(to_python(item));
      return out;
    }
    case Node::Kind::Map: break;
  }
  nb::dict out;
  for (const Node::Entry& entry : node.map())
    out[nb::str(entry.key.c_str(), entry.key.size())] = to_python(entry.value);
  return out;
}

Node to_node(nb::handle value, int depth = 0) {
  LYDIA_CHECK(depth <= config::kMaxDepth, ValueError, "config: nested too deeply");
  if (value.is_none()) return Node();
  if (nb::isinstance<nb::bool_>(value)) return Node(nb::cast<bool>(value));
  if (nb::isinstance<nb::int_>(value)) return Node(nb::cast<int64_t>(value));
  if (nb::isinstance<nb::float_>(value)) return Node(nb::cast<double>(value));
  if (nb::isinstance<nb::str>(value)) return Node(nb::cast<std::string>(value));
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    Node out{Node::List()};
    for (nb::handle item : value) out.list().push_back(to_node(item, depth + 1));
    return out;
  }
  LYDIA_CHECK(nb::isinstance<nb::dict>(value), TypeError,
              "config: expected None, a bool, int, float, str, list or dict, got ",
              nb::str(value.type()).c_str());
  Node out{Node::Map()};
  for (const auto& [key, item] : nb::cast<nb::dict>(value)) {
    out.set(nb::str(key).c_str(), to_node(item, depth + 1));
  }
  return out;
}

}  // namespace

void register_config(nb::module_& m) {
  using Lines = std::vector<std::string>;
  m.def(
      "_config_compose",
      [](const Lines& folders, const std::string& name, const Lines& overrides, bool resolved) {
        const config::Composed composed = config::compose(folders, name, overrides);
        return to_python(resolved ? config::resolve(composed.config) : composed.config);
      },
      "folders"_a, "config_name"_a, "overrides"_a, "resolve"_a);
  m.def("_config_sweeps", &config::expand_sweeps, "folders"_a, "config_name"_a, "overrides"_a);
  m.def(
      "_config_resolve",
      [](nb::handle value) { return to_python(config::resolve(to_node(value))); }, "config"_a);
  m.def(
      "_config_to_yaml", [](nb::handle value) { return config::to_yaml(to_node(value)); },
      "config"_a);
  m.def(
      "_config_parse_yaml",
      [](const std::string& text, const std::string& name) {
        return to_python(config::parse_yaml(text, name));
      },
      "text"_a, "name"_a);
  m.def(
      "_config_save_run",
      [](const std::string& folder, nb::handle value, const Lines& overrides) {
        config::save_run(folder, to_node(value), overrides);
      },
      "folder"_a, "config"_a, "overrides"_a);
}

}  // namespace lydia::python
