// The closed classes of Turkish, as a root list (turkish_lexicon.h). Their irregular forms (ban|a,
// on|u, hepsi|ni) stand in turkish_lexicon.cc.
#include "lydia/text/turkish_lexicon.h"

namespace lydia::text {
namespace {

struct Group {
  MorphClass root_class;
  std::string_view category;
  std::string_view words;  // separated by spaces; flags behind a slash
};

constexpr Group kGroups[] = {
    {MorphClass::Pronoun, "person",
     "ben sen o biz siz kendi herkes kimse kim hepsi biri birisi birileri birbiri hiçbiri herbiri "
     "çoğu öteki beriki"},
    {MorphClass::Pronoun, "unknown", "bu şu ne şey tüm bütün bazı kimi birçok birkaç öbür"},
    {MorphClass::Pronoun, "place", "bura şura ora nere"},
    {MorphClass::Number, "unknown",
     "sıfır bir iki üç dört/soft beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş "
     "seksen doksan yüz bin milyon milyar trilyon katrilyon yarım çeyrek/soft buçuk/soft kaç"},
    {MorphClass::Question, "unknown",
     "mı mi mu mü hangi nasıl niçin niye neden nerede nereye nereden hani"},
    {MorphClass::Postposition, "unknown",
     "için göre doğru karşı beri dolayı ötürü rağmen ilişkin dair ait özgü yönelik üzere ile değin "
     "dek itibaren"},
    {MorphClass::Adverb, "unknown",
     "gibi kadar/time böyle şöyle öyle önce/time sonra/time şimdi/time içeri dışarı yukarı/time "
     "aşağı/time ileri "
     "geri beri öte daha/time en çok pek hiç hep henüz artık zaten yine gene belki elbette asla "
     "sadece "
     "yalnızca yalnız hemen hâlâ acaba sanki bile birlikte beraber değil"},
    {MorphClass::Adjective, "unknown", "var yok/soft diğer başka aynı"},
    {MorphClass::Verb, "action", "i"},  // idi, imiş, ise, iken
    {MorphClass::Conjunction, "unknown",
     "ve veya ya yahut ama fakat ancak lâkin oysa oysaki halbuki çünkü zira eğer şayet ki de da "
     "hem ne gerek ister yoksa mademki madem meğer meğerse üstelik hatta dahi yani nitekim kâh "
     "belki ise"},
    {MorphClass::Determiner, "unknown",
     "her herhangi hiçbir bazı bu şu o bir birçok birkaç böylesi"},
    {MorphClass::Interjection, "emotion",
     "ah eh of oh ey hey haydi hadi aman eyvah yahu yuh aferin bravo maşallah inşallah evet hayır "
     "peki lütfen merhaba tamam"},
};

std::string root_lines() {
  std::string lines;
  for (const Group& group : kGroups) {
    std::string_view rest = group.words;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      const size_t slash = word.find('/');
      const bool flagged = slash != std::string_view::npos;
      lines.append(word.substr(0, slash)).append("\t").append(class_name(group.root_class));
      lines.append("\t").append(flagged ? word.substr(slash + 1) : "-");
      lines.append("\t").append(group.category).append("\n");
    }
  }
  return lines;
}

}  // namespace

std::string_view closed_class_roots() {
  static const std::string lines = root_lines();
  return lines;
}

}  // namespace lydia::text
