// The temporary files of writers that were killed: how they are named, and how they are removed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lydia::io {

// The start of the names of temporary files for a target of that name: ".<target>.". What follows
// is "<process>-<number>.tmp". Of long names only the first 200 bytes are kept.
std::string temporary_prefix(std::string_view target);

// Removes from `folder` the temporary files without a living writer (who holds a lock on his) whose
// target `is_target` accepts, by its name in the folder. Failing to is no error: they only take
// space.
void remove_left_overs(const std::string& folder,
                       const std::function<bool(std::string_view)>& is_target);

}  // namespace lydia::io
