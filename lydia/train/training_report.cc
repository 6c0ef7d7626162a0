#include "lydia/train/training_report.h"

#include <filesystem>
#include <optional>

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

// Of a run that was over when it was taken up again, what its log says.
std::optional<double> waited(const Trainer& trainer) {
  if (trainer.data_wait_share() > 0) return trainer.data_wait_share();
  const Curve logged =
      read_curve(trainer.options().output_dir + "/metrics.jsonl", "data_wait_share");
  return logged.values.empty() ? std::nullopt : std::optional(logged.values.back());
}

}  // namespace

void write_training_report(const Trainer& trainer) {
  report::Table table({"figure", "value"});
  table.row({"steps", std::to_string(trainer.step())});
  table.row({"skipped steps", std::to_string(trainer.skipped_steps())});
  if (const std::optional<double> share = waited(trainer)) {
    table.row({"time spent waiting for data", report::format_fixed(100 * *share, 1) + "%"});
  }
  table.row({"corrupt records left out", std::to_string(trainer.corrupt_records())});
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
  const report::Series waiting = series(log, "data_wait_share", "");
  if (!waiting.x.empty()) {
    page.heading(2, "Share of the time spent waiting for data")
        .figure(report::line_plot({waiting}, axes));
  }
  io::write_file_atomic(folder + "/report.html", page.html());
}

}  // namespace lydia::train
