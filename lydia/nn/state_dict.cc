// Module::state_dict and load_state_dict.
#include <algorithm>
#include <map>

#include "lydia/autograd/grad_mode.h"
#include "lydia/nn/module.h"
#include "lydia/ops/copy.h"

namespace lydia::nn {
namespace {

std::string listed(const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string out = what;
  for (size_t i = 0; i < names.size(); ++i) out += (i ? ", " : " ") + names[i];
  return out;
}

}  // namespace

bool same_memory(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() && a.dtype() == b.dtype() && a.sizes() == b.sizes() &&
         a.strides() == b.strides() && a.storage_offset() == b.storage_offset();
}

std::string LoadResult::message() const {
  std::string out;
  for (const std::string& part :
       {listed("missing keys:", missing), listed("unexpected keys:", unexpected),
        listed("wrong shapes:", mismatched)}) {
    if (!part.empty()) out += (out.empty() ? "" : "; ") + part;
  }
  return out;
}

void Module::collect_state(const std::string& prefix, NamedTensors& out) const {
  for (const Entry& e : parameters_)
    if (e.value.defined()) out.emplace_back(prefix + e.name, e.value);
  for (const Entry& e : buffers_)
    if (e.value.defined() && e.persistent) out.emplace_back(prefix + e.name, e.value);
  for (const Child& c : children_) c.module->collect_state(prefix + c.name + ".", out);
}

NamedTensors Module::state_dict(const std::string& prefix) const {
  NamedTensors out;
  collect_state(prefix, out);
  for (auto& [name, value] : out) value = value.detach();
  return out;
}

LoadResult Module::load_state_dict(const NamedTensors& state, bool strict) {
  NamedTensors own;
  collect_state("", own);
  std::map<std::string_view, const Tensor*> given, wanted;
  for (const auto& [name, value] : state) given[name] = &value;
  for (const auto& [name, value] : own) wanted[name] = &value;

  LoadResult result;
  for (const auto& [name, value] : own) {
    const auto found = given.find(name);
    if (found == given.end()) {
      const bool tied = std::any_of(own.begin(), own.end(), [&, &value = value](const auto& other) {
        return given.count(other.first) && same_memory(other.second, value);
      });
      if (!tied) result.missing.push_back(name);
    } else if (found->second->sizes() != value.sizes()) {
      result.mismatched.push_back(name + " (expected " + lydia::to_string(value.sizes()) +
                                  ", got " + lydia::to_string(found->second->sizes()) + ")");
    }
  }
  for (const auto& [name, value] : state)
    if (!wanted.count(name)) result.unexpected.push_back(name);
  LYDIA_CHECK(result.mismatched.empty() && (!strict || result.ok()), Error,
              "load_state_dict: ", type_name(), ": ", result.message());

  const NoGradGuard guard;
  for (const auto& [name, value] : own)
    if (const auto found = given.find(name); found != given.end()) copy_(value, *found->second);
  return result;
}

}  // namespace lydia::nn
