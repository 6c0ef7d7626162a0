#include "lydia/text/morphopiece_render.h"

#include <array>
#include <bit>
#include <limits>

#include "lydia/text/morphopiece_letters.h"

namespace lydia::text {
namespace {

// Depth first through the automaton along given suffixes.
class Rebuilder {
 public:
  Rebuilder(const MorphoPieceModel& model, std::span<const int32_t> suffixes)
      : model_(model), suffixes_(suffixes) {}

  // Looks for something cheaper than what it has.
  void try_form(uint32_t form, const RootRecord& root) {
    form_ = form;
    walk(root.state, 0, root.cost);
  }
  bool found() const { return best_cost_ != std::numeric_limits<int64_t>::max(); }
  uint32_t best_form() const { return best_form_; }
  std::span<const uint32_t> best_arcs() const { return {best_.data(), suffixes_.size()}; }

 private:
  static constexpr int kMaxSteps = 4096;  // more ways than any word has

  void walk(uint32_t state, size_t depth, int64_t cost) {
    const StateRecord& record = model_.states[state];
    if (depth == suffixes_.size()) {
      if (record.final_cost == kNever || cost + record.final_cost >= best_cost_) return;
      best_cost_ = cost + record.final_cost;
      best_form_ = form_;
      best_ = path_;
      return;
    }
    const auto rows = static_cast<size_t>(std::popcount(record.first_letters));
    const uint32_t last = model_.letters[record.letters_at + rows];
    for (uint32_t a = model_.letters[record.letters_at]; a < last; ++a) {
      const ArcRecord& arc = model_.arcs[a];
      if (arc.suffix != suffixes_[depth]) continue;
      if (++steps_ > kMaxSteps) return;
      path_[depth] = a;
      walk(arc.target, depth + 1, cost + arc.cost);
    }
  }

  const MorphoPieceModel& model_;
  std::span<const int32_t> suffixes_;
  std::array<uint32_t, kMaxMorphs> path_{}, best_{};
  int64_t best_cost_ = std::numeric_limits<int64_t>::max();
  uint32_t form_ = 0, best_form_ = 0;
  int steps_ = 0;
};

}  // namespace

void append_cased(std::string_view lower, int32_t marker, bool fresh, std::string& out) {
  const bool cap = marker == MorphoPiece::kCap || marker == MorphoPiece::kCapLatin;
  const bool latin = marker == MorphoPiece::kCapLatin || marker == MorphoPiece::kUpperLatin;
  if (marker < 0 || (cap && !fresh)) {
    out += lower;
    return;
  }
  const char* at = lower.data();
  const char* const end = at + lower.size();
  while (at != end) {
    const LetterAt letter = letter_at(at, end);
    if (letter.code == 0) {
      out += *at;
    } else {
      out += latin ? upper_letter_latin(letter.code) : upper_letter(letter.code);
    }
    at += letter.size;
    if (cap) break;
  }
  out.append(at, end);
}

bool rebuild_word(const MorphoPieceModel& model, int32_t lemma, std::span<const int32_t> suffixes,
                  std::string& out) {
  if (suffixes.size() > kMaxMorphs) return false;
  Rebuilder search(model, suffixes);
  const auto at = static_cast<size_t>(lemma);
  for (uint32_t form = model.lemmas[at]; form < model.lemmas[at + 1]; ++form) {
    search.try_form(form, model.roots[model.lemma_forms[form].root]);
  }
  if (!search.found()) return false;
  out += model.text(model.lemma_forms[search.best_form()].text);
  for (const uint32_t a : search.best_arcs()) {
    const ArcRecord& arc = model.arcs[a];
    for (int i = 0; i < arc.size; ++i) {
      const auto code = static_cast<uint8_t>(arc.letters >> (8 * i));
      if (code < kLetterCodes) out += lower_letter(code);
    }
  }
  return true;
}

namespace {

void start_word(RenderState& state, std::string& out) {
  if (!state.glue && !state.at_start) out += ' ';
  state.glue = false;
  if (!state.fresh) state.marker = -1;  // it was another word's
}

void append_piece(const MorphoPieceModel& model, const PieceRecord& piece, RenderState& state,
                  std::string& out) {
  if ((piece.flags & kStartsWord) != 0) start_word(state, out);
  if ((piece.flags & kHasLetters) == 0) state.marker = -1;
  append_cased(model.text(piece.text), state.marker, state.fresh, out);
  state.fresh = false;
  state.glue = false;
  state.at_start = (piece.flags & kOpens) != 0;
}

void render_part(const MorphoPieceModel& model, int32_t id, bool skip_special, RenderState& state,
                 std::string& out) {
  const PieceRecord& piece = model.piece(id);
  const auto kind = static_cast<PieceKind>(piece.kind);
  if (kind == PieceKind::Canonical && state.root >= 0 &&
      state.suffixes.size() < static_cast<size_t>(kMaxMorphs)) {
    state.suffixes.push_back(id);
    return;
  }
  finish_render(model, state, out);
  switch (kind) {
    case PieceKind::Special:
      if (!skip_special) out += model.text(piece.name);
      state = {};
      return;
    case PieceKind::Marker:
      if (id == MorphoPiece::kGlue) {
        state.glue = true;
      } else {
        state.marker = id;
        state.fresh = true;
      }
      return;
    case PieceKind::Root:
      start_word(state, out);
      state.root = id;
      return;
    default: return append_piece(model, piece, state, out);
  }
}

}  // namespace

void render_token(const MorphoPieceModel& model, int32_t id, bool skip_special, RenderState& state,
                  std::string& out) {
  if (model.kind(id) != PieceKind::Sequence) {
    return render_part(model, id, skip_special, state, out);
  }
  for (const int32_t part : model.piece_parts(id)) {
    render_part(model, part, skip_special, state, out);
  }
}

// Suffixes that the automaton does not allow here, as a language model may put them, stand in the
// spelling that their pieces have of old.
void finish_render(const MorphoPieceModel& model, RenderState& state, std::string& out) {
  if (state.root < 0) return;
  const PieceRecord& root = model.piece(state.root);
  if (state.suffixes.empty()) {
    append_cased(model.text(root.text), state.marker, state.fresh, out);
  } else {
    std::array<int32_t, kMaxMorphs> suffixes;
    for (size_t i = 0; i < state.suffixes.size(); ++i) {
      suffixes[i] = model.piece(state.suffixes[i]).owner;
    }
    std::string built;
    if (root.owner < 0 ||
        !rebuild_word(model, root.owner, std::span(suffixes).first(state.suffixes.size()), built)) {
      built = model.text(root.text);
      for (const int32_t id : state.suffixes) built += model.piece_text(id);
    }
    append_cased(built, state.marker, state.fresh, out);
  }
  state.root = -1;
  state.suffixes.clear();
  state.fresh = false;
  state.glue = false;
  state.at_start = false;
}

}  // namespace lydia::text
