/* SPDX-License-Identifier: MIT */
#include "services/media/domain/samples.h"

#include "lib/base/macros.h"

#include <strings.h>

/* The first is for all others. */
static const struct {
    const char *language;
    const char *text;
} samples[] = {
    {"en", "Hello! This is my voice."},
    {"ru", "Привет! Так звучит мой голос."},
    {"uk", "Привіт! Так звучить мій голос."},
    {"kk", "Сәлем! Менің дауысым осындай."},
    {"de", "Hallo! So klingt meine Stimme."},
    {"fr", "Bonjour ! Voici ma voix."},
    {"es", "¡Hola! Así suena mi voz."},
    {"pt", "Olá! Assim soa a minha voz."},
    {"it", "Ciao! Questa è la mia voce."},
    {"pl", "Cześć! Tak brzmi mój głos."},
    {"nl", "Hallo! Zo klinkt mijn stem."},
    {"tr", "Merhaba! Benim sesim böyle."},
    {"id", "Halo! Beginilah suara saya."},
    {"vi", "Xin chào! Đây là giọng nói của tôi."},
    {"el", "Γεια σας! Έτσι ακούγεται η φωνή μου."},
    {"hy", "Բարև ձեզ։ Այսպես է հնչում իմ ձայնը։"},
    {"ka", "გამარჯობა! ასე ჟღერს ჩემი ხმა."},
    {"he", "שלום! כך נשמע הקול שלי."},
    {"ar", "مرحبا! هذا هو صوتي."},
    {"fa", "سلام! این صدای من است."},
    {"hi", "नमस्ते! यह मेरी आवाज़ है।"},
    {"bn", "হ্যালো! এটি আমার কণ্ঠ।"},
    {"pa", "ਸਤ ਸ੍ਰੀ ਅਕਾਲ! ਇਹ ਮੇਰੀ ਆਵਾਜ਼ ਹੈ।"},
    {"gu", "નમસ્તે! આ મારો અવાજ છે."},
    {"or", "ନମସ୍କାର! ଏହା ମୋର ସ୍ୱର।"},
    {"ta", "வணக்கம்! இது என் குரல்."},
    {"te", "నమస్కారం! ఇది నా గొంతు."},
    {"kn", "ನಮಸ್ಕಾರ! ಇದು ನನ್ನ ಧ್ವನಿ."},
    {"ml", "നമസ്കാരം! ഇതാണ് എന്റെ ശബ്ദം."},
    {"si", "ආයුබෝවන්! මේ මගේ හඬයි."},
    {"th", "สวัสดี นี่คือเสียงของฉัน"},
    {"my", "မင်္ဂလာပါ။ ဒါက ကျွန်တော့်အသံပါ။"},
    {"am", "ሰላም! ይህ የእኔ ድምፅ ነው።"},
    {"ko", "안녕하세요! 제 목소리입니다."},
    {"ja", "こんにちは。わたしのこえです。"},
    {"zh", "你好！这是我的声音。"},
};

const char *sample_text(const char *lang)
{
    size_t size = lang ? strcspn(lang, "-_") : 0;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (strlen(samples[i].language) == size &&
            strncasecmp(samples[i].language, lang, size) == 0)
            return samples[i].text;
    return samples[0].text;
}
