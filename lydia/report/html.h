// A self-contained HTML page: one file, no outside resources, nothing that runs but the scripts the
// program itself brings, which the page's policy knows by their digest. Everything given as text is
// escaped; figures are SVG made by plot.h.
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
  // Markup as it is: the caller has escaped every text in it.
  HtmlPage& markup(std::string_view html);
  // More rules after the page's own.
  HtmlPage& style(std::string_view css);
  // JSON that a script of this page reads as JSON.parse(document.getElementById(id).textContent).
  HtmlPage& data(std::string_view id, std::string_view json);
  // A script at the end of the page. `sha256` is the digest of `code`, in Base64.
  HtmlPage& script(std::string_view code, std::string_view sha256);

  // The whole page, UTF-8.
  std::string html() const;

 private:
  std::string title_, lang_, body_, style_, scripts_, script_sources_;
};

}  // namespace lydia::report
