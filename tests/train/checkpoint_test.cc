// Checkpoints: whole or refused, and never lost.
#include "lydia/train/checkpoint.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "lydia/core/error.h"
#include "lydia/io/sha256.h"
#include "lydia/ops/copy.h"
#include "tests/io/temp_folder.h"

namespace lydia::train {
namespace {

namespace fs = std::filesystem;

struct Folder : TempFolder {
  const std::string path = file("");
};
Checkpoint sample(int64_t step) {
  return {step,
          {{"weight", full({3}, static_cast<double>(step))}},
          {{"optimizer.state.0.step", full({1}, 2.0)}},
          {{"loss_scale", 1.5}, {"name", "x"}}};
}

void append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

void flip_byte(const std::string& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at, std::ios::end);
  const int old = file.get();
  file.seekp(at, std::ios::end);
  file.put(static_cast<char>(old ^ 1));
}

}  // namespace

TEST_CASE("sha256 gives the digests of FIPS 180-4") {
  CHECK(io::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(io::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a checkpoint comes back as it was written") {
  const Folder folder;
  const std::string checkpoints = folder.path + "/new/checkpoints";
  const std::string path = save_checkpoint(checkpoints, sample(7));
  CHECK(path.ends_with("step-00000007"));
  const Checkpoint back = load_checkpoint(path);
  CHECK(back.step == 7);
  REQUIRE(back.model.size() == 1);
  CHECK(back.model[0].first == "weight");
  CHECK(back.model[0].second.data<float>()[1] == 7);
  CHECK(back.training[0].first == "optimizer.state.0.step");
  CHECK(io::to_json(back.state) == io::to_json(sample(7).state));
  // Again, in its place.
  Checkpoint changed = sample(7);
  changed.state = {{"loss_scale", 2.0}};
  save_checkpoint(checkpoints, changed);
  CHECK(io::to_json(load_checkpoint(path).state) == io::to_json(changed.state));
  CHECK(std::distance(fs::directory_iterator(checkpoints), {}) == 1);
}

TEST_CASE("what is not a whole checkpoint is refused, and the one before is taken") {
  const std::vector<std::function<void(const std::string&)>> damages = {
      [](const std::string& path) { fs::resize_file(path + "/model.safetensors", 20); },
      [](const std::string& path) { flip_byte(path + "/model.safetensors", -2); },
      [](const std::string& path) { flip_byte(path + "/training.safetensors", -1); },
      [](const std::string& path) { append(path + "/state.json", " "); },
      [](const std::string& path) { fs::remove(path + "/training.safetensors"); },
      [](const std::string& path) { fs::remove(path + "/manifest.json"); },
      [](const std::string& path) { fs::resize_file(path + "/manifest.json", 30); },
      [](const std::string& path) { std::ofstream(path + "/manifest.json") << "{}"; },
  };
  for (const auto& damage : damages) {
    const Folder folder;
    save_checkpoint(folder.path, sample(3));
    const std::string newest = save_checkpoint(folder.path, sample(12));
    damage(newest);
    CHECK_THROWS_AS(load_checkpoint(newest), IoError);
    std::vector<std::string> refused;
    const Checkpoint back = load_newest_checkpoint(
        folder.path, [&](const std::string& what) { refused.push_back(what); });
    CHECK(back.step == 3);
    CHECK(refused.size() == 1);
  }
  const Folder empty;
  CHECK_THROWS_WITH_AS(load_newest_checkpoint(empty.path), doctest::Contains("got none"), IoError);
  CHECK_THROWS_AS(load_newest_checkpoint(empty.path + "/nowhere"), IoError);
}

TEST_CASE("pruning keeps the newest and those asked for, and removes what killed writers left") {
  const Folder folder;
  for (int64_t step : {1, 2, 3, 10}) save_checkpoint(folder.path, sample(step));
  fs::create_directory(folder.path + "/.writing-step-00000004-1");
  fs::create_directory(folder.path + "/step-x");
  prune_checkpoints(folder.path, 2, {1});
  std::vector<int64_t> left;
  for (const CheckpointPath& entry : list_checkpoints(folder.path)) left.push_back(entry.step);
  CHECK(left == std::vector<int64_t>{1, 3, 10});
  CHECK(!fs::exists(folder.path + "/.writing-step-00000004-1"));
  CHECK(fs::exists(folder.path + "/step-x"));
}

TEST_CASE("a disk that takes no more costs the new checkpoint, not the last one") {
  const Folder folder;
  save_checkpoint(folder.path, sample(1));
  Checkpoint big = sample(2);
  big.model = {{"weight", full({100'000}, 1.0)}};
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_AS(save_checkpoint(folder.path, big), IoError);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  CHECK(load_newest_checkpoint(folder.path).step == 1);
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

}  // namespace lydia::train
