#include "lydia/train/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "lydia/core/error.h"
#include "lydia/io/atomic_file.h"
#include "lydia/io/file_descriptor.h"
#include "lydia/io/mapped_file.h"
#include "lydia/io/sha256.h"

namespace lydia::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFiles[] = {"model.safetensors", "training.safetensors", "state.json"};
constexpr std::string_view kPrefix = "step-", kTemporary = ".writing-";

std::string name_of(int64_t step) {
  std::string digits = std::to_string(step);
  if (digits.size() < 8) digits.insert(0, 8 - digits.size(), '0');
  return std::string(kPrefix) + digits;
}

// The step in "step-00000500"; -1 for other names.
int64_t step_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return -1;
  name.remove_prefix(kPrefix.size());
  int64_t step = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
  return error == std::errc() && end == name.data() + name.size() ? step : -1;
}

void sync_folder(const std::string& path) {
  const io::FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  LYDIA_CHECK(folder.get() >= 0 && (fsync(folder.get()) == 0 || errno == EINVAL), IoError,
              "checkpoint: could not sync \"", path, "\": ", std::strerror(errno));
}

std::string manifest_of(const std::string& path) {
  io::Json::Object files;
  for (const char* name : kFiles) {
    const std::string file = path + "/" + name;
    files.emplace_back(name, io::Json::Object{{"bytes", static_cast<int64_t>(fs::file_size(file))},
                                              {"sha256", io::sha256_file(file)}});
  }
  return io::to_json(io::Json::Object{
      {"format", "lydia checkpoint"}, {"version", int64_t{1}}, {"files", std::move(files)}});
}

void write_files(const std::string& path, const Checkpoint& checkpoint) {
  io::save_safetensors(path + "/model.safetensors", checkpoint.model);
  io::save_safetensors(path + "/training.safetensors", checkpoint.training,
                       checkpoint.training_strings);
  io::Json::Object state = checkpoint.state;
  state.insert(state.begin(), {"step", checkpoint.step});
  io::write_file_atomic(path + "/state.json", io::to_json(state) + "\n");
  io::write_file_atomic(path + "/manifest.json", manifest_of(path) + "\n");
}

io::Json read_json(const std::string& path) {
  return io::parse_json(io::MappedFile(path).text(), path);
}

void check_manifest(const std::string& path) {
  const io::Json manifest = read_json(path + "/manifest.json");
  LYDIA_CHECK(manifest.at("version").as_int() == 1, IoError, "checkpoint \"", path,
              "\": expected version 1, got ", manifest.at("version").as_int(),
              "; a newer lydia wrote it");
  for (const char* name : kFiles) {
    const io::Json& entry = manifest.at("files").at(name);
    const std::string file = path + "/" + name;
    const auto size = static_cast<int64_t>(fs::file_size(file));
    LYDIA_CHECK(size == entry.at("bytes").as_int(), IoError, "checkpoint \"", path, "\": expected ",
                entry.at("bytes").as_int(), " bytes in ", name, ", got ", size);
    LYDIA_CHECK(io::sha256_file(file) == entry.at("sha256").as_string(), IoError, "checkpoint \"",
                path, "\": expected ", name, " as it was written, got altered bytes");
  }
}

}  // namespace

std::string save_checkpoint(const std::string& folder, const Checkpoint& checkpoint) {
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string path = folder + "/" + name_of(checkpoint.step);
  const std::string temporary = folder + "/" + std::string(kTemporary) + name_of(checkpoint.step) +
                                "-" + std::to_string(getpid());
  fs::remove_all(temporary, error);
  try {
    LYDIA_CHECK(fs::create_directory(temporary, error) && !error, IoError,
                "checkpoint: could not make \"", temporary, "\": ", error.message());
    write_files(temporary, checkpoint);
    sync_folder(temporary);
    // rename() replaces no folder that holds files: an earlier one of this step changes places.
    const unsigned flags = fs::exists(path) ? RENAME_EXCHANGE : 0;
    LYDIA_CHECK(renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) == 0, IoError,
                "checkpoint: could not put \"", path, "\" in place: ", std::strerror(errno));
    sync_folder(folder);
    if (flags) fs::remove_all(temporary, error);
  } catch (...) {
    fs::remove_all(temporary, error);
    throw;
  }
  return path;
}

Checkpoint load_checkpoint(const std::string& path) {
  try {
    check_manifest(path);
    Checkpoint out;
    out.state = read_json(path + "/state.json").as_object();
    LYDIA_CHECK(!out.state.empty() && out.state.front().first == "step", IoError,
                "expected state.json to begin with the step");
    out.step = out.state.front().second.as_int();
    LYDIA_CHECK(out.step >= 0, IoError, "expected a step of at least 0, got ", out.step);
    out.state.erase(out.state.begin());
    out.model = io::load_safetensors(path + "/model.safetensors").tensors;
    io::LoadedTensors training = io::load_safetensors(path + "/training.safetensors");
    out.training = std::move(training.tensors);
    out.training_strings = std::move(training.metadata);
    return out;
  } catch (const IoError&) {
    throw;
  } catch (const std::exception& error) {
    fail<IoError>("checkpoint \"", path, "\": expected a whole checkpoint, got: ", error.what());
  }
}

std::vector<CheckpointPath> list_checkpoints(const std::string& folder) {
  std::vector<CheckpointPath> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const int64_t step = step_of(entry.path().filename().string());
    if (step >= 0) out.push_back({step, entry.path().string()});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
  return out;
}

Checkpoint load_newest_checkpoint(const std::string& folder,
                                  const std::function<void(const std::string&)>& refused) {
  const std::vector<CheckpointPath> all = list_checkpoints(folder);
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    try {
      return load_checkpoint(at->path);
    } catch (const IoError& error) {
      if (refused) refused(error.what());
    }
  }
  fail<IoError>("resume: expected a checkpoint in \"", folder, "\", got ",
                all.empty() ? "none" : "none that is whole");
}

void prune_checkpoints(const std::string& folder, int64_t keep, const std::vector<int64_t>& also) {
  const std::vector<CheckpointPath> all = list_checkpoints(folder);
  std::error_code error;
  for (size_t i = 0; i + static_cast<size_t>(std::max<int64_t>(keep, 0)) < all.size(); ++i) {
    if (std::find(also.begin(), also.end(), all[i].step) == also.end()) {
      fs::remove_all(all[i].path, error);
    }
  }
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with(kTemporary)) {
      std::error_code ignored;
      fs::remove_all(entry.path(), ignored);
    }
  }
}

void set_aside_checkpoints(const std::string& folder) {
  if (list_checkpoints(folder).empty()) return;
  std::error_code error;
  fs::remove_all(folder + ".old", error);
  fs::rename(folder, folder + ".old", error);
  LYDIA_CHECK(!error, IoError, "checkpoint: could not move \"", folder, "\" to \"", folder,
              ".old\": ", error.message());
}

}  // namespace lydia::train
