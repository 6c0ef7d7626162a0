// "Did you mean ...?": the known name closest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lydia {

// The candidate with the fewest edits, when these are at most a third of the word's length (and at
// least one is always forgiven); otherwise the empty string.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'doctor'?" for the nearest candidate, or the empty string.
std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace lydia
