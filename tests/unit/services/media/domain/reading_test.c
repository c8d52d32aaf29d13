/* SPDX-License-Identifier: MIT */
/* What is wanted was heard from espeak-ng, and is what a Russian or an English speaker says. */
#include "services/media/domain/reading.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct example {
    const char *text;
    const char *read;
};

static void check(const char *lang, const struct example *examples, size_t count)
{
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        const char *read = reading_prepare(arena, lang, examples[i].text);
        if (!text_equal(read, examples[i].read))
            print_error("%s\n", examples[i].text);
        assert_string_equal(read, examples[i].read);
    }
}

#define CHECK(lang, ...)                                                                           \
    do {                                                                                           \
        static const struct example examples[] = {__VA_ARGS__};                                    \
        check(lang, examples, ARRAY_LEN(examples));                                                \
    } while (0)

static void money_in_russian(void **state)
{
    (void)state;
    CHECK("ru-RU", {"дал $5 вчера", "дал пять долларов вчера"}, {"1₽", "один рубль"},
          {"2₽", "два рубля"}, {"5₽", "пять рублей"}, {"11₽", "одиннадцать рублей"},
          {"21 ₽", "двадцать один рубль"}, {"104₽", "сто четыре рубля"},
          {"112 руб", "сто двенадцать рублей"}, {"100 руб. Спасибо", "сто рублей. Спасибо"},
          {"100 руб. за всё", "сто рублей за всё"}, {"100р", "сто рублей"},
          {"100p и 5 р.", "сто рублей и пять рублей."}, {"1,5₽", "полтора рубля"},
          {"2,5 рубля", "две целых пять десятых рубля"}, {"2.5₽", "две целых пять десятых рубля"},
          {"10,50 ₽", "десять рублей пятьдесят копеек"}, {"0,01₽", "одна копейка"},
          {"10,00₽", "десять рублей"}, {"$5", "пять долларов"}, {"5$", "пять долларов"},
          {"$ 21", "двадцать один доллар"}, {"$1.50", "один доллар пятьдесят центов"},
          {"€10.50", "десять евро пятьдесят центов"}, {"£3", "три фунта"}, {"₴2", "две гривны"},
          {"1₴", "одна гривна"}, {"500 ₸", "пятьсот тенге"}, {"¥22", "двадцать две иены"},
          {"$5k", "пять тысяч долларов"}, {"$5 млн", "пять миллионов долларов"},
          {"10к руб", "десять тысяч рублей"}, {"много $", "много долларов"},
          {"+100₽", "плюс сто рублей"});
}

static void counts_in_russian(void **state)
{
    (void)state;
    CHECK(
        "ru", {"0", "ноль"}, {"1000", "тысяча"}, {"1999", "тысяча девятьсот девяносто девять"},
        {"21000", "двадцать одна тысяча"}, {"1000000", "один миллион"},
        {"1000001", "один миллион один"}, {"2000000", "два миллиона"},
        {"1 000 000", "один миллион"}, {"1,000,000", "один миллион"}, {"1.000.000", "один миллион"},
        {"1'000'000", "один миллион"}, {"1 500 рублей", "тысяча пятьсот рублей"},
        {"12 345₽", "двенадцать тысяч триста сорок пять рублей"},
        {"12 345", "двенадцать триста сорок пять"}, {"1,000", "тысяча"},
        {"3,14", "три целых четырнадцать сотых"}, {"21,1", "двадцать одна целая одна десятая"},
        {"0,5", "ноль целых пять десятых"}, {"1,234", "одна целая двести тридцать четыре тысячных"},
        {"3,14159", "три запятая один четыре один пять девять"}, {"2.0", "два ноль"},
        {"5к", "пять тысяч"}, {"1,5к", "полторы тысячи"},
        {"2k подписчиков", "две тысячи подписчиков"}, {"5кк", "пять миллионов"},
        {"5 к 1", "пять к один"}, {"5 тыс. зрителей", "пять тысяч зрителей"},
        {"1%", "один процент"}, {"2 %", "два процента"}, {"5%", "пять процентов"},
        {"1,5%", "полтора процента"}, {"2,5%", "две целых пять десятых процента"},
        {"1 минута", "одна минута"}, {"2 минуты", "две минуты"},
        {"21 минуту", "двадцать одну минуту"}, {"1 место", "одно место"}, {"2 розы", "две розы"},
        {"2 часа", "два часа"}, {"10 кг", "десять килограммов"}, {"3 мин", "три минуты"},
        {"1 сек", "одна секунда"}, {"5 км/ч", "пять километров в час"}, {"2 чел.", "два человека."},
        {"5 шт", "пять штук"}, {"-5°C", "минус пять градусов Цельсия"}, {"1°", "один градус"},
        {"−5", "минус пять"}, {"1,2,3", "один, два, три"}, {"1.2.3", "один точка два точка три"});
}

static void what_is_no_count_in_russian(void **state)
{
    (void)state;
    CHECK(
        "ru",
        {"89161234567",
         "восемь, девятьсот шестнадцать, сто двадцать три, сорок пять, шестьдесят семь"},
        {"+7 916 123-45-67",
         "плюс семь девятьсот шестнадцать сто двадцать три, сорок пять, шестьдесят семь"},
        {"007", "ноль ноль семь"}, {"05", "ноль пять"},
        {"1234567890", "сто двадцать три, четыреста пятьдесят шесть, семьдесят восемь, девяносто"},
        {"20:30", "двадцать тридцать"}, {"20:05", "двадцать ноль пять"},
        {"20:00", "двадцать ноль ноль"}, {"счёт 3:2", "счёт три два"},
        {"1:02:03", "один ноль два ноль три"}, {"5-10 минут", "пять десять минут"},
        {"100–200₽", "сто двести рублей"},
        {"12.05.2024", "двенадцатого мая две тысячи двадцать четвёртого года"},
        {"12/05/24 г. ок", "двенадцатого мая двадцать четвёртого года ок"},
        {"31.12", "тридцать первого декабря"}, {"10.12₽", "десять рублей двенадцать копеек"},
        {"5 мая", "пятого мая"}, {"в 2024 году", "в две тысячи двадцать четвёртом году"},
        {"2000 год", "двухтысячный год"}, {"1/2", "одна вторая"}, {"2/3", "две трети"},
        {"9/10", "девять из десяти"}, {"24/7", "двадцать четыре на семь"},
        {"5/7", "пять дробь семь"}, {"1-й", "первый"}, {"2-я", "вторая"}, {"2й", "второй"},
        {"3-го", "третьего"}, {"3-е место", "третье место"}, {"40-й", "сороковой"},
        {"121-му", "сто двадцать первому"}, {"90-е", "девяностые"}, {"5-ти", "пяти"},
        {"2-х", "двух"}, {"18-летний", "восемнадцать летний"}, {"5×5", "пять на пять"},
        {"1920x1080", "тысяча девятьсот двадцать на тысяча восемьдесят"}, {"х2", "икс два"},
        {"x5", "икс пять"}, {"ник123", "ник сто двадцать три"});
}

static void signs_and_words_in_russian(void **state)
{
    (void)state;
    CHECK("ru", {"№5", "номер пять"}, {"№ 7", "номер семь"}, {"#1", "номер один"},
          {"а & б", "а и б"}, {"а &amp; б", "а и б"},
          {"@ivan_99 привет", "ivan девяносто девять привет"}, {"@Анна", "Анна"},
          {"#хештег", "хештег"}, {"я@дом", "я собака дом"}, {"C#", "C шарп"},
          {"2+2=4", "два плюс два равно четыре"}, {"+++", "плюс"}, {"5 < 6", "пять меньше шесть"},
          {"~5", "примерно пять"}, {"да/нет", "да нет"}, {"т.е. да", "то есть да"},
          {"и т.д. Потом", "и так далее. Потом"}, {"т.к. нет", "так как нет"},
          {"Спс, пж", "спасибо, пожалуйста"}, {"испспс", "испспс"}, {"½", "одна вторая"},
          {"5 м²", "пять метров в квадрате"}, {"а ≈ б ™ • §", "а б параграф"},
          {"\"да\" (нет) «ну» — так…", "\"да\" (нет) «ну» — так…"});
}

static void money_in_english(void **state)
{
    (void)state;
    CHECK("en-US", {"I paid $10.50 for it", "I paid 10 dollars 50 cents for it"},
          {"a $ 5 b", "a 5 dollars b"}, {"$1", "1 dollar"}, {"$5", "5 dollars"},
          {"5$", "5 dollars"}, {"$21", "21 dollars"}, {"$10.50", "10 dollars 50 cents"},
          {"$0.01", "1 cent"}, {"$0.99", "99 cents"}, {"$3.00", "3 dollars"},
          {"$1.5", "1.5 dollars"}, {"$5k", "5 thousand dollars"}, {"$1.5M", "1.5 million dollars"},
          {"$5 million", "5 million dollars"}, {"$1,000,000", "1000000 dollars"}, {"€1", "1 euro"},
          {"£3", "3 pounds"}, {"£1.01", "1 pound 1 penny"}, {"100₽", "100 rubles"},
          {"2₴", "2 grivnas"}, {"500₸", "500 tenge"}, {"5 usd", "5 dollars"},
          {"so much $", "so much dollars"});
}

static void counts_in_english(void **state)
{
    (void)state;
    CHECK("en", {"5", "5"}, {"1,000,000", "1000000"}, {"1,000", "1000"}, {"1 000 000", "1000000"},
          {"12,345.67", "12345.67"}, {"3.14", "3.14"}, {"3,14", "3.14"}, {"1.2.3", "1.2.3"},
          {"5k", "5 thousand"}, {"10K views", "10 thousand views"}, {"5%", "5 percent"},
          {"3,5 %", "3.5 percent"}, {"1°C", "1 degree Celsius"}, {"70°F", "70 degrees Fahrenheit"},
          {"-5 out", "minus 5 out"}, {"10 kg", "10 kilograms"}, {"1 lb", "1 pound"},
          {"5 min. left", "5 minutes left"}, {"60 mph", "60 miles an hour"}, {"2nd", "2nd"},
          {"1990s", "1990s"}, {"20:30", "20 30"}, {"8:05", "8 oh 5"}, {"8:00", "8 o'clock"},
          {"8:00 pm", "8 pm"}, {"20:00", "20 hundred"}, {"3:2", "3 to 2"},
          {"5-10 minutes", "5 to 10 minutes"}, {"2020–2024", "2020 to 2024"},
          {"1-800-555-1234", "1, 800, 555, 1234"}, {"(555) 123-4567", "(555) 123, 4567"},
          {"5-year-old", "5 year-old"}, {"007", "0 0 7"},
          {"89161234567", "8, 9 1 6, 1 2 3, 4 5 6 7"}, {"1/2", "1 half"}, {"3/4", "3 quarters"},
          {"9/10", "9 out of 10"}, {"24/7", "24 7"}, {"12.05.2024", "12 5 2024"}, {"5x5", "5 by 5"},
          {"5×5", "5 times 5"}, {"2*2", "2 times 2"}, {"PS5", "PS5"}, {"3D", "3D"});
}

static void signs_and_words_in_english(void **state)
{
    (void)state;
    CHECK("en", {"№5", "number 5"}, {"#1", "number 1"}, {"#tag_name", "tag name"},
          {"a & b", "a and b"}, {"R&B", "R and B"}, {"@ivan_99 hi", "ivan 99 hi"},
          {"me@home", "me at home"}, {"C#", "C sharp"}, {"C++", "C plus plus"},
          {"2+2=4", "2 plus 2 equals 4"}, {"~5", "about 5"}, {"5 < 6", "5 less than 6"},
          {"and/or", "and or"}, {"w/ you", "with you"}, {"w/o you", "without you"},
          {"Pls idk", "please I don't know"}, {"don't", "don't"},
          {"Mr. Smith, e.g. this.", "Mr. Smith, e.g. this."});
}

static void other_languages_lose_only_what_nobody_wants_to_hear(void **state)
{
    (void)state;
    CHECK("de", {"*fett* @ivan_99 #x", "fett ivan 99 x"}, {"5% & $5", "5% & $5"},
          {"1 000 000", "1000000"}, {"3,14 2-3", "3,14 2-3"}, {"<b>hallo</b>", "hallo"},
          {"GROSSE ÜBERRASCHUNG", "grosse überraschung"});
    CHECK("zh", {"你好 _5_", "你好 5"});
    CHECK(NULL, {"hi * 5%", "hi 5%"});
    CHECK("eng", {"5%", "5%"});
    CHECK("RU", {"5%", "пять процентов"});
}

static void shouting_is_read_calmly(void **state)
{
    (void)state;
    CHECK("ru", {"ПРИВЕТ ВСЕМ", "привет всем"}, {"да, ПРИВЕТ вам", "да, привет вам"},
          {"США и ФБР", "США и ФБР"}, {"МВД", "МВД"}, {"ОК ДА", "ок да"},
          {"ну КТО ЖЕ ТАМ был", "ну кто же там был"}, {"ЁЖИК", "ЁЖИК"}, {"ЁЖИКИ", "ёжики"},
          {"Я ТУТ один", "Я ТУТ один"});
    CHECK("en", {"GIVE IT TO US", "give it to us"}, {"the USA and TTS", "the USA and TTS"},
          {"I am OK", "I am OK"}, {"YouTube iPhone", "YouTube iPhone"},
          {"what a SURPRISE", "what a surprise"}, {"5G 3D PS tv", "5G 3D PS tv"});
}

static void laughter_ends(void **state)
{
    (void)state;
    CHECK("ru", {"ахахахахахах", "ахахах"}, {"хахахахаха!", "хахаха!"}, {"ахаха", "ахаха"},
          {"АХАХАХАХАХ", "ахахах"}, {"лаллаллаллаллал", "лаллаллал"}, {"тигрбигр", "тигрбигр"},
          {"хехехехе хехехехе", "хехехе хехехе"},
          {"абвгдежзийклмнопрстуфхцчшщъыьэюяабвгдежзийклмнопрстуф",
           "абвгдежзийклмнопрстуфхцчшщъыьэюяабвгдежз"});
    CHECK("en", {"hahahahahaha", "hahaha"}, {"mississippi banana", "mississippi banana"});
    CHECK("zh", {"哈哈哈你好吗哈哈哈", "哈哈哈你好吗哈哈哈"});
}

static void markup_is_neither_obeyed_nor_read(void **state)
{
    (void)state;
    CHECK("ru", {"<b>да</b>", "да"}, {"<speak>я <break time=\"5s\"/>тут</speak>", "я тут"},
          {"<voice name='x'>да", "да"}, {"<привет>", "привет"}, {"&lt;b&gt;", "b"},
          {"*жирно* _курсив_ `код` ~~нет~~ [а] {б} а|б а\\б ^", "жирно курсив код нет а б а б а б"},
          {"х*й прив~ет", "хй привет"}, {":D", ""}, {"привет =) xD T_T <3 ;-P", "привет"},
          {"привет:)", "привет"}, {"в 8:3", "в восемь три"}, {"->", ""}, {")))", ")))"});
    CHECK("en", {"<hello> <a and b>", "hello a and b"}, {"<!-- x --> y", "y"},
          {"i <3 you > me", "i you me"}, {"[[hello]] \\rate=5", "hello rate equals 5"});
}

static void bytes_that_are_no_text_go(void **state)
{
    (void)state;
    CHECK("en",
          {"a\xFF"
           "b\xC3",
           "ab"},
          {"a\xE2\x80\xAE"
           "b\xE2\x80\x8B"
           "c",
           "abc"},
          {"a\tb\nc", "a b c"}, {"\x01[[", ""}, {"", ""}, {" . ", "."});
}

static void what_is_written_out_is_bounded(void **state)
{
    (void)state;
    AUTO(arena_free) struct arena *arena = arena_new(1024 * 1024);
    static const char *const units[] = {"9", "9 ",   "999 ", "%",  "% ",    "=",
                                        "½", "4,4 ", "$9",   "9к", "9₽ ", "999999-й "};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        AUTO_BUFFER(text, 4096);
        while (text.size < 4000)
            buffer_add_text(&text, units[i]);
        const char *read = reading_prepare(arena, "ru", buffer_text(&text));
        assert_true(strlen(read) <= READING_MAX_BYTES(text.size));
        assert_true(text_utf8_is_valid(read, strlen(read)));
        arena_reset(arena);
    }
    /* A number that is no number is not read to its end. */
    AUTO_BUFFER(digits, 4096);
    for (int i = 0; i < 4000; i++)
        buffer_add_char(&digits, '7');
    assert_true(strlen(reading_prepare(arena, "ru", buffer_text(&digits))) < 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_in_russian),
        cmocka_unit_test(counts_in_russian),
        cmocka_unit_test(what_is_no_count_in_russian),
        cmocka_unit_test(signs_and_words_in_russian),
        cmocka_unit_test(money_in_english),
        cmocka_unit_test(counts_in_english),
        cmocka_unit_test(signs_and_words_in_english),
        cmocka_unit_test(other_languages_lose_only_what_nobody_wants_to_hear),
        cmocka_unit_test(shouting_is_read_calmly),
        cmocka_unit_test(laughter_ends),
        cmocka_unit_test(markup_is_neither_obeyed_nor_read),
        cmocka_unit_test(bytes_that_are_no_text_go),
        cmocka_unit_test(what_is_written_out_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
