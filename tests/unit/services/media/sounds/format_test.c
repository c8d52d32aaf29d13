/* SPDX-License-Identifier: MIT */
#include "services/media/sounds/format.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum audio_format format_of(const char *filename, const char *file)
{
    return format_of_copy(filename, (struct slice){file, strlen(file)});
}

static void a_copy_agrees_with_its_name(void **state)
{
    (void)state;
    assert_int_equal(format_of("boom.mp3", "RIFF...."), AUDIO_MP3);
    assert_int_equal(format_of("boom.WAV", "OggS...."), AUDIO_WAV);
    assert_int_equal(format_of("boom.m4a", "OggS...."), AUDIO_M4A);
    assert_int_equal(format_of("boom.opus", "OggS...."), AUDIO_OGG_OPUS);
    assert_int_equal(format_of("boom.ogg", "RIFF...."), AUDIO_OGG_VORBIS);
    assert_int_equal(format_of("boom.oga", ""), AUDIO_OGG_VORBIS);
}

static void an_ogg_file_called_ogg_stays_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(format_of("boom.ogg", "OggS...."), AUDIO_FORMAT_OF_FILE);
    assert_int_equal(format_of("boom.OGA", "OggS...."), AUDIO_FORMAT_OF_FILE);
}

static void a_name_that_says_nothing_leaves_it_to_the_file(void **state)
{
    (void)state;
    static const char *const names[] = {"boom", "boom.exe", "mp3", "boom.mp3.bak"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(format_of(names[i], "RIFF...."), AUDIO_FORMAT_OF_FILE);
        assert_false(format_is_in_name(names[i]));
    }
    assert_true(format_is_in_name("boom.Mp3"));
}

static void each_format_has_an_extension_that_means_it(void **state)
{
    (void)state;
    static const char *const extensions[] = {".mp3", ".wav", ".ogg", ".opus", ".m4a"};
    for (unsigned format = 0; format < AUDIO_FORMAT_COUNT; format++)
        assert_string_equal(format_extension(format), extensions[format]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_agrees_with_its_name),
        cmocka_unit_test(an_ogg_file_called_ogg_stays_what_it_is),
        cmocka_unit_test(a_name_that_says_nothing_leaves_it_to_the_file),
        cmocka_unit_test(each_format_has_an_extension_that_means_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
