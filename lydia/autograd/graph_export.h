// The recorded graph as text: DOT for Graphviz, Mermaid for Markdown pages.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

// One box per op, with its name and the shape of its outputs, one per leaf, with its shape and,
// where `names` has it, its name; arrows from inputs to outputs.
using TensorNames = std::vector<std::pair<std::string, Tensor>>;
std::string to_dot(const Tensors& roots, const TensorNames& names = {});
std::string to_mermaid(const Tensors& roots, const TensorNames& names = {});

}  // namespace lydia
