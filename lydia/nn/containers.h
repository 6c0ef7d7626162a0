// Modules that hold other modules: in a row, by number, by key.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lydia/nn/module.h"

namespace lydia::nn {

// Numbered modules "0", "1", ...; no forward of its own.
class ModuleList : public Module {
 public:
  template <class... M>
  explicit ModuleList(std::unique_ptr<M>... modules) {
    (append(std::move(modules)), ...);
  }

  Module& append(std::unique_ptr<Module> module);
  template <class M, class... Args>
  M& add(Args&&... args) {
    return static_cast<M&>(append(std::make_unique<M>(std::forward<Args>(args)...)));
  }

  size_t size() const { return items_.size(); }
  // IndexError outside.
  Module& operator[](size_t i) const;
  // The same as its own type. TypeError when it is another.
  template <class M>
  M& at(size_t i) const {
    M* found = dynamic_cast<M*>(&(*this)[i]);
    LYDIA_CHECK(found != nullptr, TypeError, "ModuleList: entry ", i, " is a ",
                (*this)[i].type_name());
    return *found;
  }

 private:
  std::vector<Module*> items_;
};

// The output of each module is the input of the next.
class Sequential : public ModuleList {
 public:
  using ModuleList::ModuleList;
  Tensor forward(const Tensor& x) override;
};

// Modules by key, in the order in which they came.
class ModuleDict : public Module {
 public:
  template <class M, class... Args>
  M& add(const std::string& key, Args&&... args) {
    M& made = child<M>(key, std::forward<Args>(args)...);
    items_.emplace_back(key, &made);
    return made;
  }
  size_t size() const { return items_.size(); }
  bool contains(const std::string& key) const;
  // IndexError naming the key when there is none.
  Module& operator[](const std::string& key) const;

 private:
  NamedModules items_;
};

}  // namespace lydia::nn
