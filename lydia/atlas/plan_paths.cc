#include "lydia/atlas/plan_paths.h"

#include <cstdlib>
#include <filesystem>

#include "lydia/core/error.h"

namespace lydia::atlas {
namespace {

namespace fs = std::filesystem;

fs::path real_path(const fs::path& path) {
  std::error_code error;
  const fs::path given = path.empty() ? "." : path;
  fs::path real = fs::weakly_canonical(fs::absolute(given), error);
  return error ? fs::absolute(given).lexically_normal() : real;
}

std::string relative_text(const fs::path& path, const fs::path& base) {
  return plain_path(path.lexically_relative(base).string());
}

bool outside(std::string_view relative) { return lies_in(relative, ".."); }

// The highest folder that a plan in `folder` may take as its root.
fs::path project_of(const fs::path& folder) {
  std::error_code error;
  for (fs::path at = folder; at != at.root_path(); at = at.parent_path()) {
    for (const char* mark : {".git", ".hg", ".svn"}) {
      if (fs::exists(at / mark, error)) return at;
    }
  }
  return folder.parent_path();
}

bool holds_home(const fs::path& folder) {
  if (folder == folder.root_path()) return true;
  const char* home = std::getenv("HOME");
  return home && *home != '\0' && !outside(relative_text(real_path(home), folder));
}

}  // namespace

std::string plain_path(std::string_view path) {
  const bool plain_already = !path.empty() && path.front() != '/' && path.front() != '.' &&
                             path.back() != '/' && path.find("//") == path.npos &&
                             path.find("/.") == path.npos;
  if (plain_already) return std::string(path);
  std::string plain = fs::path(path).lexically_normal().string();
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  return plain.empty() ? "." : plain;
}

bool leaves_root(std::string_view path) {
  const std::string plain = plain_path(path);
  return plain.front() == '/' || outside(plain) || path.find('\n') != std::string_view::npos;
}

bool lies_in(std::string_view inner, std::string_view outer) {
  if (outer == ".") return !lies_in(inner, "..");
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

std::optional<Message> root_problem(const Plan& plan) {
  if (plan.root.empty()) return std::nullopt;
  const std::string shown = "'" + *plan.root + "'";
  if (fs::path(*plan.root).is_absolute()) {
    return Message{"root: expected a path from the plan's file, got " + shown,
                   "root: plan dosyasından başlayan bir yol bekleniyordu, gelen: " + shown};
  }
  const fs::path folder = real_path(plan.folder), root = real_path(folder / *plan.root);
  if (!outside(relative_text(root, folder))) return std::nullopt;
  const bool above = !outside(relative_text(folder, root));
  const bool in_project = !outside(relative_text(root, project_of(folder)));
  if (above && in_project && !holds_home(root)) return std::nullopt;
  return Message{
      "root: " + shown + " lies beyond the plan's project (" + project_of(folder).string() + ")",
      "root: " + shown + " planın projesinin (" + project_of(folder).string() + ") dışında"};
}

std::string file_in_root(const Plan& plan, const Text& path, std::string_view what) {
  const auto problem = root_problem(plan);
  LYDIA_CHECK(!problem, ValueError, what, ": ", problem->en);
  const bool inside = !leaves_root(*path) && !outside(RealPaths(plan).of(*path, true));
  LYDIA_CHECK(inside, ValueError, what, ": expected a file below the plan's root, got '", *path,
              "'");
  return plan.resolve(*path);
}

RealPaths::RealPaths(const Plan& plan)
    : root_(real_path(plan.resolve("")).string()),
      plan_file_(relative_text(real_path(plan.file), root_)) {}

std::string RealPaths::of(std::string_view path, bool follow) {
  const std::string plain = plain_path(path);
  if (follow || plain == ".") return real_of(plain);
  const size_t slash = plain.rfind('/');
  const std::string& folder = real_of(slash == plain.npos ? "." : plain.substr(0, slash));
  const std::string name = slash == plain.npos ? plain : plain.substr(slash + 1);
  return folder == "." ? name : folder + "/" + name;
}

const std::string& RealPaths::real_of(const std::string& plain) {
  const auto found = known_.find(plain);
  if (found != known_.end()) return found->second;
  return known_.emplace(plain, relative_text(real_path(fs::path(root_) / plain), root_))
      .first->second;
}

}  // namespace lydia::atlas
