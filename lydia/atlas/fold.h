// Text made comparable: what a label, a keyword or a licence's name is recognised by.
#pragma once

#include <string>
#include <string_view>

namespace lydia::atlas {

// Lower case by the rules of Turkish and English at once: I, İ, ı and i all become i. Letters
// written as base and combining mark are composed, apostrophes and dashes made straight, runs of
// spaces one space, ends trimmed.
std::string fold(std::string_view text);

std::string_view trim(std::string_view text);

}  // namespace lydia::atlas
