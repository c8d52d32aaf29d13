/* SPDX-License-Identifier: MIT */
#include "services/media/domain/voices.h"

#include "lib/base/text.h"
#include "services/media/domain/scripts.h"

#include <strings.h>

/* espeak-ng's own speed is 175 words a minute; chat is better followed a little slower. */
#define SPEED 165
#define SPEED_SLOW 115
#define PITCH 50

#define VOICE(id, name, lang, sex, espeak, speed, scripts)                                         \
    {id, name, lang, VOICE_##sex, "local", espeak, speed, PITCH, scripts},

/* A woman's and a man's voice of a language. */
#define PAIR(lang, name, espeak, scripts)                                                          \
    VOICE("local-" lang "-f", name ", female", lang, FEMALE, espeak "+f3", SPEED, scripts)         \
    VOICE("local-" lang "-m", name ", male", lang, MALE, espeak "+m3", SPEED, scripts)

/* Most languages' rules hand Latin words to the English ones. */
#define WITH_LATIN(script) (SCRIPT_##script | SCRIPT_LATIN)

/* The first of a language (and sex) is its default; the first of all is the default of all. */
/* clang-format off: a row a line */
static const struct voice voices[] = {
    VOICE("ru-RU-SvetlanaNeural", "Светлана", "ru-RU", FEMALE, "ru+f3", SPEED,
          WITH_LATIN(CYRILLIC)) VOICE("ru-RU-DariyaNeural", "Дария", "ru-RU", FEMALE, "ru+f2",
                                      SPEED, WITH_LATIN(CYRILLIC)) VOICE("ru-RU-DmitryNeural",
                                                                         "Дмитрий", "ru-RU", MALE,
                                                                         "ru+m3", SPEED,
                                                                         WITH_LATIN(CYRILLIC))
        VOICE("gtts-ru", "Русский", "ru-RU", FEMALE, "ru+f3", SPEED, WITH_LATIN(CYRILLIC)) VOICE(
            "gtts-ru-slow", "Русский, медленно", "ru-RU", FEMALE, "ru+f3", SPEED_SLOW,
            WITH_LATIN(CYRILLIC)) VOICE("en-US-JennyNeural", "Jenny", "en-US", FEMALE, "en-us+f3",
                                        SPEED, SCRIPT_LATIN)
            VOICE("gtts-en", "English", "en-US", FEMALE, "en-us+f3", SPEED, SCRIPT_LATIN) VOICE(
                "local-en-m",
                "English, male", "en-US",
                MALE,
                "en-us+m3",
                SPEED, SCRIPT_LATIN) PAIR("uk", "Українська", "uk", WITH_LATIN(CYRILLIC))
                PAIR("kk", "Қазақша", "kk", WITH_LATIN(CYRILLIC)) PAIR(
                    "de", "Deutsch",
                    "de", SCRIPT_LATIN) PAIR("fr", "Français", "fr", SCRIPT_LATIN)
                    PAIR("es", "Español", "es", SCRIPT_LATIN) PAIR(
                        "pt", "Português", "pt-br",
                        SCRIPT_LATIN) PAIR("it", "Italiano", "it", SCRIPT_LATIN)
                        PAIR("pl", "Polski", "pl", SCRIPT_LATIN) PAIR(
                            "nl", "Nederlands",
                            "nl", SCRIPT_LATIN) PAIR("tr", "Türkçe", "tr", SCRIPT_LATIN)
                            PAIR("id", "Bahasa Indonesia", "id", SCRIPT_LATIN) PAIR(
                                "vi", "Tiếng Việt",
                                "vi", SCRIPT_LATIN) PAIR("el", "Ελληνικά", "el", WITH_LATIN(GREEK))
                                PAIR("hy", "Հայերեն", "hy", WITH_LATIN(ARMENIAN)) PAIR(
                                    "ka", "ქართული",
                                    "ka",
                                    WITH_LATIN(GEORGIAN)) PAIR("he", "עברית", "he", SCRIPT_HEBREW)
                                    PAIR("ar", "العربية", "ar", WITH_LATIN(ARABIC)) PAIR(
                                        "fa", "فارسی", "fa",
                                        WITH_LATIN(ARABIC))
                                        PAIR("hi", "हिन्दी", "hi", WITH_LATIN(DEVANAGARI)) PAIR(
                                            "bn", "বাংলা", "bn",
                                            WITH_LATIN(BENGALI))
                                            PAIR("pa", "ਪੰਜਾਬੀ", "pa", WITH_LATIN(GURMUKHI)) PAIR(
                                                "gu", "ગુજરાતી",
                                                "gu", WITH_LATIN(GUJARATI))
                                                PAIR("or", "ଓଡ଼ିଆ", "or", WITH_LATIN(ORIYA)) PAIR(
                                                    "ta", "தமிழ்", "ta",
                                                    WITH_LATIN(TAMIL))
                                                    PAIR("te", "తెలుగు", "te", WITH_LATIN(TELUGU))
                                                        PAIR("kn", "ಕನ್ನಡ", "kn",
                                                             WITH_LATIN(KANNADA))
                                                            PAIR("ml", "മലയാളം", "ml",
                                                                 WITH_LATIN(MALAYALAM))
                                                                PAIR("si", "සිංහල", "si",
                                                                     WITH_LATIN(
                                                                         SINHALA)) PAIR("th",
                                                                                        "ไทย", "th",
                                                                                        WITH_LATIN(
                                                                                            THAI))
                                                                    PAIR("my", "မြန်မာ", "my",
                                                                         SCRIPT_MYANMAR)
                                                                        PAIR("am", "አማርኛ", "am",
                                                                             WITH_LATIN(ETHIOPIC))
                                                                            PAIR("ko", "한국어",
                                                                                 "ko",
                                                                                 WITH_LATIN(HANGUL))
                                                                                PAIR("ja", "日本語",
                                                                                     "ja",
                                                                                     SCRIPT_KANA)
                                                                                    PAIR("zh",
                                                                                         "中文",
                                                                                         "cmn-latn-"
                                                                                         "pinyin",
                                                                                         WITH_LATIN(
                                                                                             HAN))};
/* clang-format on */

const struct voice *voices_list(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(voices);
    return voices;
}

const struct voice *voices_find(const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(voices); i++)
        if (text_equal(voices[i].id, id))
            return &voices[i];
    return NULL;
}

static size_t subtag_size(const char *tag)
{
    return strcspn(tag, "-_");
}

static bool same_language(const char *lang, const char *tag)
{
    size_t size = subtag_size(tag);
    return subtag_size(lang) == size && strncasecmp(lang, tag, size) == 0;
}

static const struct voice *first_of_language(const char *tag)
{
    for (size_t i = 0; i < ARRAY_LEN(voices); i++)
        if (same_language(voices[i].lang, tag))
            return &voices[i];
    return NULL;
}

const struct voice *voices_get(const char *id)
{
    const struct voice *voice = id ? voices_find(id) : NULL;
    while (!voice && id && *id) {
        voice = first_of_language(id);
        id += subtag_size(id);
        id += strspn(id, "-_");
    }
    return voice ? voice : &voices[0];
}

static const struct voice *with_sex(const struct voice *voice, enum voice_sex sex)
{
    for (size_t i = 0; i < ARRAY_LEN(voices); i++)
        if (voices[i].sex == sex && same_language(voices[i].lang, voice->lang))
            return &voices[i];
    return voice;
}

/* More of the letters; of two alike the specialist, so that English goes to an English voice. */
static bool reads_better(const struct voice *a, const struct voice *b,
                         const struct script_counts *counts)
{
    unsigned covered_a = scripts_covered(counts, a->scripts);
    unsigned covered_b = scripts_covered(counts, b->scripts);
    if (covered_a != covered_b)
        return covered_a > covered_b;
    return __builtin_popcount(a->scripts) < __builtin_popcount(b->scripts);
}

const struct voice *voices_for_text(const struct voice *voice, const char *text)
{
    struct script_counts counts;
    scripts_count(text, &counts);
    const struct voice *best = &voices[0];
    for (size_t i = 1; i < ARRAY_LEN(voices); i++)
        if (reads_better(&voices[i], best, &counts))
            best = &voices[i];
    bool keeps =
        scripts_covered(&counts, voice->scripts) >= scripts_covered(&counts, best->scripts);
    return keeps ? voice : with_sex(best, voice->sex);
}
