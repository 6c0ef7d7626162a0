// Text of programs and files on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace lydia::report {

// `text` with what a terminal would act on, or would show as something else, written out: control
// characters but line breaks and tabs as "\x1b", characters that turn the writing direction as
// "\u202e", bytes that are no UTF-8 as U+FFFD. Carriage returns become line breaks.
std::string printable(std::string_view text);

}  // namespace lydia::report
