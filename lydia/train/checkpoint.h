// Checkpoints: everything a run needs to go on, in a folder that appears whole or not at all.
//
//   checkpoints/step-00000500/
//     model.safetensors      parameters and buffers
//     training.safetensors   what the optimiser and its companions remember
//     state.json             numbers: step, loader position, random numbers, ...
//     manifest.json          size and SHA-256 of each of the others
//
// The folder is written under another name, synced to the disk and renamed. A folder whose files
// are missing, shortened or altered is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lydia/io/json.h"
#include "lydia/io/safetensors_tensors.h"

namespace lydia::train {

struct Checkpoint {
  int64_t step = 0;
  io::NamedTensors model, training;
  io::Json::Object state = {};
  io::Metadata training_strings = {};  // of training.safetensors
};

// Writes folder/step-<step>, in place of an earlier one of that step, and returns its path. Throws
// IoError when the system refuses (a full disk); what was there before is untouched then.
std::string save_checkpoint(const std::string& folder, const Checkpoint& checkpoint);

// Throws IoError, saying what is wrong, for a folder that is not a whole checkpoint.
Checkpoint load_checkpoint(const std::string& path);

struct CheckpointPath {
  int64_t step;
  std::string path;
};
// The checkpoints in a folder, by ascending step; none when there is no folder. Not looked into.
std::vector<CheckpointPath> list_checkpoints(const std::string& folder);

// The newest one that is whole; `refused` is told of each that is not. IoError when none is.
Checkpoint load_newest_checkpoint(const std::string& folder,
                                  const std::function<void(const std::string&)>& refused = {});

// Removes all but the newest `keep` checkpoints and those of the steps `also`, and what killed
// writers left behind.
void prune_checkpoints(const std::string& folder, int64_t keep, const std::vector<int64_t>& also);

// Moves what an earlier run left in `folder` to `folder`.old, so that a run that starts anew there
// does not take it for its own. What was set aside before is removed.
void set_aside_checkpoints(const std::string& folder);

}  // namespace lydia::train
