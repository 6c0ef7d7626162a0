// Named tensors in a fixed order: one example of a dataset, or a batch of examples.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::train {

class Example {
 public:
  using Field = std::pair<std::string, Tensor>;

  Example() = default;
  Example(std::initializer_list<Field> fields);

  // The tensor of that name. ValueError, with the names there are, when there is none.
  const Tensor& at(std::string_view name) const;
  const Tensor& operator[](std::string_view name) const { return at(name); }
  // Null when there is none.
  const Tensor* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // Replaces the tensor of that name, or adds it at the end.
  void set(const std::string& name, Tensor tensor);

  size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  // "image, label", for messages.
  std::string names() const;

 private:
  std::vector<Field> fields_;
};

// Every field has one dimension more in front: the examples.
using Batch = Example;

}  // namespace lydia::train
