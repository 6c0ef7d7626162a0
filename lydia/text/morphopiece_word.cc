#include "lydia/text/morphopiece_word.h"

#include <algorithm>

namespace lydia::text {
namespace {

constexpr int kMaxReadParts = 4;  // behind more apostrophes there is no word any more
constexpr std::string_view kCurlyApostrophe = "\xE2\x80\x99";
constexpr size_t kMaxMerged = 64;  // tokens of a run that sequences are looked for in

int32_t marker_of(const Word& word) {
  switch (word.letter_case) {
    case LetterCase::Cap:
      return word.latin && word.code[0] == letter_code(U'i') ? MorphoPiece::kCapLatin
                                                             : MorphoPiece::kCap;
    case LetterCase::Upper: return word.latin ? MorphoPiece::kUpperLatin : MorphoPiece::kUpper;
    default: return -1;
  }
}

bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {  // a few: no call is worth it
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace

size_t apostrophe_size(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '\'') return 1;
  return text.substr(at, kCurlyApostrophe.size()) == kCurlyApostrophe ? kCurlyApostrophe.size() : 0;
}

PartEnd end_of_part(std::string_view run, size_t at) {
  for (; at < run.size(); ++at) {
    if (run[at] != '\'' && run[at] != kCurlyApostrophe[0]) continue;
    if (const size_t size = apostrophe_size(run, at); size > 0) return {at, size};
  }
  return {at, 0};
}

void WordEncoder::bind(const MorphoPieceModel& model) {
  model_ = &model;
  lattice_.bind(model);
}

bool WordEncoder::read_as(const Word& word, ReadFrom from, const ReadingChoice& choice,
                          Reading& reading, const RootEnds* ends) {
  const auto look = [&](const Word& letters, const RootEnds* known) {
    return choice.temperature > 0
               ? lattice_.sample(letters, from, choice.temperature, choice.seed, reading)
               : lattice_.best(letters, from, reading, known);
  };
  if (look(word, ends)) return true;
  if (!word.has_circumflex) return false;
  Word folded = word;  // hâlâ is found as hala
  for (uint8_t& code : folded.code) code = without_circumflex(code);
  return look(folded, nullptr);
}

// Of two readings of I the one in the lexicon is taken; on ties the Turkish one.
PartReading WordEncoder::read_first(std::string_view part, bool before_apostrophe,
                                    const ReadingChoice& choice, const WordRoots* roots) {
  PartReading read;
  Word& word = read.word;
  if (roots != nullptr) word = roots->word;
  if (roots == nullptr && !read_word(part, word)) return read;
  if (word.letter_case == LetterCase::Mixed) return read;
  read.readable = read_as(word, ReadFrom::Roots, choice, read.reading,
                          roots == nullptr ? nullptr : &roots->ends);
  if (!read.readable && word.may_be_latin) {
    Word latin = word;
    read_latin(part, latin);
    if (read_as(latin, ReadFrom::Roots, choice, read.reading)) {
      word = latin;
      read.readable = true;
    }
  }
  if (read.readable) return read;
  read.readable = true;
  if (before_apostrophe) {  // a name: what follows the apostrophe is what it takes
    read.reading.size = 0;
    read.reading.known = false;
    read.reading.add({0, static_cast<uint8_t>(word.size), -1, -1});
    return read;
  }
  read.readable = read_as(word, ReadFrom::Guess, choice, read.reading);
  return read;
}

PartReading WordEncoder::read_suffix(std::string_view part, std::string_view before,
                                     const ReadingChoice& choice) {
  PartReading read;
  Word name;
  const bool spoken =
      !before.empty() && read_word(before, name) && name.letter_case != LetterCase::Upper;
  std::array<uint8_t, kMaxWordLetters + 1> sounds;
  if (spoken) sounds_of(name, sounds);
  lattice_.set_sound(spoken ? sounds[static_cast<size_t>(name.size)] : -1);
  if (!read_word(part, read.word) || read.word.letter_case == LetterCase::Mixed) return read;
  read.readable = read_as(read.word, ReadFrom::Suffixes, choice, read.reading);
  if (!read.readable && read.word.may_be_latin) {
    read_latin(part, read.word);
    read.readable = read_as(read.word, ReadFrom::Suffixes, choice, read.reading);
  }
  return read;
}

// In lower case a morpheme's text is the part's own; else letters map the one to the other.
void WordEncoder::add_spelled(std::string_view part, bool starts_word, const Word& word,
                              ReadMorph morph, uint32_t begin, std::vector<Token>& out) {
  const RootRecord* root =
      morph.root < 0 ? nullptr : &model_->roots[static_cast<size_t>(morph.root)];
  const auto type = root == nullptr ? MorphType::NounRoot : static_cast<MorphType>(root->type);
  const auto category =
      root == nullptr ? SemanticCategory::Unknown : static_cast<SemanticCategory>(root->category);
  if (word.letter_case == LetterCase::Lower) {
    const uint32_t first = word.begin[morph.begin];
    begin += first;
    for (const SpelledPiece piece :
         speller_.spell(*model_, part.substr(first, word.begin[morph.end] - first), starts_word)) {
      out.push_back({piece.id, begin + piece.end, type, category});
    }
    return;
  }
  lower_.clear();
  append_lower(word, morph.begin, morph.end, lower_);
  size_t length = 0;  // of the lower case text; letters map it to the run
  int letters = morph.begin;
  for (const SpelledPiece piece : speller_.spell(*model_, lower_, starts_word)) {
    while (length < piece.end && letters < morph.end) {
      length += lower_letter(word.code[static_cast<size_t>(letters++)]).size();
    }
    out.push_back({piece.id, begin + word.begin[static_cast<size_t>(letters)], type, category});
  }
}

// True when the tokens say the part for sure: it is in lower case, pieces that spell are what they
// were found by, and the others are compared here.
bool WordEncoder::encode_surface(std::string_view part, const PartReading& read, bool starts_word,
                                 uint32_t begin, std::vector<Token>& out) {
  bool is_said = read.word.letter_case == LetterCase::Lower;
  const auto says = [&](int32_t piece, const ReadMorph& morph) {
    const uint32_t first = read.word.begin[morph.begin];
    return are_equal(part.substr(first, read.word.begin[morph.end] - first),
                     model_->piece_text(piece));
  };
  for (int i = 0; i < read.reading.size; ++i) {
    const ReadMorph& morph = read.reading.morphs[static_cast<size_t>(i)];
    const uint32_t end = begin + read.word.begin[morph.end];
    if (morph.arc >= 0) {
      const int32_t piece = model_->arcs[static_cast<size_t>(morph.arc)].piece;
      out.push_back({piece, end, model_->traits(piece).type});
      is_said = is_said && says(piece, morph);
      continue;
    }
    const int32_t piece =
        morph.root < 0 ? -1 : model_->roots[static_cast<size_t>(morph.root)].piece;
    if (piece < 0) {
      add_spelled(part, starts_word && i == 0, read.word, morph, begin, out);
      continue;
    }
    const RootRecord& root = model_->roots[static_cast<size_t>(morph.root)];
    out.push_back({piece, end, static_cast<MorphType>(root.type),
                   static_cast<SemanticCategory>(root.category)});
    is_said = is_said && i == 0 && says(piece, morph);
  }
  return is_said;
}

// Root and suffixes as one token each whatever their spelling, when that spelling can be told.
bool WordEncoder::encode_canonical(std::string_view, const PartReading& read, uint32_t begin,
                                   std::vector<Token>& out) {
  const Reading& reading = read.reading;
  const ReadMorph& first = reading.morphs[0];
  if (first.root < 0) return false;
  const int32_t lemma = model_->roots[static_cast<size_t>(first.root)].lemma;
  const LemmaForm& base = model_->lemma_forms[model_->lemmas[static_cast<size_t>(lemma)]];
  const RootRecord& root = model_->roots[base.root];
  if (root.piece < 0 || model_->piece(root.piece).owner != lemma) return false;
  ids_.clear();
  for (int i = 1; i < reading.size; ++i) {
    const ReadMorph& morph = reading.morphs[static_cast<size_t>(i)];
    if (morph.arc < 0) return false;
    ids_.push_back(model_->arcs[static_cast<size_t>(morph.arc)].suffix);
  }
  lower_.clear();
  append_lower(read.word, 0, read.word.size, lower_);
  text_.clear();
  if (!rebuild_word(*model_, lemma, ids_, text_) || text_ != lower_) return false;
  out.push_back({root.piece, begin + read.word.begin[first.end], static_cast<MorphType>(root.type),
                 static_cast<SemanticCategory>(root.category)});
  for (int i = 1; i < reading.size; ++i) {
    const int32_t id = model_->header.first_canonical + ids_[static_cast<size_t>(i) - 1];
    out.push_back({id, begin + read.word.begin[reading.morphs[static_cast<size_t>(i)].end],
                   model_->traits(id).type});
  }
  return true;
}

void WordEncoder::encode_spelled(std::string_view part, bool starts_word, uint32_t begin,
                                 std::vector<Token>& out) {
  for (const SpelledPiece piece : speller_.spell(*model_, part, starts_word)) {
    out.push_back({piece.id, begin + piece.end, model_->traits(piece.id).type});
  }
}

// Whether the tokens give these bytes back.
bool WordEncoder::says(std::span<const Token> tokens, std::string_view part) {
  text_.clear();
  render_ = {};
  for (const Token& token : tokens) render_token(*model_, token.id, true, render_, text_);
  finish_render(*model_, render_, text_);
  return text_ == part;
}

bool WordEncoder::has_root_piece(const PartReading& read) const {
  const int32_t root = read.reading.size == 0 ? -1 : read.reading.morphs[0].root;
  return root >= 0 && model_->roots[static_cast<size_t>(root)].piece >= 0;
}

void WordEncoder::encode_part(std::string_view part, const PartReading& read, PartStart start,
                              MorphMode mode, uint32_t begin, std::vector<Token>& out) {
  if (!read.readable) return encode_spelled(part, start == PartStart::Word, begin, out);
  const size_t first = out.size();
  // A root's piece always implies a space; pieces that spell do without.
  const bool glued = start == PartStart::Glued && has_root_piece(read);
  const bool starts_word = start == PartStart::Word || glued;
  if (glued) {
    out.push_back({MorphoPiece::kGlue, begin, MorphType::Special, SemanticCategory::Special});
  }
  if (const int32_t marker = marker_of(read.word); marker >= 0) {
    out.push_back({marker, begin, MorphType::Special, SemanticCategory::Special});
  }
  if ((mode != MorphMode::Canonical || !starts_word || !encode_canonical(part, read, begin, out)) &&
      encode_surface(part, read, starts_word, begin, out)) {
    return;
  }
  if (says(std::span(out).subspan(first), part)) return;
  out.resize(first);
  encode_spelled(part, start == PartStart::Word, begin, out);
}

void WordEncoder::encode_parts(std::string_view run, RunKind kind, bool glued, MorphMode mode,
                               const ReadingChoice& choice, const WordRoots* roots,
                               std::vector<Token>& out) {
  const PartStart start = glued ? PartStart::Glued : PartStart::Word;
  std::string_view before;
  int parts = 0;
  for (size_t at = 0; at < run.size(); ++parts) {
    const PartEnd part_end = end_of_part(run, at);
    const std::string_view part = run.substr(at, part_end.end - at);
    const auto begin = static_cast<uint32_t>(at);
    if (parts > kMaxReadParts) {
      encode_spelled(part, false, begin, out);
    } else if (at > 0) {
      encode_part(part, read_suffix(part, before, choice), PartStart::Inner, mode, begin, out);
    } else if (kind == RunKind::Number) {
      encode_spelled(part, !glued, begin, out);
    } else {
      encode_part(part, read_first(part, part_end.apostrophe > 0, choice, roots), start, mode,
                  begin, out);
    }
    before = at == 0 && kind == RunKind::Number ? std::string_view{} : part;
    if (part_end.apostrophe > 0) {
      encode_spelled(run.substr(part_end.end, part_end.apostrophe), false,
                     static_cast<uint32_t>(part_end.end), out);
    }
    at = part_end.end + part_end.apostrophe;
  }
}

// The fewest tokens: from the right, the longest sequence among those that save most.
void WordEncoder::merge_sequences(size_t first, std::vector<Token>& out) {
  const size_t size = out.size() - first;
  if (size < 2 || size > kMaxMerged) return;
  struct Step {
    uint8_t tokens, length;
    int32_t piece;
  };
  for (size_t at = first; at + 1 < out.size(); ++at) {
    if (const uint32_t node = model_->traits(out[at].id).sequences; node != 0) {
      model_->prefetch(node, out[at + 1].id);
    }
  }
  std::array<Step, kMaxMerged + 1> steps;
  steps[size].tokens = 0;
  for (size_t at = size; at-- > 0;) {
    Step& step = steps[at];
    step = {static_cast<uint8_t>(steps[at + 1].tokens + 1), 1, out[first + at].id};
    uint32_t node = model_->traits(out[first + at].id).sequences;
    for (size_t end = at + 1; node != 0 && end < size; ++end) {
      const SequenceSlot* slot = model_->follow(node, out[first + end].id);
      if (slot == nullptr) break;
      node = slot->next;
      if (slot->piece < 0) continue;
      const int tokens = steps[end + 1].tokens + 1;
      if (tokens > step.tokens) continue;
      step = {static_cast<uint8_t>(tokens), static_cast<uint8_t>(end + 1 - at), slot->piece};
    }
  }
  size_t to = first;
  for (size_t at = 0; at < size; at += steps[at].length) {
    Token token = out[first + at];
    for (size_t i = at; i < at + steps[at].length; ++i) {
      const Token& part = out[first + i];
      if (token.type == MorphType::Special) {  // the head is what a marker belongs to
        token.type = part.type;
        token.category = part.category;
      }
      token.end = part.end;
    }
    token.id = steps[at].piece;
    out[to++] = token;
  }
  out.resize(to);
}

RunEdges WordEncoder::encode(std::string_view run, RunKind kind, bool glued, MorphMode mode,
                             const ReadingChoice& choice, std::vector<Token>& out,
                             const WordRoots* roots) {
  const size_t first = out.size();
  if (kind == RunKind::Other) {
    encode_spelled(run, false, 0, out);
  } else {
    encode_parts(run, kind, glued, mode, choice, roots, out);
  }
  size_t head = first;
  while (head + 1 < out.size() && model_->kind(out[head].id) == PieceKind::Marker) ++head;
  const RunEdges edges = {(model_->traits(out[head].id).flags & kStartsWord) != 0,
                          (model_->traits(out.back().id).flags & kOpens) != 0};
  if (mode == MorphMode::Compact) merge_sequences(first, out);
  return edges;
}

}  // namespace lydia::text
