// A tokenizer for Turkish from C++: train or load one, cut words into morphemes with their types,
// write a text as ids and read them back, at once and as a stream.
//
//   01_morphemes [MODEL | --quick]
//
// MODEL is what `lydia tokenizer train` wrote; without it one is trained here, from lydia's own
// roots and a sentence.
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "lydia/text/morphopiece_train.h"
#include "lydia/text/tokenizer.h"
#include "lydia/text/tokenizer_morphopiece.h"

using namespace lydia::text;

namespace {

constexpr std::string_view kSentence = "Kitaplarımızdan birini İstanbul'daki arkadaşına verdi.";

Tokenizer make_tokenizer(const std::string& path) {
  if (!path.empty()) return Tokenizer::load(path);
  MorphTrainOptions options;
  options.vocab_size = 16000;
  int sentences = 100;
  options.next_text = [&](std::string& text) {
    text = kSentence;
    text += '\n';
    return sentences-- > 0;
  };
  return Tokenizer(std::make_shared<const MorphoPieceAdapter>(train_morphopiece(options)));
}

// What a word is made of, and the other ways to read it.
void show_morphemes(const MorphoPiece& tokenizer, std::string_view word) {
  std::printf("%s\n", std::string(word).c_str());
  for (const Segmentation& reading : tokenizer.segment(word, 2)) {
    std::printf("  %.1f", reading.cost);
    for (const Morph& morph : reading.morphs) {
      std::printf("  %s (%s)", morph.surface.c_str(), morph_type_name(morph.type));
    }
    std::printf("\n");
  }
}

// The tokens of a text in one mode; true when they give the text back.
bool show_tokens(const Tokenizer& tokenizer, const char* mode) {
  TokenizeOptions options;
  options.mode = mode;
  options.add_special_tokens = false;
  const Encoding encoding = tokenizer.encode({.text = kSentence}, options);
  std::printf("%-10s %2zu tokens:", mode, encoding.ids.size());
  for (const std::string& token : encoding.tokens) std::printf(" %s", token.c_str());
  std::printf("\n");
  return tokenizer.decode(encoding.ids) == kSentence;
}

// One token after the other, as a language model gives them.
bool show_stream(const Tokenizer& tokenizer) {
  DecodeStream stream(tokenizer);
  std::string text;
  std::printf("stream    ");
  for (const int32_t id : tokenizer.encode({.text = kSentence}).ids) {
    const std::string piece = stream.push(id);
    std::printf("[%s]", piece.c_str());
    text += piece;
  }
  text += stream.finish();
  std::printf("\n");
  return text == kSentence;
}

int run(const std::string& path) {
  const Tokenizer tokenizer = make_tokenizer(path);
  const MorphoPiece& model = morphopiece_of(tokenizer.model(), "01_morphemes");
  for (const std::string_view word : {"kitaplarımızdan", "evleri", "görüşemeyecekmişsiniz"}) {
    show_morphemes(model, word);
  }
  bool same = true;
  for (const char* mode : {"morph", "compact", "canonical"}) same &= show_tokens(tokenizer, mode);
  same &= show_stream(tokenizer);
  std::printf("%s\n", same ? "Every byte came back." : "The text did not come back!");
  return same ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 && std::string_view(argv[1]) != "--quick" ? argv[1] : "";
  try {
    return run(path);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "01_morphemes: %s\n", error.what());
    return 1;
  }
}
