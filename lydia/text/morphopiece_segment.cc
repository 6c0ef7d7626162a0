#include "lydia/text/morphopiece_segment.h"

#include <algorithm>
#include <memory>

#include "lydia/text/morphopiece_text.h"
#include "lydia/text/morphopiece_word.h"
#include "lydia/text/turkish_suffixes.h"

namespace lydia::text {
namespace {

WordEncoder& encoder_for(const MorphoPieceModel& model) {
  thread_local std::unique_ptr<WordEncoder> encoder;
  if (encoder == nullptr) encoder = std::make_unique<WordEncoder>(model);
  encoder->bind(model);
  return *encoder;
}

Morph other_morph(std::string_view word, size_t begin, size_t end) {
  return {std::string(word.substr(begin, end - begin)),
          "other",
          MorphType::Other,
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)},
          ""};
}

std::string lemma_text(const MorphoPieceModel& model, int32_t lemma) {
  return std::string(model.text(model.lemma_forms[model.lemmas[static_cast<size_t>(lemma)]].text));
}

Morph to_morph(const MorphoPieceModel& model, std::string_view word, size_t begin,
               const Word& letters, const ReadMorph& read) {
  Morph morph =
      other_morph(word, begin + letters.begin[read.begin], begin + letters.begin[read.end]);
  if (read.arc >= 0) {
    const ArcRecord& arc = model.arcs[static_cast<size_t>(read.arc)];
    morph.label = model.text(model.suffixes[arc.suffix].label);
    morph.type = static_cast<MorphType>(model.piece(arc.piece).type);
  } else if (read.root >= 0) {
    const RootRecord& root = model.roots[static_cast<size_t>(read.root)];
    morph.label = class_name(static_cast<MorphClass>(root.root_class));
    morph.type = static_cast<MorphType>(root.type);
    morph.lemma = lemma_text(model, root.lemma);
  } else {
    morph.label = "unknown";
    morph.type = MorphType::NounRoot;
  }
  return morph;
}

void append_reading(const MorphoPieceModel& model, std::string_view word, size_t begin,
                    const Word& letters, const Reading& reading, Segmentation& out) {
  for (int i = 0; i < reading.size; ++i) {
    out.morphs.push_back(
        to_morph(model, word, begin, letters, reading.morphs[static_cast<size_t>(i)]));
  }
  out.cost += static_cast<double>(reading.cost) / kCostUnit;
}

// Several readings where the first part of the word has them; what follows it has one.
class Segmenter {
 public:
  Segmenter(const MorphoPieceModel& model, std::string_view word, int nbest,
            const ReadingChoice& choice)
      : model_(model), word_(word), nbest_(nbest), choice_(choice) {}

  std::vector<Segmentation> run() {
    segmentations_.resize(1);
    for (size_t at = 0; at < word_.size();) {
      const Run run = next_run(word_, at);
      if (run.kind == RunKind::Word) {
        add_word(at, run.end);
      } else {
        add_number_or_other(at, run);
      }
      at = run.end;
    }
    return std::move(segmentations_);
  }

 private:
  void add_to_all(const Morph& morph) {
    for (Segmentation& segmentation : segmentations_) segmentation.morphs.push_back(morph);
  }

  // Marks; an apostrophe among them is a morph of its own (Dr.'un).
  void add_other(size_t at, size_t end) {
    while (at < end) {
      const PartEnd part = end_of_part(word_.substr(0, end), at);
      if (part.end > at) add_to_all(other_morph(word_, at, part.end));
      if (part.apostrophe > 0) add_apostrophe(part);
      at = part.end + part.apostrophe;
    }
  }

  void add_apostrophe(PartEnd before) {
    Morph apostrophe = other_morph(word_, before.end, before.end + before.apostrophe);
    apostrophe.label = "apostrophe";
    add_to_all(apostrophe);
  }

  void add_number_or_other(size_t at, const Run& run) {
    if (run.kind == RunKind::Other) return add_other(at, run.end);
    const PartEnd number = end_of_part(word_.substr(0, run.end), at);
    Morph morph = other_morph(word_, at, number.end);
    morph.label = "number";
    add_to_all(morph);
    if (number.apostrophe > 0) add_suffixes(number, {}, run.end);
  }

  void add_word(size_t at, size_t end) {
    const PartEnd first = end_of_part(word_.substr(0, end), at);
    const std::string_view part = word_.substr(at, first.end - at);
    add_first(part, at, first.apostrophe > 0);
    if (first.apostrophe > 0) add_suffixes(first, part, end);
  }

  void add_first(std::string_view part, size_t at, bool before_apostrophe) {
    WordEncoder& encoder = encoder_for(model_);
    const PartReading best = encoder.read_first(part, before_apostrophe, choice_);
    if (!best.readable) return add_to_all(other_morph(word_, at, at + part.size()));
    std::vector<Reading> readings = {best.reading};
    if (nbest_ > 1 && segmentations_.size() == 1) more_readings(best, readings);
    const Segmentation before = segmentations_[0];
    const bool several = readings.size() > 1;
    if (several) segmentations_.assign(readings.size(), before);
    for (size_t i = 0; i < segmentations_.size(); ++i) {
      const Reading& reading = readings[several ? i : 0];
      append_reading(model_, word_, at, best.word, reading, segmentations_[i]);
      segmentations_[i].known = reading.known;
    }
  }

  // The other ways to cut the word, by cost; each once.
  void more_readings(const PartReading& best, std::vector<Reading>& readings) {
    WordEncoder& encoder = encoder_for(model_);
    if (best.reading.size == 0 ||
        (!best.reading.known && best.reading.morphs[0].end == best.word.size &&
         best.reading.cost == 0))
      return;
    const ReadFrom from = best.reading.known ? ReadFrom::Roots : ReadFrom::Guess;
    for (const Reading& reading : encoder.lattice().cheapest(best.word, from, 4 * nbest_)) {
      const bool is_new = std::none_of(readings.begin(), readings.end(),
                                       [&](const Reading& r) { return same(r, reading); });
      if (is_new && readings.size() < static_cast<size_t>(nbest_)) readings.push_back(reading);
    }
  }

  // The same cuts with the same labels.
  bool same(const Reading& a, const Reading& b) const {
    if (a.size != b.size) return false;
    for (int i = 0; i < a.size; ++i) {
      const ReadMorph& x = a.morphs[static_cast<size_t>(i)];
      const ReadMorph& y = b.morphs[static_cast<size_t>(i)];
      if (x.end != y.end || x.root != y.root || (x.arc < 0) != (y.arc < 0)) return false;
      if (x.arc >= 0 && model_.arcs[static_cast<size_t>(x.arc)].suffix !=
                            model_.arcs[static_cast<size_t>(y.arc)].suffix)
        return false;
    }
    return true;
  }

  // Apostrophes and what is behind them.
  void add_suffixes(PartEnd before, std::string_view stem, size_t end) {
    while (before.apostrophe > 0) {
      const size_t at = before.end + before.apostrophe;
      add_apostrophe(before);
      const PartEnd next = end_of_part(word_.substr(0, end), at);
      const std::string_view part = word_.substr(at, next.end - at);
      const PartReading read = encoder_for(model_).read_suffix(part, stem, choice_);
      for (Segmentation& segmentation : segmentations_) {
        if (read.readable) {
          append_reading(model_, word_, at, read.word, read.reading, segmentation);
        } else {
          segmentation.morphs.push_back(other_morph(word_, at, next.end));
        }
      }
      stem = part;
      before = next;
    }
  }

  const MorphoPieceModel& model_;
  std::string_view word_;
  int nbest_;
  ReadingChoice choice_;
  std::vector<Segmentation> segmentations_;
};

}  // namespace

std::vector<Segmentation> segment_word(const MorphoPieceModel& model, std::string_view word,
                                       int nbest) {
  return Segmenter(model, word, nbest, {}).run();
}

Segmentation sample_word(const MorphoPieceModel& model, std::string_view word, double temperature,
                         uint64_t seed) {
  return Segmenter(model, word, 1, {temperature, seed}).run()[0];
}

std::string piece_label(const MorphoPieceModel& model, int32_t id) {
  const PieceRecord& piece = model.piece(id);
  const auto kind = static_cast<PieceKind>(piece.kind);
  if (kind == PieceKind::Suffix || kind == PieceKind::Canonical) {
    return std::string(model.text(model.suffixes[static_cast<size_t>(piece.owner)].label));
  }
  if (kind != PieceKind::Root) return "";
  switch (static_cast<MorphType>(piece.type)) {
    case MorphType::VerbRoot: return "verb";
    case MorphType::AdjectiveRoot: return "adjective";
    case MorphType::AdverbRoot: return "adverb";
    case MorphType::NounRoot: return "noun";
    default: return "function";
  }
}

}  // namespace lydia::text
