// The rows of the table of data sources; each lives beside its code.
#pragma once

#include "cli/train_data.h"

namespace lydia::cli {

extern const DataSource kIdxImages, kImageFolder, kNpz;    // data_pictures.cc
extern const DataSource kWavFolder;                        // data_audio.cc
extern const DataSource kCsv;                              // data_table.cc
extern const DataSource kConllu;                           // data_tagging.cc
extern const DataSource kText, kJsonl, kTokens;            // data_text.cc
extern const DataSource kMorphoPiece;                      // data_morphopiece.cc
extern const DataSource kPictureCaptions, kSoundCaptions;  // data_captions.cc

// As kWavFolder, but the inputs are the sounds themselves: float32 [samples] at the rate that
// AGIFORMER hears.
RunData wav_samples(const config::Node& config);

}  // namespace lydia::cli
