#include "lydia/autograd/graph_export.h"

#include <sstream>
#include <unordered_map>

#include "lydia/ops/op.h"

namespace lydia {
namespace {

struct Box {
  std::string title, shape;
  bool leaf;
};

struct Picture {
  std::vector<Box> boxes;
  std::vector<std::pair<size_t, size_t>> arrows;
};

std::string shapes_of(const Node& node) {
  std::ostringstream out;
  for (size_t i = 0; i < node.outputs.size(); ++i)
    out << (i ? " " : "") << node.outputs[i].dtype << node.outputs[i].sizes;
  return out.str();
}

Picture draw(const Tensors& roots, const TensorNames& names) {
  std::unordered_map<const Node*, std::string> known;
  for (const auto& [name, tensor] : names)
    if (tensor.defined())
      if (const Edge e = gradient_edge(tensor)) known[e.node.get()] = name;
  Picture picture;
  std::unordered_map<const Node*, size_t> numbers;
  std::vector<const Node*> order;
  const auto number = [&](const Node* node) {
    const auto [it, fresh] = numbers.try_emplace(node, order.size());
    if (fresh) order.push_back(node);
    return it->second;
  };
  for (const Tensor& root : roots) {
    check_defined("graph export", root, "tensor");
    const Edge e = gradient_edge(root);
    LYDIA_CHECK(e, ValueError, "graph export: expected a tensor with a graph, got one of shape ",
                root.sizes(), " that does not require grad");
    number(e.node.get());
  }
  for (size_t at = 0; at < order.size(); ++at) {
    const Node& node = *order[at];
    const auto name = known.find(&node);
    std::string title = node.is_leaf() ? "leaf" : node.name();
    if (name != known.end())
      title = node.is_leaf() ? name->second : title + " (" + name->second + ")";
    picture.boxes.push_back({std::move(title), shapes_of(node), node.is_leaf()});
    for (const Edge& e : node.edges)
      if (e) picture.arrows.emplace_back(number(e.node.get()), at);
  }
  return picture;
}

// Names may hold anything; both formats take a quoted string without quotes and line ends.
std::string plain(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\')
      out += '\'';
    else if (static_cast<unsigned char>(c) < ' ')
      out += ' ';
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string to_dot(const Tensors& roots, const TensorNames& names) {
  const Picture picture = draw(roots, names);
  std::ostringstream out;
  out << "digraph lydia {\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (size_t i = 0; i < picture.boxes.size(); ++i) {
    const Box& b = picture.boxes[i];
    out << "  n" << i << " [label=\"" << plain(b.title) << "\\n"
        << b.shape << '"' << (b.leaf ? ", style=filled, fillcolor=\"#dcefdc\"" : "") << "];\n";
  }
  for (const auto& [from, to] : picture.arrows) out << "  n" << from << " -> n" << to << ";\n";
  out << "}\n";
  return out.str();
}

std::string to_mermaid(const Tensors& roots, const TensorNames& names) {
  const Picture picture = draw(roots, names);
  std::ostringstream out;
  out << "graph TD\n";
  for (size_t i = 0; i < picture.boxes.size(); ++i) {
    const Box& b = picture.boxes[i];
    out << "  n" << i << (b.leaf ? "([\"" : "[\"") << plain(b.title) << "<br/>" << b.shape
        << (b.leaf ? "\"])\n" : "\"]\n");
  }
  for (const auto& [from, to] : picture.arrows) out << "  n" << from << " --> n" << to << '\n';
  return out.str();
}

}  // namespace lydia
