// How functions and methods are offered to Python: with their docstrings from docs.inc, and, as
// torch has it, with NumPy's names axis= and keepdims= beside dim= and keepdim=.
#pragma once

#include <nanobind/nanobind.h>

#include <cstring>
#include <type_traits>
#include <utility>

#include "lydia/core/tensor.h"

namespace lydia::python {

// The docstring of a function or method of this name; "" where there is none.
const char* doc_of(const char* name);

// An argument with NumPy's name in place of torch's; anything else as it is.
template <class E>
decltype(auto) renamed(const E& extra, [[maybe_unused]] const char* from,
                       [[maybe_unused]] const char* to) {
  if constexpr (std::is_base_of_v<nanobind::arg, E>) {
    E out = extra;
    if (out.name_ && std::strcmp(out.name_, from) == 0) out.name_ = to;
    return out;
  } else {
    return (extra);
  }
}

template <class E>
bool is_named([[maybe_unused]] const E& extra, [[maybe_unused]] const char* name) {
  if constexpr (std::is_base_of_v<nanobind::arg, E>)
    return extra.name_ && std::strcmp(extra.name_, name) == 0;
  else
    return false;
}

// define(extra...) for the arguments as given and for each way of NumPy's names.
template <class Define, class... Extra>
void with_numpy_names(const Define& define, const Extra&... extra) {
  const bool dim = (is_named(extra, "dim") || ...), keep = (is_named(extra, "keepdim") || ...);
  const auto axis = [&] { define(renamed(extra, "dim", "axis")...); };
  define(extra...);
  if (dim) axis();
  if (!keep) return;
  define(renamed(extra, "keepdim", "keepdims")...);
  if (dim) define(renamed(renamed(extra, "dim", "axis"), "keepdim", "keepdims")...);
}

class Module : public nanobind::module_ {
 public:
  explicit Module(nanobind::module_ m) : nanobind::module_(std::move(m)) {}

  template <class F, class... Extra>
  Module& def(const char* name, const F& f, const Extra&... extra) {
    const char* doc = doc_of(name);  // for the first overload
    const auto define = [&](const auto&... e) {
      nanobind::module_::def(name, std::decay_t<F>(f), std::exchange(doc, ""), e...);
    };
    if constexpr (sizeof...(Extra) > 0)
      with_numpy_names(define, extra...);
    else
      define();
    return *this;
  }
};

class TensorClass : public nanobind::class_<Tensor> {
  using Base = nanobind::class_<Tensor>;

 public:
  using Base::Base;

  template <class F, class... Extra>
  TensorClass& def(const char* name, const F& f, const Extra&... extra) {
    const char* doc = doc_of(name);
    const auto define = [&](const auto&... e) {
      Base::def(name, std::decay_t<F>(f), std::exchange(doc, ""), e...);
    };
    if constexpr (sizeof...(Extra) > 0)
      with_numpy_names(define, extra...);
    else
      define();
    return *this;
  }
  template <class Get, class... Extra>
  TensorClass& def_prop_ro(const char* name, const Get& get, const Extra&... extra) {
    Base::def_prop_ro(name, std::decay_t<Get>(get), doc_of(name), extra...);
    return *this;
  }
  template <class Get, class Set, class... Extra>
  TensorClass& def_prop_rw(const char* name, const Get& get, const Set& set,
                           const Extra&... extra) {
    Base::def_prop_rw(name, std::decay_t<Get>(get), std::decay_t<Set>(set), doc_of(name), extra...);
    return *this;
  }
};

}  // namespace lydia::python
