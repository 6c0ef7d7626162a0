// Text made safe for HTML and SVG, in element content and in quoted attributes alike.
#pragma once

#include <string>
#include <string_view>

namespace lydia::report {

// Escapes & < > " and '; ill-formed UTF-8 and characters that XML forbids become U+FFFD.
std::string escape_xml(std::string_view text);

}  // namespace lydia::report
