// Turkish words with their cuts, and strings that are no words, by the rule of grammar they show.
#pragma once

namespace lydia::text {

struct WordGroup {
  const char* rule;
  const char* words;  // separated by spaces
};

inline constexpr WordGroup kCutWords[] = {
    {"vowel harmony",
     "ev|ler kapı|lar göz|ler kuş|lar ev|im kapı|m göz|üm kuş|um okul|un ev|in göz|ün at|ın "
     "ev|de okul|da göz|de at|ta otobüs|ler|in radyo|lar|ı ütü|nün koku|yu el|i baş|lı"},
    {"hardening of D and C",
     "kitap|ta ağaç|tan at|ta sokak|ta iş|te ders|te dolap|tan ev|de yol|dan orman|da türk|çe "
     "kitap|çı araba|cı yap|tı gel|di koş|tu sat|tı iç|ti kes|ti bak|tı sev|di kitap|tır ev|dir"},
    {"softening",
     "kitab|ı kitab|ım|a ağac|ı çocuğ|u çocuğ|un sokağ|a reng|i renk|ler kanad|ı dolab|ın yaprağ|ı "
     "ekmeğ|im bıçağ|ı kulağ|ım toprağ|a mektub|unuz uçağ|ı ayağ|ı köpeğ|im çiçeğ|i balığ|ın "
     "umud|u "
     "cevab|ı amac|ı ihtiyac|ı sebeb|i metod|u psikoloğ|u kağıd|ı küçüğ|ü sıcağ|ı gid|iyor ed|en "
     "tad|ar güd|er seyred|er kaybed|en dörd|ü tıbb|ın"},
    {"no softening",
     "at|ı top|u ip|i saç|ı kitap|lar çocuk|lar ağaç|lar renk|li git|sin et|me seyret|ti"},
    {"vowel drop",
     "oğl|u oğl|um oğul|lar burn|u burun|da ağz|ı ağz|ımız akl|ı akl|ımız|da şehr|e şehir|ler|de "
     "ism|i "
     "omz|u boyn|um beyn|i karn|ım aln|ı göğs|ü gönl|üm resm|i nehr|in fikr|im şekl|i vakt|i "
     "vakit|ler "
     "kayb|ı kayıp|lar"},
    {"gemination", "hakk|ı hakk|ı|nda hak|lar hiss|i aff|ı hatt|a sırr|ım zann|ı tıbb|ı hat|lar"},
    {"lexical harmony",
     "saat|ler saat|i saat|te hayal|i hayal|ler rol|ü rol|ler gol|ü gol|ler kabul|ü kontrol|ü "
     "hal|i "
     "ihtimal|ler meşgul|dü alkol|ün petrol|ü dikkat|le dikkat|i"},
    {"stem vowel before -Iyor",
     "söyl|üyor başl|ıyor ok|uyor ar|ıyor ist|iyor tan|ıyor yür|üyor uy|uyor anl|ıyor bekl|iyor "
     "dinl|iyor taş|ıyor temizl|iyor yık|ıyor oyn|uyor di|yor yi|yor gid|iyor ed|iyor "
     "başl|ıyor|du|k "
     "söyl|üyor|um di|yor|lar|dı"},
    {"di- and yi- before y",
     "di|yecek di|yen di|ye di|yerek yi|yecek yi|yen yi|yin de|di ye|di de|mek de|r de|n|ir "
     "ye|n|di "
     "de|yip ye|yip de|dir|di ye|dir|ir"},
    {"su", "su|yu su|yun su|ya su|da su|yum su|yu|nu su|lar su|yla su|yumuz su|dan"},
    {"buffers open the next suffix",
     "araba|yı araba|ya araba|nın araba|sı araba|yla ev|i|ni ev|i|ne ev|i|nde ev|i|nden ev|i|nin "
     "araba|sı|nı kapı|yı baba|m|ın anne|si|ne öğrenci|yi masa|sı|nda bahçe|si|nden ütü|yü "
     "radyo|yu "
     "öğrenci|yken öğrenci|ydi öğrenci|yse öğrenci|ymiş öğrenci|yim araba|yla|ydı"},
    {"possession and case",
     "ev|im ev|in ev|i ev|imiz ev|iniz ev|leri ev|im|i ev|im|e ev|im|de ev|im|den ev|im|in "
     "ev|im|le "
     "ev|imiz|de ev|iniz|den araba|m araba|n araba|sı araba|mız araba|nız araba|ları "
     "araba|ları|nda "
     "kitap|lar|ımız|dan çocuk|lar|ı|nın kardeş|ler|imiz|le arkadaş|lar|ınız|a göz|ler|i|ni "
     "el|im|i kitab|ımız|ı anne|m|in baba|nız|a okul|umuz|un ülke|miz|de dünya|nın söz|ler|i|yle "
     "kitap|ça insan|ca ev|ce kardeş|i|nce"},
    {"relative -ki",
     "ev|de|ki okul|da|ki|ler masa|nın|ki araba|m|da|ki ev|ler|i|nde|ki bugün|kü dün|kü sabah|ki "
     "akşam|ki önce|ki sonra|ki şimdi|ki ben|im|ki sen|in|ki on|un|ki|ler ev|de|ki|nin daha|ki "
     "kadar|ki ev|de|ki|ne "
     "ev|de|ki|ler|in"},
    {"pronouns",
     "ben|i ban|a ben|de ben|den ben|im ben|im|le ben|ce ben|siz sen|i san|a sen|de sen|in "
     "sen|in|le "
     "sen|siz on|u on|a on|da on|dan on|un on|un|la on|lar on|lar|ı on|lar|ın on|suz bun|u bun|a "
     "bun|da bun|dan bun|un bun|lar bun|lar|ı bun|ca şun|u şun|a şun|lar biz|i biz|e biz|de biz|im "
     "biz|im|le biz|ler siz|i siz|e siz|in siz|ler|in siz|den kendi|m kendi|n kendi|si kendi|ni "
     "kendi|ne kendi|m|e kendi|si|ne kendi|miz kendi|niz|i kendi|leri kendi|leri|nin kendi|nden "
     "hepsi|ni hepsi|nin biri|ne biri|ydi birbiri|ni birbiri|nden kim|e kim|in kim|ler herkes|i "
     "herkes|ten kimse|nin ne|yi ne|ler ne|dir bura|da ora|dan nere|de nere|si öteki|ler öteki|ne "
     "bu|dur o|ydu o|ysa"},
    {"numerals",
     "bir|inci iki|nci üç|üncü dörd|üncü beş|inci altı|ncı on|uncu yüz|üncü kaç|ıncı bir|er "
     "iki|şer üç|er "
     "altı|şar on|ar iki|si üç|ü beş|i bir|i bin|ler|ce iki|miz üç|ünüz"},
    {"the question particle",
     "mi|yim mi|sin mi|yiz mi|siniz mı|dır mi|dir mu|ydu mü|ydü mı|ymış mı|yım mu|sunuz"},
    {"copula",
     "güzel|di güzel|miş güzel|se güzel|ken güzel|dir iyi|ydi iyi|ymiş iyi|yse iyi|yken iyi|yim "
     "iyi|sin "
     "iyi|yiz iyi|siniz ev|de|ydi ev|de|yim ev|de|yiz ev|de|ler ev|de|ydi|m ev|de|ydi|k "
     "ev|de|ymiş|ler "
     "öğretmen|sin öğretmen|im öğretmen|iz öğretmen|siniz öğretmen|di|m öğretmen|di|ler "
     "var|dı yok|tu var|dır yok|sa var|mış değil|dir değil|im değil|di değil|iz değil|se i|di "
     "i|di|k i|miş i|se i|ken i|di|ler"},
    {"progressive",
     "gel|iyor gel|iyor|um gel|iyor|sun gel|iyor|uz gel|iyor|sunuz gel|iyor|lar gel|m|iyor "
     "gel|m|iyor|um yap|m|ıyor|du gör|m|üyor oku|m|uyor gel|iyor|du gel|iyor|du|m gel|iyor|muş "
     "gel|iyor|sa gel|iyor|lar|dı gel|iyor|ken gel|e|m|iyor yap|a|m|ıyor|um gel|mekte yap|makta "
     "gel|mekte|dir yap|makta|dır|lar oku|makta|yım"},
    {"future, aorist, past",
     "gel|ecek gel|eceğ|im gel|ecek|sin gel|eceğ|iz gel|ecek|siniz gel|ecek|ler gel|ecek|ti "
     "gel|me|yecek gel|me|yeceğ|im oku|yacak oku|yacağ|ım gel|ir gel|ir|im gel|ir|sin gel|ir|iz "
     "gel|ir|ler gel|ir|di gel|ir|se gel|me|z gel|me|m gel|me|yiz gel|me|z|sin gel|me|z|ler "
     "gel|me|z|di "
     "gel|me|z|se yap|ar bak|ar yaz|ar|ım koş|ar sev|er al|ır kal|ır gör|ür bil|ir ol|ur dur|ur "
     "oku|r söyle|r çalış|ır konuş|ur anlat|ır kullan|ır gel|di gel|di|m gel|di|n gel|di|k "
     "gel|di|niz "
     "gel|di|ler gel|me|di gel|me|di|k yap|tı|m gel|di|yse gel|di|ydi gel|di|k|se gel|miş "
     "gel|miş|im "
     "gel|miş|ti gel|miş|ler|di gel|me|miş gel|miş|tir gör|ün|ür|dür öl|müş|tü oku|muş|lar"},
    {"moods",
     "gel|meli gel|meli|yim yap|malı|sın gel|meli|ydi yap|ma|malı gel|se gel|se|m gel|se|k "
     "gel|se|ler "
     "gel|se|ydi gel|me|se gel|e gel|e|yim gel|e|sin gel|elim gel|me|yelim yap|alım oku|yalım "
     "iste|ye|yim gel|sin gel|sinler gel|me|sin gel|in gel|iniz oku|yun oku|yunuz gel|me "
     "gel|me|yin "
     "bak|sana bak|sanıza"},
    {"ability and auxiliaries",
     "gel|ebil|ir yap|abil|ir|im oku|yabil|iyor gel|ebil|ecek gör|ebil|en gel|e|me|di gel|e|me|z "
     "yap|a|ma|m yap|a|ma|yız oku|ya|ma|dı|k gel|me|yebil|ir gel|e|me|yebil|ir gel|iver|di "
     "yap|ıver|ir bak|akal|dı gid|edur|sun yap|agel|en öl|eyaz|dı"},
    {"voice",
     "yap|tır|dı yaz|dır|mak oku|t|tu söyle|t|ir anlat|tır|dı otur|t|tu iç|ir|di düş|ür|dü "
     "geç|ir|ir "
     "piş|ir|en çık|ar|dı kop|ar|ma kork|ut|tu ak|ıt|ır öl|dür|t|tü yap|tır|t|tı oku|t|tur|du "
     "yap|ıl|dı gör|ül|dü sat|ıl|an bul|un|du al|ın|dı bil|in|ir oku|n|du söyle|n|ir başla|n|dı "
     "de|n|il|di öl|dür|ül|dü yaz|dır|ıl|an gör|üş|tü gör|üş|ül|en sev|in|di giy|in|ir "
     "giy|in|dir|di "
     "öp|üş|tü|ler çevr|il|di ayr|ıl|an savr|ul|du devr|il|ir çevir|ir ayır|dı"},
    {"participles",
     "gel|en gel|en|ler gel|en|in oku|yan oku|yan|lar|a gel|me|yen gel|diğ|i gel|diğ|im|de "
     "gel|diğ|i|nde yap|tığ|ı|nı gör|düğ|üm oku|duk|ları gel|dik|leri gel|dik|ten ol|duk|lar|ı "
     "gel|eceğ|i gel|eceğ|i|ni yap|acağ|ım|ı gel|ecek|leri gel|ecek|te yap|acak|lar "
     "gel|me|diğ|i|nden "
     "gel|miş|ler|i yap|ıl|mış|lar|ın"},
    {"verbal nouns",
     "gel|mek gel|mek|le gel|mek|ten yap|mak|tan gel|mek|ti de|mek|tir yap|ma yap|ma|sı "
     "yap|ma|sı|nı "
     "yap|ma|ya yap|ma|nın oku|ma|lar|ı gel|me|me|si gel|iş gel|iş|i gel|iş|i|nde yürü|yüş "
     "yürü|yüş|ler bak|ış|ı gel|me|miz|e yap|ıl|ma|sı|yla"},
    {"converbs",
     "gel|erek yap|arak oku|yarak gel|me|yerek gel|ip yap|ıp oku|yup gel|ince yap|ınca oku|yunca "
     "gel|me|yince gel|ince|ye gel|meden yap|madan gel|dikçe yap|tıkça gel|me|dikçe gel|eli "
     "yap|alı "
     "gel|ir|ken yap|ar|ken gel|miş|ken gel|ecek|ken gel|me|z|ken gel|ir|cesine bil|me|z|cesine "
     "ol|asıya gel|meksizin"},
    {"derivation",
     "ev|li araba|lı su|suz ev|siz güzel|lik insan|lık kitap|çı|lık göz|lük|çü kuş|çuk "
     "kedi|cik kitap|çık çocuk|çağız mavi|msi sarı|msı baba|m|gil ankara|lı ankara|lı|lar "
     "istanbul|lu türk|çe türk|leş|ti güzel|leş|iyor güzel|leş|tir|me ev|len|di "
     "iyi|leş|tir|il|me|si hız|lan|dı kullan|ıcı yap|ıcı|lar gel|e|me|z|lik"},
    {"compounds",
     "buzdolabı|nı buzdolabı|na buzdolap|lar|ı buzdolab|ım cezaevi|ne cezaevi|nde cezaev|leri "
     "ayçiçeği|nin ayçiçek|leri ayçiçeğ|im devekuşu|na devekuş|ları"},
    {"spoken names", "tbmm|ye tbmm|nin abd|de abd|nin bordeaux|ya bordeaux|da"},
    {"circumflex", "hâl|i hâl|ler kâğıd|ı"},
};

inline constexpr WordGroup kNoWords[] = {
    {"vowel harmony",
     "evlar gözlar kapıler okulin evun gözim geldım yapir gelür saatlar rolu hayalı "
     "gelmaz mıyim musin dörtüncı altışer baktim güzeldı"},
    {"hardening of D and C", "kitapdan ağaçdan evten okulta atda işde yapdı geltı türkce kitapcı"},
    {"softening",
     "kitapı kitapın ağaçı çocuku sokaka kitablar çocuğlar ağacta gitiyor etiyor "
     "gidti gidmek küçükü dörtüncü dolapı"},
    {"vowel drop and gemination", "oğulu burunu oğllar ağzlar hakı hakkta afı hissler"},
    {"buffers", "arabaı arabaa arabain evyi evsi evnin suı susu sunun babaım evii"},
    {"pronouns", "bena sena oya bui bua şuda onin benin bizin kendiyi kendiye hepsiyi biriye ban"},
    {"narrowing", "söyleyor başlayor deyor gelmayor gelmeyor söyleiyor diecek didi dimek yidi"},
    {"aorist", "geler alar yapır yazır bakır gelmezim gelmeziz okuar söyleir"},
    {"voice", "düştürdü çıktırdı korkturdu okudurdu yapıttı başlıldı"},
    {"order",
     "evdemler kitapdalar evdelerim evimlar gelecekdiydi gelmiyecek yapmıyormak "
     "gelerekti gelipti güzelleş i iyor ir lar imiz"},
    {"compounds", "buzdolabılar buzdolabıyı buzdolap buzdolab cezaeviler cezaeviyi"},
    {"numerals", "üçnci ikiinci ikier beşşer evinci"},
};

}  // namespace lydia::text
