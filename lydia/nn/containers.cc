// Containers.
#include "lydia/nn/containers.h"

namespace lydia::nn {

Module& ModuleList::append(std::unique_ptr<Module> module) {
  items_.push_back(&adopt(std::to_string(items_.size()), std::move(module)));
  return *items_.back();
}

Module& ModuleList::operator[](size_t i) const {
  LYDIA_CHECK(i < items_.size(), IndexError, type_name(), ": expected an index below ",
              items_.size(), ", got ", i);
  return *items_[i];
}

Tensor Sequential::forward(const Tensor& x) {
  Tensor y = x;
  for (size_t i = 0; i < size(); ++i) y = (*this)[i](y);
  return y;
}

bool ModuleDict::contains(const std::string& key) const {
  for (const auto& [name, module] : items_)
    if (name == key) return true;
  return false;
}

Module& ModuleDict::operator[](const std::string& key) const {
  for (const auto& [name, module] : items_)
    if (name == key) return *module;
  fail<IndexError>("ModuleDict: no module '", key, "'");
}

}  // namespace lydia::nn
