/* SPDX-License-Identifier: MIT */
#include "services/media/domain/samples.h"

#include "services/media/domain/voices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_local_voice_can_say_its_sample(void **state)
{
    (void)state;
    size_t count;
    const struct voice *voices = voices_list(&count);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(voices_for_text(&voices[i], sample_text(voices[i].lang)), &voices[i]);
}

static void others_speak_english(void **state)
{
    (void)state;
    const char *english = sample_text("en");
    assert_string_equal(sample_text("en-GB"), english);
    assert_string_equal(sample_text("xx"), english);
    assert_string_equal(sample_text(NULL), english);
    assert_string_not_equal(sample_text("de_AT"), english);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_local_voice_can_say_its_sample),
        cmocka_unit_test(others_speak_english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
