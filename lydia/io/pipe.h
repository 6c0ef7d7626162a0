// Data that comes through a pipe instead of lying in a file.
#pragma once

#include <string>

#include "lydia/io/file_bytes.h"

namespace lydia::io {

// True for named pipes and for what a shell gives for `<(command)` and behind | as /dev/stdin.
bool is_pipe(const std::string& path);

// FileBytes::open, and of a pipe all that comes through it until its writers close it, as `cat`
// reads it: gzip is unpacked there too. Throws ValueError for more than `most` bytes.
FileBytes open_or_read_pipe(const std::string& path, size_t most = kMaxUnpacked);

}  // namespace lydia::io
