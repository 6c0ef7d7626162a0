// The rows of the table of data sources; each lives beside its code.
#pragma once

#include "cli/train_data.h"

namespace lydia::cli {

// data_pictures.cc
extern const DataSource kIdxImages;
// data_text.cc
extern const DataSource kText;

}  // namespace lydia::cli
