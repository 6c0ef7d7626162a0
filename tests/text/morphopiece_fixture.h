// A small model for tests: lydia's own roots and a few sentences, trained once a process.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "lydia/text/morphopiece.h"
#include "lydia/text/morphopiece_train.h"

namespace lydia::text {

inline std::string fixture_text() {
  const std::string once =
      "Kitaplarımızdan birini eve götürdüm. Çocuklar bahçede oynuyorlar. Ankara'nın havası "
      "soğuktu, "
      "ama İstanbul'da deniz güzeldi. Öğretmen öğrencilerine yeni bir ödev verdi. (Bu metin örnek "
      "olarak yazıldı.) TÜBİTAK 1963'te kuruldu! Gelecek yıl yeniden geleceğiz; evleri göreceğiz. "
      "LibreOffice belgeleri açılıyor. Sınavdan sonra arkadaşlarıyla sinemaya gittiler.\n";
  std::string text;
  for (int i = 0; i < 20; ++i) text += once;
  return text;
}

inline MorphTrainOptions fixture_options() {
  MorphTrainOptions options;
  options.vocab_size = 9000;
  options.mode = MorphMode::Compact;
  options.next_text = [given = false](std::string& text) mutable {
    if (given) return false;
    given = true;
    text = fixture_text();
    return true;
  };
  return options;
}

inline const MorphoPiece& fixture_tokenizer() {
  static const MorphoPiece tokenizer = train_morphopiece(fixture_options());
  return tokenizer;
}

}  // namespace lydia::text
