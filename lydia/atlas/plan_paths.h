// Where the files of a plan may lie. A plan may come from anybody: its root may climb no higher
// than the project around it, its paths stay below the root, links included, and what it writes is
// neither the root, nor the plan's own file, nor Atlas's state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lydia/atlas/finding.h"
#include "lydia/atlas/plan.h"

namespace lydia::atlas {

// The folder of the plan's state, in its root.
inline constexpr std::string_view kStateFolder = ".atlas";

// "./a//b/" as "a/b"; the root is ".".
std::string plain_path(std::string_view path);
// Leaves the root by its words: absolute, more ".." than folders before them, or a line break.
bool leaves_root(std::string_view path);
// Whether plain path `inner` is `outer` or lies in it.
bool lies_in(std::string_view inner, std::string_view outer);

// Why the plan's `root` is refused: absolute, beside the plan, or above the project. The project is
// the nearest folder above the plan with a repository in it, else the folder above the plan's; it
// is never a home folder or what holds one.
std::optional<Message> root_problem(const Plan& plan);

// The file of that path, for reading. ValueError when the root is refused or the path or a link on
// it leads out; `what` is whose path it is: "policy.table".
std::string file_in_root(const Plan& plan, const Text& path, std::string_view what);

// Paths below the root as they are once links are followed. Remembers what it has followed.
class RealPaths {
 public:
  explicit RealPaths(const Plan& plan);

  // From the root, plain; begins with ".." for what lies outside. With `follow`, a link at the end
  // is followed too, otherwise only those on the way.
  std::string of(std::string_view path, bool follow);
  // Of the plan's own file.
  const std::string& plan_file() const { return plan_file_; }

 private:
  const std::string& real_of(const std::string& plain);

  std::string root_, plan_file_;
  std::unordered_map<std::string, std::string> known_;
};

}  // namespace lydia::atlas
