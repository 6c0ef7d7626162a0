// A self-contained HTML page: one file, no outside resources, nothing that runs. Everything given
// as text is escaped; figures are SVG made by plot.h.
#pragma once

#include <string>
#include <string_view>

namespace lydia::report {

class Table;

class HtmlPage {
 public:
  // `lang` is the language of the page, such as "en" or "tr". Throws ValueError when it is not a
  // plain language tag.
  explicit HtmlPage(std::string_view title, std::string_view lang = "en");

  // Level 2 to 6; the title is the page's only level 1.
  HtmlPage& heading(int level, std::string_view text);
  HtmlPage& paragraph(std::string_view text);
  // Text whose spaces and line ends are kept, in a fixed-width font.
  HtmlPage& preformatted(std::string_view text);
  HtmlPage& table(const Table& table);
  // `svg` goes in as it is: it must come from plot.h.
  HtmlPage& figure(std::string_view svg, std::string_view caption = "");

  // The whole page, UTF-8.
  std::string html() const;

 private:
  std::string title_, lang_, body_;
};

}  // namespace lydia::report
