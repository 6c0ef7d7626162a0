// TensorBoard's event files: a sequence of records, each holding one protocol-buffer Event.
//
//   record = length (u64) | masked CRC-32C of length (u32) | data | masked CRC-32C of data (u32)
//   masked(c) = rotate right(c, 15) + 0xa282ead8            (little-endian; TFRecord format)
//   Event { 1 wall_time: double, 2 step: int64, 3 file_version: string, 5 summary, 7 session_log }
//   Summary { 1 value: { 1 tag, 2 simple_value: float, 5 histo, 8 tensor, 9 metadata } }
//
// (github.com/tensorflow/tensorboard: compat/proto/{event,summary,tensor}.proto and
// plugins/hparams/{api,plugin_data}.proto give the numbers of the fields.)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lydia/report/append_file.h"

namespace lydia::report {

class EventFile {
 public:
  using Setting = std::variant<double, bool, std::string>;

  // Makes events.out.tfevents.<time>.<host>.<process>.<count> in `folder`, which must be there.
  // `purge_from`: readers forget what earlier files of the folder say about this step and later.
  explicit EventFile(const std::string& folder, std::optional<int64_t> purge_from = std::nullopt);

  // `time`: seconds since 1970; 0: now. Each call is on its way to the disk when it returns.
  void scalar(std::string_view tag, double value, int64_t step, double time = 0);
  // Values that are not finite are left out.
  void histogram(std::string_view tag, std::span<const double> values, int64_t step,
                 double time = 0);
  void text(std::string_view tag, std::string_view markdown, int64_t step, double time = 0);
  // What the run was made with, for the HParams page; `metrics` are tags of scalars.
  void settings(const std::vector<std::pair<std::string, Setting>>& settings,
                const std::vector<std::string>& metrics, double time = 0);
  // Waits until all of it is on the disk.
  void flush() { file_.sync(); }
  const std::string& path() const { return file_.path(); }

 private:
  void write_event(double time, int64_t step, std::string_view content);
  void write_summary(std::string_view value, int64_t step, double time);

  AppendFile file_;
};

// CRC-32C (Castagnoli) of `bytes`, as event files mask it.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace lydia::report
