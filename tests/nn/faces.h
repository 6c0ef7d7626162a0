// The cases of tests/python/nn/cases.py in C++: the same module under the same name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lydia/nn/module.h"

namespace lydia::nn {

struct Face {
  std::string name;
  std::function<std::unique_ptr<Module>()> make;
  // The outputs for the case's inputs.
  std::function<Tensors(Module&, const Tensors&)> call;
};

// A module of one input and one output.
template <class M, class... Args>
Face face(const char* name, Args... args) {
  return {name, [=] { return std::make_unique<M>(args...); },
          [](Module& m, const Tensors& in) { return Tensors{m(in[0])}; }};
}
// A module M that is called as `call(module, inputs)`.
template <class M, class Call, class... Args>
Face face_called(const char* name, Call call, Args... args) {
  return {name, [=] { return std::make_unique<M>(args...); },
          [call](Module& m, const Tensors& in) { return call(static_cast<M&>(m), in); }};
}

void add_layer_faces(std::vector<Face>& out);
void add_stack_faces(std::vector<Face>& out);

}  // namespace lydia::nn
