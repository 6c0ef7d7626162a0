// Module: declaration, walking, modes, conversion. Hooks are in module_hooks.cc, states in
// state_dict.cc.
#include "lydia/nn/module.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <typeinfo>
#include <unordered_set>

#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"

namespace lydia::nn {
namespace {

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

// Drops names of tensors and modules that came before.
template <class T, class Key>
void keep_first(std::vector<std::pair<std::string, T>>& list, Key key) {
  std::unordered_set<const void*> seen;
  std::erase_if(list, [&](const auto& item) { return !seen.insert(key(item.second)).second; });
}

// The tensor itself changes, so that every handle to it follows.
void convert(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype) return;
  const Tensor grad = t.grad();
  t.set_grad({});
  t.set_data(t.detach().to(dtype));
  if (grad.defined()) t.set_grad(grad.detach().to(dtype));
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;  // the last star takes one character more
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Tensor Module::forward(const Tensor&) {
  fail<NotImplementedError>(type_name(), ": has no forward(Tensor)");
}

std::string Module::type_name() const {
  int status = 0;
  char* text = abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? text : typeid(*this).name();
  std::free(text);
  return name.substr(name.rfind(':') + 1);  // npos + 1 is 0
}

// ---- declaration

void Module::check_name(const std::string& name) const {
  LYDIA_CHECK(!name.empty() && name.find('.') == std::string::npos, ValueError, type_name(),
              ": expected a name without dots, got '", name, "'");
  const auto same = [&](const auto& entry) { return entry.name == name; };
  LYDIA_CHECK(std::none_of(parameters_.begin(), parameters_.end(), same) &&
                  std::none_of(buffers_.begin(), buffers_.end(), same) &&
                  std::none_of(children_.begin(), children_.end(), same),
              ValueError, type_name(), ": '", name, "' is declared twice");
}

Module& Module::adopt(const std::string& name, std::unique_ptr<Module> module) {
  LYDIA_CHECK(module != nullptr, ValueError, type_name(), ": '", name, "' is no module");
  check_name(name);
  return *children_.emplace_back(Child{name, std::move(module)}).module;
}

Tensor& Module::parameter(const std::string& name, const Dims& sizes, bool present) {
  return parameter(name, present ? zeros(sizes) : Tensor());
}

Tensor& Module::parameter(const std::string& name, const Tensor& value) {
  check_name(name);
  Tensor own = value.defined() ? value.detach() : Tensor();
  if (own.defined()) own.set_requires_grad();
  return parameters_.emplace_back(Entry{name, own, true}).value;
}

Tensor& Module::buffer(const std::string& name, const Tensor& value, bool persistent) {
  check_name(name);
  return buffers_.emplace_back(Entry{name, value, persistent}).value;
}

// ---- walking

void Module::collect(const std::string& prefix, bool recurse, bool parameters,
                     NamedTensors& out) const {
  for (const Entry& e : parameters ? parameters_ : buffers_)
    if (e.value.defined()) out.emplace_back(joined(prefix, e.name), e.value);
  if (!recurse) return;
  for (const Child& c : children_)
    c.module->collect(joined(prefix, c.name), recurse, parameters, out);
}

NamedTensors Module::named_parameters(const std::string& prefix, bool recurse) const {
  NamedTensors out;
  collect(prefix, recurse, true, out);
  keep_first(out, [](const Tensor& t) { return t.impl(); });
  return out;
}

NamedTensors Module::named_buffers(const std::string& prefix, bool recurse) const {
  NamedTensors out;
  collect(prefix, recurse, false, out);
  keep_first(out, [](const Tensor& t) { return t.impl(); });
  return out;
}

NamedModules Module::named_modules(const std::string& prefix) {
  NamedModules out{{prefix, this}};
  for (const Child& c : children_)
    for (auto& below : c.module->named_modules(joined(prefix, c.name)))
      out.push_back(std::move(below));
  return out;
}

NamedModules Module::named_children() {
  NamedModules out;
  for (const Child& c : children_) out.emplace_back(c.name, c.module.get());
  return out;
}

Tensors Module::parameters() const {
  Tensors out;
  for (auto& [name, value] : named_parameters()) out.push_back(value);
  return out;
}

int64_t Module::parameter_count(bool trainable_only) const {
  int64_t count = 0;
  for (const Tensor& p : parameters())
    if (p.requires_grad() || !trainable_only) count += p.numel();
  return count;
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (const Child& c : children_) c.module->apply(f);
  f(*this);
  return *this;
}

// ---- modes and conversion

Module& Module::train(bool mode) {
  return apply([mode](Module& m) { m.training_ = mode; });
}

Module& Module::to(DType dtype) {
  LYDIA_CHECK(is_floating(dtype), TypeError, "Module.to: expected a floating-point dtype, got ",
              dtype);
  const NoGradGuard guard;
  return apply([dtype](Module& m) {
    for (const Entry& e : m.parameters_)
      if (e.value.defined() && e.value.is_floating_point()) convert(e.value, dtype);
    for (const Entry& e : m.buffers_)
      if (e.value.defined() && e.value.is_floating_point()) convert(e.value, dtype);
  });
}

Module& Module::to(Device device) {
  check_device_available(device);
  return *this;
}

Module& Module::requires_grad_(bool value) {
  for (const Tensor& p : parameters()) p.set_requires_grad(value);
  return *this;
}

int64_t Module::set_requires_grad(std::string_view pattern, bool value) {
  NamedTensors all;
  collect("", true, true, all);  // every name of a tied tensor may match
  std::erase_if(all, [&](const auto& item) { return !glob_match(pattern, item.first); });
  keep_first(all, [](const Tensor& t) { return t.impl(); });
  LYDIA_CHECK(!all.empty(), ValueError, type_name(), ": no parameter matches '", pattern, "'");
  for (const auto& [name, p] : all) p.set_requires_grad(value);
  return static_cast<int64_t>(all.size());
}

int64_t Module::set_checkpointing(std::string_view pattern, bool on) {
  int64_t count = 0;
  for (const auto& [name, module] : named_modules()) {
    if (!glob_match(pattern, name)) continue;
    module->checkpointing_ = on;
    ++count;
  }
  LYDIA_CHECK(count > 0, ValueError, type_name(), ": no module matches '", pattern, "'");
  return count;
}

void Module::zero_grad(bool set_to_none) {
  for (const Tensor& p : parameters()) {
    if (!p.grad().defined()) continue;
    if (set_to_none)
      p.set_grad({});
    else
      p.set_grad(zeros_like(p.grad().detach()));
  }
}

// ---- printing

std::string Module::to_string() const {
  std::string out;
  print(out, 0);
  return out;
}

void Module::print(std::string& out, int indent) const {
  out += type_name() + "(" + extra_repr();
  for (const Child& c : children_) {
    out += "\n" + std::string(static_cast<size_t>(indent) + 2, ' ') + "(" + c.name + "): ";
    c.module->print(out, indent + 2);
  }
  if (!children_.empty()) out += "\n" + std::string(static_cast<size_t>(indent), ' ');
  out += ")";
}

}  // namespace lydia::nn
