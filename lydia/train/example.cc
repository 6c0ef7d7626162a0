#include "lydia/train/example.h"

namespace lydia::train {

Example::Example(std::initializer_list<Field> fields) {
  for (const auto& [name, tensor] : fields) {
    LYDIA_CHECK(!contains(name), ValueError, "Example: two fields are named \"", name, "\"");
    fields_.emplace_back(name, tensor);
  }
}

const Tensor* Example::find(std::string_view name) const {
  for (const auto& [known, tensor] : fields_) {
    if (known == name) return &tensor;
  }
  return nullptr;
}

const Tensor& Example::at(std::string_view name) const {
  const Tensor* found = find(name);
  LYDIA_CHECK(found != nullptr, ValueError, "Example: expected a field \"", name,
              "\", the fields are: ", names());
  return *found;
}

void Example::set(const std::string& name, Tensor tensor) {
  for (auto& [known, old] : fields_) {
    if (known != name) continue;
    old = std::move(tensor);
    return;
  }
  fields_.emplace_back(name, std::move(tensor));
}

std::string Example::names() const {
  std::string out;
  for (const auto& field : fields_) out += (out.empty() ? "" : ", ") + field.first;
  return out;
}

}  // namespace lydia::train
