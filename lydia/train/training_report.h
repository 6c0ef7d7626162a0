// The page a training run leaves behind: its curves and its last figures.
#pragma once

namespace lydia::train {

class Trainer;

// Writes output_dir/report.html from metrics.jsonl: self-contained, for a browser.
void write_training_report(const Trainer& trainer);

}  // namespace lydia::train
