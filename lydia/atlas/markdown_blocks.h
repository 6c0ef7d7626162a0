// The blocks of a Markdown text with the lines they stand on: md4c says what is a heading, a list
// item or code; the text itself is taken from the source, so that nothing is lost or rewritten.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lydia::atlas {

// A block that holds text rather than other blocks.
struct MarkdownBlock {
  enum class Kind { Paragraph, Heading, Code, Other };  // Other: tables, HTML
  Kind kind = Kind::Paragraph;
  int level = 0;                      // of a heading
  int depth = 0;                      // list items around it
  int markers = 0;                    // list items that begin with it
  bool quoted = false;                // inside a block quote
  bool fenced = false;                // code between fences
  std::string info;                   // of fenced code: "yaml atlas"
  std::string code;                   // the content of code
  int first_line = 0, last_line = 0;  // from 0, with the fences of code
  int column = 0;                     // from 1: where the text begins on its first line
  std::string text;  // inline Markdown as written, lines joined by a space; not of code
};

struct MarkdownText {
  std::vector<std::string> lines;
  std::vector<MarkdownBlock> blocks;  // in order; lines of none are blank, rules or fences
};

// `text` must be UTF-8 without NUL. Line ends may be any.
MarkdownText parse_markdown(std::string_view text);

// The columns of a line before its first character that is no space or tab.
size_t indent_of(std::string_view line);
// The line without `columns` of indentation, tabs in it counted to multiples of four.
std::string dedent(std::string_view line, size_t columns);

}  // namespace lydia::atlas
