#include "lydia/train/training_report.h"

#include <filesystem>

#include "lydia/io/atomic_file.h"
#include "lydia/report/format.h"
#include "lydia/report/html.h"
#include "lydia/report/plot.h"
#include "lydia/report/table.h"
#include "lydia/train/trainer.h"

namespace lydia::train {
namespace {

report::Series series(const std::string& log, const std::string& figure, const std::string& name) {
  Curve curve = read_curve(log, figure);
  return {name, std::move(curve.steps), std::move(curve.values)};
}

}  // namespace

void write_training_report(const Trainer& trainer) {
  report::Table table({"figure", "value"});
  table.row({"steps", std::to_string(trainer.step())});
  table.row({"skipped steps", std::to_string(trainer.skipped_steps())});
  if (trainer.best()) {
    table.row({"best " + trainer.options().monitor + " (validation)",
               report::format_number(*trainer.best())});
    table.row({"at step", std::to_string(trainer.best_step())});
  }
  write_training_report(trainer.options().output_dir, table);
}

void write_training_report(const std::string& folder, const report::Table& summary) {
  const std::string log = folder + "/metrics.jsonl";
  const report::PlotOptions axes{.x_label = "step"};
  report::PlotOptions loss_axes = axes;
  loss_axes.y_label = "loss";
  report::HtmlPage page("Training " + std::filesystem::path(folder).filename().string());
  page.table(summary)
      .heading(2, "Loss")
      .figure(report::line_plot(
          {series(log, "loss", "training"), series(log, "val_loss", "validation")}, loss_axes))
      .heading(2, "Learning rate")
      .figure(report::line_plot({series(log, "lr", "")}, axes))
      .heading(2, "Norm of the gradient")
      .figure(report::line_plot({series(log, "grad_norm", "")}, axes));
  io::write_file_atomic(folder + "/report.html", page.html());
}

}  // namespace lydia::train
