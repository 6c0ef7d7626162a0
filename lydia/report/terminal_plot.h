// A plot of characters for a terminal: the first series as a line of braille dots, the others as
// marks at their points.
//
//      9 ⡇
//        ⠱⡀
//      7  ⠈⠢⣀●
//        ┼────────────────────────────
//        0         step            500   ⣀ training  ● validation
#pragma once

#include <string>
#include <vector>

#include "lydia/report/plot.h"

namespace lydia::report {

struct TerminalPlotOptions {
  std::string x_label = "";
  size_t columns = 72, rows = 12;  // of the whole, and of the part with the curves
  bool color = false;
};

// Points that are not finite leave a gap. Lines of text with a newline at the end of each; "" where
// no series has a point. Throws ValueError when x and y of a series differ in length or the size is
// below 24 x 2.
std::string terminal_plot(const std::vector<Series>& series,
                          const TerminalPlotOptions& options = {});

}  // namespace lydia::report
