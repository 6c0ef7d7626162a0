#include "lydia/report/html.h"

#include <algorithm>

#include "lydia/core/error.h"
#include "lydia/report/escape.h"
#include "lydia/report/table.h"

namespace lydia::report {
namespace {

// The policy forbids every load and every script but those known by digest, so that even a page
// with hostile text in it stays inert; styles are inline.
constexpr std::string_view kPolicy =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'";
constexpr std::string_view kViewport =
    "\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

constexpr std::string_view kStyle =
    "<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;"
    " padding: 0 1rem; }\n"
    "h1, h2, h3 { line-height: 1.2; }\n"
    "table { border-collapse: collapse; margin: 1rem 0; }\n"
    "th, td { padding: 0.3rem 0.9rem; border-bottom: 1px solid #8886; text-align: left; }\n"
    ".right { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "figure { margin: 1.5rem 0; }\n"
    "figcaption { font-size: 0.9rem; opacity: 0.8; }\n"
    "pre { padding: 0.8rem; overflow-x: auto; white-space: pre-wrap; background: #8882;"
    " border-radius: 4px; }\n"
    "</style>\n";

std::string element(const std::string& tag, std::string_view text) {
  return "<" + tag + ">" + escape_xml(text) + "</" + tag + ">\n";
}

bool is_language_tag(std::string_view tag) {
  return !tag.empty() && std::all_of(tag.begin(), tag.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

HtmlPage::HtmlPage(std::string_view title, std::string_view lang) : title_(title), lang_(lang) {
  LYDIA_CHECK(is_language_tag(lang), ValueError,
              "HtmlPage: expected a language tag such as \"en\" or \"tr\", got \"", lang, "\"");
}

HtmlPage& HtmlPage::heading(int level, std::string_view text) {
  LYDIA_CHECK(level >= 2 && level <= 6, ValueError,
              "HtmlPage::heading: expected a level from 2 to 6, got ", level);
  body_ += element("h" + std::to_string(level), text);
  return *this;
}

HtmlPage& HtmlPage::paragraph(std::string_view text) {
  body_ += element("p", text);
  return *this;
}

HtmlPage& HtmlPage::preformatted(std::string_view text) {
  body_ += element("pre", text);
  return *this;
}

HtmlPage& HtmlPage::table(const Table& table) {
  const auto row = [&](const std::vector<std::string>& cells, const std::string& tag) {
    body_ += "<tr>";
    for (size_t c = 0; c < cells.size(); ++c) {
      const bool right = table.align(c) == Align::Right;
      body_ +=
          "<" + tag + (right ? " class=\"right\">" : ">") + escape_xml(cells[c]) + "</" + tag + ">";
    }
    body_ += "</tr>\n";
  };
  body_ += "<table>\n<thead>\n";
  row(table.headers(), "th");
  body_ += "</thead>\n<tbody>\n";
  for (const auto& cells : table.rows()) row(cells, "td");
  body_ += "</tbody>\n</table>\n";
  return *this;
}

HtmlPage& HtmlPage::figure(std::string_view svg, std::string_view caption) {
  body_ += "<figure>\n" + std::string(svg);
  if (!caption.empty()) body_ += element("figcaption", caption);
  body_ += "</figure>\n";
  return *this;
}

HtmlPage& HtmlPage::markup(std::string_view html) {
  body_ += html;
  return *this;
}

HtmlPage& HtmlPage::style(std::string_view css) {
  style_ += "<style>\n" + std::string(css) + "</style>\n";
  return *this;
}

HtmlPage& HtmlPage::data(std::string_view id, std::string_view json) {
  scripts_ += "<script type=\"application/json\" id=\"" + escape_xml(id) + "\">";
  // In JSON "<" stands in strings only: no text of it can end the element.
  for (const char c : json) scripts_ += c == '<' ? std::string("\\u003c") : std::string(1, c);
  scripts_ += "</script>\n";
  return *this;
}

HtmlPage& HtmlPage::script(std::string_view code, std::string_view sha256) {
  script_sources_ += " 'sha256-" + std::string(sha256) + "'";
  scripts_ += "<script>" + std::string(code) + "</script>\n";
  return *this;
}

std::string HtmlPage::html() const {
  const std::string scripts = script_sources_.empty() ? "" : "; script-src" + script_sources_;
  return "<!DOCTYPE html>\n<html lang=\"" + lang_ + "\">\n<head>\n" + std::string(kPolicy) +
         scripts + std::string(kViewport) + element("title", title_) + std::string(kStyle) +
         style_ + "</head>\n<body>\n" + element("h1", title_) + body_ + scripts_ +
         "</body>\n</html>\n";
}

}  // namespace lydia::report
