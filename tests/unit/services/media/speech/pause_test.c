/* SPDX-License-Identifier: MIT */
#include "services/media/speech/pause.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void the_mark_before_it_says_how_long_a_pause_is(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        unsigned pause_ms;
    } cases[] = {
        {"Привет! ", "Hello", PAUSE_SENTENCE_MS},
        {"Он сказал: «Пора…» ", "And left", PAUSE_SENTENCE_MS},
        {"Готово?", " Да", PAUSE_SENTENCE_MS},
        {"好的。", "Good", PAUSE_SENTENCE_MS},
        {"नमस्ते। ", "Hello", PAUSE_SENTENCE_MS},
        {"Привет, ", "Bob", PAUSE_CLAUSE_MS},
        {"сюда — ", "here", PAUSE_CLAUSE_MS},
        {"你好，", "Bob", PAUSE_CLAUSE_MS},
        {"слово ", "word", PAUSE_WORD_MS},
        {"слово", " word", PAUSE_WORD_MS},
        {"(слово) ", "word", PAUSE_WORD_MS},
        {"site.", "ru", 0},
        {"12,", "5", 0},
        {"iPhone", "ы", 0},
        {"iPhone-", "ы", 0},
        {"Конец.", "", 0},
        {"", "Начало", 0},
        {" \"", "Начало", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned pause_ms = pause_between(cases[i].before, cases[i].after);
        if (pause_ms != cases[i].pause_ms)
            fail_msg("%u ms between '%s' and '%s'", pause_ms, cases[i].before, cases[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_before_it_says_how_long_a_pause_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
