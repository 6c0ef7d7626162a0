// A run goes on from its config.yaml: each file is written beside its place and renamed, so that a
// kill in between leaves the one before.
#include "lydia/config/run_folder.h"

#include <filesystem>
#include <fstream>

#include "lydia/config/yaml.h"
#include "lydia/core/error.h"

namespace lydia::config {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".tmp";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(beside, path, error);
  LYDIA_CHECK(out && !error, IoError, "config: ", path.string(), " could not be written");
}

}  // namespace

void save_run(const std::string& folder, const Node& resolved,
              const std::vector<std::string>& overrides) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  LYDIA_CHECK(!error, IoError, "config: ", folder, " could not be made: ", error.message());
  Node lines{Node::List()};
  for (const std::string& line : overrides) lines.list().emplace_back(line);
  write_file(std::filesystem::path(folder) / "config.yaml", to_yaml(resolved));
  write_file(std::filesystem::path(folder) / "overrides.yaml", to_yaml(lines));
}

std::string sweep_folder(const std::string& sweep_dir, size_t index) {
  return (std::filesystem::path(sweep_dir) / std::to_string(index)).string();
}

}  // namespace lydia::config
