// The page a training run leaves behind: its curves and its last figures.
#pragma once

#include <string>

namespace lydia::report {
class Table;
}

namespace lydia::train {

class Trainer;

// Writes output_dir/report.html from metrics.jsonl: self-contained, for a browser.
void write_training_report(const Trainer& trainer);
// The same of any folder with a metrics.jsonl, with `summary` above the curves.
void write_training_report(const std::string& folder, const report::Table& summary);

}  // namespace lydia::train
