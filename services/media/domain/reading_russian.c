/* SPDX-License-Identifier: MIT */
#include "services/media/domain/reading_russian.h"

#include "lib/base/text.h"

#define TRIAD 3
#define WHOLE_MAX 15 /* digits that have a name */

static void put_digits(struct buffer *out, const char *digits)
{
    size_t left = strlen(digits);
    bool is_phone = left == 10 || (left == 11 && (*digits == '7' || *digits == '8'));
    bool is_first = true;
    while (left > 0) {
        size_t size = left < TRIAD ? left : TRIAD;
        if (left == 4 || (is_phone && left == 11))
            size = left == 4 ? 2 : 1;
        if (!is_first)
            buffer_add_text(out, ", ");
        russian_put_group(out, digits, size);
        digits += size;
        left -= size;
        is_first = false;
    }
}

static void put_whole(struct buffer *out, const char *digits, enum reading_gender gender)
{
    if (strlen(digits) > WHOLE_MAX)
        put_digits(out, digits);
    else
        russian_put_whole(out, digits, gender);
}

/* "три целых четырнадцать сотых". */
static void put_fraction(struct buffer *out, const struct reading_number *number)
{
    static const struct reading_noun wholes = {READING_FEMININE, "целая", "целых", "целых"};
    static const struct reading_noun parts[] = {
        {READING_FEMININE, "десятая", "десятых", "десятых"},
        {READING_FEMININE, "сотая", "сотых", "сотых"},
        {READING_FEMININE, "тысячная", "тысячных", "тысячных"},
    };
    size_t places = strlen(number->fraction);
    if (places > ARRAY_LEN(parts) || strspn(number->fraction, "0") == places) {
        put_whole(out, number->whole, READING_MASCULINE);
        if (places > ARRAY_LEN(parts))
            reading_put(out, "запятая");
        for (size_t i = 0; i < places; i++)
            russian_put_group(out, number->fraction + i, 1);
        return;
    }
    put_whole(out, number->whole, READING_FEMININE);
    reading_put(out, russian_form(&wholes, number->whole));
    russian_put_whole(out, number->fraction, READING_FEMININE);
    reading_put(out, russian_form(&parts[places - 1], number->fraction));
}

static void put_number(struct buffer *out, const struct reading_number *number,
                       const struct reading_noun *noun)
{
    enum reading_gender gender = noun ? noun->gender : READING_MASCULINE;
    if (!*number->fraction) {
        put_whole(out, number->whole, gender);
        reading_put(out, noun ? russian_form(noun, number->whole) : "");
        return;
    }
    bool is_one_and_half = text_equal(number->whole, "1") && text_equal(number->fraction, "5");
    if (noun && *noun->few && is_one_and_half)
        reading_put(out, gender == READING_FEMININE ? "полторы" : "полтора");
    else
        put_fraction(out, number);
    reading_put(out, noun ? noun->few : "");
}

/* Common words that are not masculine, with 1, with 2, and as an object. */
static const struct {
    const char *one, *few, *object;
} feminine[] = {
    {"тысяча", "тысячи", "тысячу"},
    {"минута", "минуты", "минуту"},
    {"секунда", "секунды", "секунду"},
    {"неделя", "недели", "неделю"},
    {"копейка", "копейки", "копейку"},
    {"гривна", "гривны", "гривну"},
    {"роза", "розы", "розу"},
    {"штука", "штуки", "штуку"},
    {"игра", "игры", "игру"},
    {"катка", "катки", "катку"},
    {"победа", "победы", "победу"},
    {"песня", "песни", "песню"},
    {"звезда", "звезды", "звезду"},
    {"монета", "монеты", "монету"},
    {"машина", "машины", "машину"},
    {"серия", "серии", "серию"},
    {"страница", "страницы", "страницу"},
    {"жизнь", "жизни", "жизнь"},
    {"ночь", "ночи", "ночь"},
    {"часть", "части", "часть"},
    {"подписка", "подписки", "подписку"},
    {"попытка", "попытки", "попытку"},
    {"строчка", "строчки", "строчку"},
    {"буква", "буквы", "букву"},
    {"цифра", "цифры", "цифру"},
    {"девушка", "девушки", "девушку"},
    {"кошка", "кошки", "кошку"},
    {"собака", "собаки", "собаку"},
};
static const char *const neuter[] = {
    "место", "очко", "сообщение", "слово", "видео", "фото", "яблоко", "имя", "лето", "утро",
};

static const struct reading_noun *counted(const char *word)
{
    static const struct reading_noun she = {READING_FEMININE, "", "", ""};
    static const struct reading_noun her = {READING_FEMININE_OBJECT, "", "", ""};
    static const struct reading_noun it = {READING_NEUTER, "", "", ""};
    for (size_t i = 0; i < ARRAY_LEN(feminine); i++) {
        if (reading_has_word(word, feminine[i].one) || reading_has_word(word, feminine[i].few))
            return &she;
        if (reading_has_word(word, feminine[i].object))
            return &her;
    }
    for (size_t i = 0; i < ARRAY_LEN(neuter); i++)
        if (reading_has_word(word, neuter[i]))
            return &it;
    return NULL;
}

static const struct reading_noun cents = {READING_MASCULINE, "цент", "цента", "центов"};
static const struct reading_noun pence = {READING_MASCULINE, "пенс", "пенса", "пенсов"};
static const struct reading_noun kopecks = {READING_FEMININE, "копейка", "копейки", "копеек"};

#define UNIT(spellings, gender, one, few, many)                                                    \
    {spellings, {READING_##gender, one, few, many}, NULL, false},
#define MONEY(spellings, gender, one, few, many, hundredth)                                        \
    {spellings, {READING_##gender, one, few, many}, hundredth, true},

/* clang-format off */
static const struct reading_unit magnitudes[] = {
    UNIT("кк kk КК KK M",                          MASCULINE, "миллион",  "миллиона",  "миллионов")
    UNIT("к k К K тысяча тысячи тысяч тыс",      FEMININE,  "тысяча",   "тысячи",    "тысяч")
    UNIT("миллион миллиона миллионов млн",       MASCULINE, "миллион",  "миллиона",  "миллионов")
    UNIT("миллиард миллиарда миллиардов млрд",   MASCULINE, "миллиард", "миллиарда", "миллиардов")
    {NULL, {0}, NULL, false},
};

static const struct reading_unit units[] = {
    MONEY("₽ руб р p r",        MASCULINE, "рубль",    "рубля",    "рублей",     &kopecks)
    MONEY("$ долл",             MASCULINE, "доллар",   "доллара",  "долларов",   &cents)
    MONEY("€",                  NEUTER,    "евро",     "евро",     "евро",       &cents)
    MONEY("£",                  MASCULINE, "фунт",     "фунта",    "фунтов",     &pence)
    MONEY("₴ грн",              FEMININE,  "гривна",   "гривны",   "гривен",     &kopecks)
    MONEY("₸ тнг тг",           NEUTER,    "тенге",    "тенге",    "тенге",      NULL)
    MONEY("¥",                  FEMININE,  "иена",     "иены",     "иен",        NULL)
    MONEY("₺",                  FEMININE,  "лира",     "лиры",     "лир",        NULL)
    MONEY("₹",                  FEMININE,  "рупия",    "рупии",    "рупий",      NULL)
    MONEY("₩",                  FEMININE,  "вона",     "воны",     "вон",        NULL)
    MONEY("₾",                  MASCULINE, "лари",     "лари",     "лари",       NULL)
    MONEY("₼",                  MASCULINE, "манат",    "маната",   "манатов",    NULL)
    MONEY("֏",                  MASCULINE, "драм",     "драма",    "драмов",     NULL)
    MONEY("₿",                  MASCULINE, "биткоин",  "биткоина", "биткоинов",  NULL)
    UNIT("коп",                 FEMININE,  "копейка",  "копейки",  "копеек")
    UNIT("%",                   MASCULINE, "процент",  "процента", "процентов")
    UNIT("°C °С ℃",             MASCULINE, "градус Цельсия", "градуса Цельсия", "градусов Цельсия")
    UNIT("°F ℉",                MASCULINE, "градус Фаренгейта", "градуса Фаренгейта", "градусов Фаренгейта")
    UNIT("° º",                 MASCULINE, "градус",   "градуса",  "градусов")
    UNIT("км/ч",                MASCULINE, "километр в час", "километра в час", "километров в час")
    UNIT("м/с",                 MASCULINE, "метр в секунду", "метра в секунду", "метров в секунду")
    UNIT("км",                  MASCULINE, "километр", "километра", "километров")
    UNIT("см",                  MASCULINE, "сантиметр", "сантиметра", "сантиметров")
    UNIT("мм",                  MASCULINE, "миллиметр", "миллиметра", "миллиметров")
    UNIT("м",                   MASCULINE, "метр",     "метра",    "метров")
    UNIT("кг",                  MASCULINE, "килограмм", "килограмма", "килограммов")
    UNIT("мл",                  MASCULINE, "миллилитр", "миллилитра", "миллилитров")
    UNIT("л",                   MASCULINE, "литр",     "литра",    "литров")
    UNIT("мин",                 FEMININE,  "минута",   "минуты",   "минут")
    UNIT("сек",                 FEMININE,  "секунда",  "секунды",  "секунд")
    UNIT("ч",                   MASCULINE, "час",      "часа",     "часов")
    UNIT("чел",                 MASCULINE, "человек",  "человека", "человек")
    UNIT("шт",                  FEMININE,  "штука",    "штуки",    "штук")
    UNIT("гб",                  MASCULINE, "гигабайт", "гигабайта", "гигабайт")
    UNIT("мб",                  MASCULINE, "мегабайт", "мегабайта", "мегабайт")
    {NULL, {0}, NULL, false},
};

static const struct reading_words signs[] = {
    {"№", "номер"},        {"&", "и"},             {"+", "плюс"},          {"=", "равно"},
    {"±", "плюс минус"},   {"≠", "не равно"},      {"≤", "не больше"},     {"≥", "не меньше"},
    {"÷", "разделить на"}, {"∞", "бесконечность"}, {"√", "корень из"},     {"‰", "промилле"},
    {"½", "одна вторая"},  {"¼", "одна четверть"}, {"¾", "три четверти"},  {"§", "параграф"},
    {"²", "в квадрате"},   {"³", "в кубе"},        {"%", "процентов"},     {"°", "градусов"},
    {"₽", "рублей"},       {"$", "долларов"},      {"€", "евро"},          {"£", "фунтов"},
    {NULL, NULL},
};

static const struct reading_words shortenings[] = {
    {"т.е", "то есть"},   {"т. е", "то есть"},     {"т.к", "так как"},     {"т. к", "так как"},
    {"т.д", "так далее"}, {"т. д", "так далее"},   {"т.п", "тому подобное"}, {"т. п", "тому подобное"},
    {"и др", "и другие"}, {"напр", "например"},    {"спс", "спасибо"},     {"пж", "пожалуйста"},
    {"пжл", "пожалуйста"}, {"пжлст", "пожалуйста"}, {"плз", "пожалуйста"}, {"плиз", "пожалуйста"},
    {"кст", "кстати"},    {"нзч", "не за что"},    {"оч", "очень"},        {"мб", "может быть"},
    {NULL, NULL},
};
/* clang-format on */

const struct reading_language reading_russian = {
    .tag = "ru",
    .magnitudes = magnitudes,
    .units = units,
    .signs = signs,
    .shortenings = shortenings,
    .minus = "минус",
    .number = "номер",
    .about = "примерно",
    .times = "на",
    .by = "на",
    .x = "икс",
    .less = "меньше",
    .more = "больше",
    .at = "собака",
    .sharp = "шарп",
    .to = "",
    .point = "точка",
    .put_number = put_number,
    .put_digits = put_digits,
    .put_special = russian_put_special,
    .put_ordinal = russian_put_counted_ordinal,
    .counted = counted,
};
