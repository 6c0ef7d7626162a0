// Turkish sentences made from a small grammar: enough to try the program where no text was given.
//
// The ending of the verb follows the subject, which stands several words before it
// ("Biz dün akşam küçük kediyi gördük."), so a model that sees only four letters cannot
// know the ending, and a model with a longer memory can.
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>

namespace charlm {

inline std::string sample_text(size_t bytes, uint32_t seed) {
  static constexpr std::array kTimes = {"dün akşam", "bu sabah", "geçen hafta", "iki gün önce",
                                        "öğleden sonra"};
  static constexpr std::array kObjects = {"küçük kediyi", "eski arkadaşı", "kırmızı çiçeği",
                                          "büyük gemiyi", "sarı ışığı"};
  static constexpr std::array kSubjects = {"Ben", "Sen", "O", "Biz", "Siz", "Onlar"};
  // A past tense for each subject, in the two vowel harmonies of the stems.
  static constexpr std::array<std::array<const char*, 6>, 2> kEndings = {
      {{"düm", "dün", "dü", "dük", "dünüz", "düler"},
       {"dum", "dun", "du", "duk", "dunuz", "dular"}}};
  static constexpr std::array<std::array<const char*, 3>, 2> kStems = {
      {{"gör", "götür", "düşün"}, {"bul", "unut", "koru"}}};

  std::mt19937 random(seed);
  const auto pick = [&random](const auto& list) { return list[random() % list.size()]; };
  std::string text;
  while (text.size() < bytes) {
    for (int sentence = 0; sentence < 4; ++sentence) {
      const size_t subject = random() % kSubjects.size(), harmony = random() % kEndings.size();
      text += std::string(sentence == 0 ? "" : " ") + kSubjects[subject] + " " + pick(kTimes) +
              " " + pick(kObjects) + " " + pick(kStems[harmony]) + kEndings[harmony][subject] + ".";
    }
    text += "\n";
  }
  return text;
}

}  // namespace charlm
