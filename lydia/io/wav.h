// WAV files (Microsoft, "Multiple Channel Audio Data and WAVE Files"): PCM of 8, 16, 24 and 32 bits
// and IEEE floats of 32 and 64, with the plain or the extensible header.
#pragma once

#include <cstdint>
#include <string>

#include "lydia/core/tensor.h"
#include "lydia/io/file_bytes.h"

namespace lydia::io {

struct Audio {
  Tensor samples;  // float32 [channels, frames]; integers are scaled to [-1, 1)
  int64_t sample_rate = 0;
};

// Throws IoError when the file cannot be read, CorruptRecord when it is no WAV file or broken, and
// NotImplementedError for other encodings (A-law, MP3, ...).
Audio read_wav(const std::string& path);
Audio parse_wav(const FileBytes& file);

// Writes atomically: 16-bit integers, rounded and clipped to [-1, 1), or 32-bit floats. `samples`:
// floating, [channels, frames] or [frames].
void write_wav(const std::string& path, const Audio& audio, bool as_float = false);

}  // namespace lydia::io
