// What tokens say: the text of a word from its pieces, with case and harmony put back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// A lower case text with the case that `marker` asks for (-1: as it is). `fresh`: the first letter
// is the first of its run.
void append_cased(std::string_view lower, int32_t marker, bool fresh, std::string& out);

// The spelling of a lemma with these suffixes (indices of Section::Suffixes), appended: of all
// forms of the lemma and all ways through the automaton the cheapest one, the first of equals.
// False, with `out` as it was, when the automaton has no such word.
bool rebuild_word(const MorphoPieceModel& model, int32_t lemma, std::span<const int32_t> suffixes,
                  std::string& out);

// Appends what the token adds to the text; a root waits until the next token shows that no
// canonical suffix follows it.
void render_token(const MorphoPieceModel& model, int32_t id, bool skip_special, RenderState& state,
                  std::string& out);
// Appends what still waits.
void finish_render(const MorphoPieceModel& model, RenderState& state, std::string& out);

}  // namespace lydia::text
