// The roots that the tests of the Turkish grammar use: one or a few of each kind of alternation.
#pragma once

#include <string>

#include "lydia/text/turkish_lexicon.h"

namespace lydia::text {

struct RootGroup {
  const char* class_and_flags;
  const char* words;  // separated by spaces
};

inline constexpr RootGroup kTestRoots[] = {
    {"noun\t-",
     "ev hız baş araba okul deniz masa kapı baba anne kardeş öğrenci öğretmen arkadaş gün yol göz "
     "el kuş at top ip saç su iş ay yıl kişi insan kadın adam köy şehirli bahçe yüz söz orman dil "
     "ders müdür radyo kutu tabure otobüs gece hafta ülke dünya para ada ütü koku "
     "kedi soru sayı yapı tanım konu"},
    {"noun\tsoft",
     "kitap ağaç çocuk sokak renk kanat dolap yaprak ekmek bıçak kulak toprak çorap mektup uçak "
     "ayak köpek çiçek balık umut kağıt süzgeç cevap amaç ihtiyaç sebep metot psikolog"},
    {"noun\tdrop",
     "oğul burun ağız akıl şehir isim omuz boyun beyin karın alın göğüs gönül resim nehir "
     "fikir şekil"},
    {"noun\tdrop,soft", "kayıp"},
    {"noun\tdrop,front", "vakit"},
    {"noun\tdouble", "hak his af hat sır zan"},
    {"noun\tsoft,double", "tıp"},
    {"noun\tfront", "saat hayal rol gol kabul kontrol hal ihtimal meşgul alkol petrol dikkat"},
    {"noun\tcompound", "buzdolabı cezaevi ayçiçeği balayı denizaltı devekuşu"},
    {"noun\ttime", "bugün dün sabah akşam yarın"},
    {"noun\tlexical", "konuşma kişilik kitaplık gözlük yatırım"},
    {"noun\tabbrev", "tbmm abd"},
    {"noun\tforeign", "bordeaux"},
    {"proper\t-", "ankara istanbul türkiye ahmet ayşe türk izmir"},
    {"adj\t-", "güzel iyi kötü yeni eski mavi sarı kolay zor hızlı"},
    {"adj\tsoft", "küçük büyük sıcak soğuk uzak"},
    {"verb\taor_i", "gel al kal ol ver var bul bil dur gör öl san vur"},
    {"verb\t-",
     "yap bak yaz koş sev gül aç seç sat tut öp dön kır sor kes çek kullan çalış konuş öğren anlat "
     "başla söyle oku ara iste tanı yürü uyu anla bekle dinle taşı temizle yıka oyna bitir kızar "
     "otur unut göster de ye koy giy sür döv yen say"},
    {"verb\tsoft", "git et tat güt seyret kaybet"},
    {"verb\tcaus_ir", "iç düş geç bit kaç piş doğ"},
    {"verb\tcaus_ar", "çık kop"},
    {"verb\tcaus_it", "kork ak sap"},
    {"verb\tdrop", "çevir ayır savur devir"},
};

inline Lexicon test_lexicon() {
  std::string lines;
  for (const RootGroup& group : kTestRoots) {
    std::string word;
    for (const char* at = group.words;; ++at) {
      if (*at != ' ' && *at != '\0') {
        word += *at;
        continue;
      }
      lines += word + "\t" + group.class_and_flags + "\tunknown\n";
      word.clear();
      if (*at == '\0') break;
    }
  }
  Lexicon lexicon;
  lexicon.add(read_roots(closed_class_roots(), "closed classes"));
  lexicon.add(read_roots(lines, "test roots"));
  return lexicon;
}

}  // namespace lydia::text
