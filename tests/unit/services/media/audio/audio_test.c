/* SPDX-License-Identifier: MIT */
/* The real ttb-audio of the same build, in its sandbox; tests are skipped where it has not been
 * built. Workers that lie are shell scripts. */
#include "services/media/audio/audio.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tests/unit/services/media/audio/sounds.h"

#include "tests/support/worker_program.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define RATE_HZ 22050

static const struct audio_wish usual_wish = {
    .max_ms = 5000,
    .measure = 1,
    .normalise = 1,
    .loudness_lufs = -20,
    .peak_max_dbtp = -1,
    .copy_format = AUDIO_FORMAT_OF_FILE,
    .copy_max_bytes = 102400,
};

static char program[PATH_MAX];

static struct metrics *metrics;
static struct audio *audio;

static int find_program(void **state)
{
    worker_program_find("ttb-audio", program);
    return sounds_set_up(state);
}

static void open_program(const char *path)
{
    const struct audio_options options = {
        .program = path,
        .name = "sound",
        .workers = 1,
        .time_limit_ms = 120000,
        .metrics = metrics,
    };
    audio = audio_new(&options);
}

static void open_worker(void)
{
    if (access(program, X_OK) != 0)
        skip();
    open_program(program);
}

static int set_up(void **state)
{
    (void)state;
    metrics = metrics_new();
    audio = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    audio_free(audio);
    metrics_free(metrics);
    return 0;
}

static int64_t counted(const char *name)
{
    return metric_value(metrics_counter(metrics, name, "", "pool=\"sound\""));
}

static void assert_one_worker_did_it(void)
{
    assert_int_equal(counted("ttb_worker_starts_total"), 1);
    assert_int_equal(counted("ttb_worker_crashes_total"), 0);
}

static enum status examine(struct slice file, const struct audio_wish *wish,
                           struct audio_measure *ret_measure, struct buffer *copy)
{
    return audio_examine(audio, file, wish, clock_mono_ms() + 60000, ret_measure, copy);
}

static enum status examine_made(const char *arguments, struct audio_measure *ret_measure,
                                struct buffer *copy)
{
    AUTO_SOUND(file);
    sounds_make(arguments, &file);
    return examine(buffer_slice(&file), &usual_wish, ret_measure, copy);
}

static void sounds_of_all_formats_are_measured_and_copied(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        const char *format;
    } makes[] = {
        {NOISE("5") "-b:a 96k a.mp3", "mp3"},
        {NOISE("1") "-ar 24000 a.wav", "wav"},
        {NOISE("5") "-c:a libvorbis a.ogg", "ogg-vorbis"},
        {NOISE("5") "-b:a 64k a.opus", "ogg-opus"},
        {NOISE("5") "-b:a 96k a.m4a", "m4a"},
    };
    open_worker();
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        AUTO_SOUND(copy);
        struct audio_measure measure;
        assert_int_equal(examine_made(makes[i].arguments, &measure, &copy), STATUS_OK);
        assert_string_equal(audio_format_name((enum audio_format)measure.format), makes[i].format);
        assert_true(measure.duration_ms == (i == 1 ? 1000 : 5000));
        double lufs, peak_dbtp;
        sounds_measure(buffer_slice(&copy), &lufs, &peak_dbtp);
        assert_true(fabs(lufs - -20) < 0.5 && peak_dbtp < -0.7);
    }
    assert_one_worker_did_it();
}

static void what_is_too_long_is_measured_only(void **state)
{
    (void)state;
    open_worker();
    AUTO_SOUND(copy);
    struct audio_measure measure;
    assert_int_equal(examine_made(NOISE("5.01") "a.mp3", &measure, &copy), STATUS_OK);
    assert_int_equal(measure.duration_ms, 5010);
    assert_int_equal(copy.size, 0);
    assert_int_equal(examine_made(NOISE("60") "-b:a 32k a.mp3", &measure, &copy), STATUS_OK);
    assert_true(measure.duration_ms > 5000);
    assert_int_equal(copy.size, 0);
}

static void what_is_no_sound_is_invalid_and_harms_no_worker(void **state)
{
    (void)state;
    open_worker();
    AUTO_SOUND(file);
    AUTO_SOUND(copy);
    struct audio_measure measure;
    static const char *const beginnings[] = {"",        "RIFFxxxxWAVEfmt ", "OggS",  "xxxxftyp",
                                             "ID3\x04", "\xFF\xFB\x90\x64", "<html>"};
    srand(2);
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
        buffer_clear(&file);
        buffer_add_text(&file, beginnings[i]);
        while (file.size < 50000)
            buffer_add_char(&file, (char)(rand() >> 7));
        assert_int_equal(examine(buffer_slice(&file), &usual_wish, &measure, &copy),
                         STATUS_INVALID);
    }
    assert_int_equal(examine((struct slice){"", 0}, &usual_wish, &measure, &copy), STATUS_INVALID);
    assert_int_equal(examine_made(NOISE("1") "-c:a libopus a.webm", &measure, &copy),
                     STATUS_INVALID);
    assert_int_equal(examine_made(NOISE("1") "a.flac", &measure, &copy), STATUS_INVALID);
    assert_int_equal(examine_made(NOISE("1") "a.mp3", &measure, &copy), STATUS_OK);
    assert_one_worker_did_it();
}

static void a_file_beyond_the_largest_is_invalid(void **state)
{
    (void)state;
    open_worker();
    AUTO_SOUND(file);
    AUTO_SOUND(out);
    struct audio_measure measure;
    sounds_make(NOISE("1") "a.wav", &file);
    static const char zeros[65536];
    while (file.size <= AUDIO_FILE_MAX)
        buffer_add(&file, zeros, sizeof(zeros));
    assert_int_equal(examine(buffer_slice(&file), &usual_wish, &measure, &out), STATUS_INVALID);
    assert_int_equal(
        audio_decode(audio, buffer_slice(&file), RATE_HZ, 60000, clock_mono_ms() + 60000, &out),
        STATUS_INVALID);
    assert_int_equal(counted("ttb_worker_starts_total"), 0);
}

static struct slice make_speech(void)
{
    static int16_t samples[2 * RATE_HZ];
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        samples[i] = (int16_t)lrint(16000 * sin(2 * M_PI * 400 / RATE_HZ * (double)i));
    return (struct slice){samples, sizeof(samples)};
}

static void speech_is_encoded_and_decoded(void **state)
{
    (void)state;
    static const enum audio_format formats[] = {AUDIO_MP3, AUDIO_WAV, AUDIO_OGG_OPUS};
    static const double tempos[] = {1, 0.25, 0.8, 2, 4};
    open_worker();
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        for (size_t k = 0; k < ARRAY_LEN(tempos); k++) {
            AUTO_SOUND(file);
            AUTO_SOUND(pcm);
            assert_int_equal(audio_encode(audio, make_speech(), RATE_HZ, tempos[k], formats[i],
                                          clock_mono_ms() + 60000, &file),
                             STATUS_OK);
            assert_int_equal(audio_decode(audio, buffer_slice(&file), RATE_HZ, 60000,
                                          clock_mono_ms() + 60000, &pcm),
                             STATUS_OK);
            double seconds = (double)pcm.size / sizeof(int16_t) / RATE_HZ;
            assert_true(fabs(seconds - 2 / tempos[k]) < 0.03 / tempos[k] + 0.03);
        }
    assert_one_worker_did_it();
}

static void what_the_caller_has_no_room_for_is_too_large(void **state)
{
    (void)state;
    open_worker();
    AUTO_BUFFER(small, 1000);
    assert_int_equal(
        audio_encode(audio, make_speech(), RATE_HZ, 1, AUDIO_MP3, clock_mono_ms() + 60000, &small),
        STATUS_TOO_LARGE);
    AUTO_SOUND(nothing);
    assert_int_equal(audio_encode(audio, (struct slice){"", 0}, RATE_HZ, 1, AUDIO_MP3,
                                  clock_mono_ms() + 60000, &nothing),
                     STATUS_INVALID);
}

/* The first child of this process. */
static long find_worker(void)
{
    char path[64], text[64] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    if (!file || !fgets(text, sizeof(text), file))
        skip(); /* not all kernels have this */
    fclose(file);
    return strtol(text, NULL, 10);
}

static void the_worker_is_in_its_sandbox_and_alone(void **state)
{
    (void)state;
    open_worker();
    AUTO_SOUND(file);
    assert_int_equal(
        audio_encode(audio, make_speech(), RATE_HZ, 1.5, AUDIO_MP3, clock_mono_ms() + 60000, &file),
        STATUS_OK);
    char path[64], line[256];
    snprintf(path, sizeof(path), "/proc/%ld/status", find_worker());
    FILE *status = fopen(path, "r");
    assert_non_null(status);
    unsigned found = 0;
    while (fgets(line, sizeof(line), status))
        found += text_equal(line, "Seccomp:\t2\n") || text_equal(line, "NoNewPrivs:\t1\n") ||
                 text_equal(line, "Threads:\t1\n");
    fclose(status);
    assert_int_equal(found, 3);
}

/* A worker that answers each request with this. */
static void open_liar(struct slice answer)
{
    const uint32_t frame[] = {0, (uint32_t)answer.size}; /* WORKER_READY */
    AUTO_SOUND(bytes);
    buffer_add(&bytes, frame, sizeof(frame));
    buffer_add(&bytes, answer.data, answer.size);
    sounds_save("answer", buffer_slice(&bytes));
    char script[256], path[128];
    snprintf(script, sizeof(script),
             "#!/bin/sh\nprintf '\\0\\0\\0\\0\\0\\0\\0\\0'; head -c 9 >/dev/null; cat %s/answer; "
             "cat >/dev/null\n",
             sounds_folder);
    sounds_save("liar", (struct slice){script, strlen(script)});
    snprintf(path, sizeof(path), "%s/liar", sounds_folder);
    assert_int_equal(chmod(path, 0700), 0);
    audio_free(audio);
    open_program(path);
}

static enum status examine_by_liar(const struct audio_measure *measure, size_t copy_bytes,
                                   const struct audio_wish *wish)
{
    AUTO_SOUND(answer);
    AUTO_SOUND(copy);
    struct audio_measure ignored;
    buffer_add(&answer, measure, sizeof(*measure));
    while (copy_bytes-- > 0)
        buffer_add_char(&answer, 'x');
    open_liar(buffer_slice(&answer));
    return examine((struct slice){"some file", 9}, wish, &ignored, &copy);
}

static void measures_of_nonsense_are_not_believed(void **state)
{
    (void)state;
    const struct audio_measure sane = {
        .format = AUDIO_WAV, .copy_format = AUDIO_WAV, .duration_ms = 1000, .loudness_lufs = -20};
    assert_int_equal(examine_by_liar(&sane, 0, &usual_wish), STATUS_OK);
    assert_int_equal(examine_by_liar(&sane, 102400, &usual_wish), STATUS_OK);
    assert_int_equal(examine_by_liar(&sane, 102401, &usual_wish), STATUS_INTERNAL);

    struct audio_measure lies[] = {sane, sane, sane, sane, sane, sane, sane};
    lies[0].format = AUDIO_FORMAT_COUNT;
    lies[1].copy_format = AUDIO_MP3;
    lies[2].is_silent = 2;
    lies[3].loudness_lufs = NAN;
    lies[4].peak_dbtp = INFINITY;
    lies[5].gain_db = -INFINITY;
    lies[6].format = lies[6].copy_format = 0x7FFFFFFF;
    for (size_t i = 0; i < ARRAY_LEN(lies); i++)
        assert_int_equal(examine_by_liar(&lies[i], 0, &usual_wish), STATUS_INTERNAL);

    struct audio_measure without_copy = sane;
    without_copy.is_silent = 1;
    assert_int_equal(examine_by_liar(&without_copy, 1, &usual_wish), STATUS_INTERNAL);
    without_copy = sane;
    without_copy.duration_ms = 5001;
    assert_int_equal(examine_by_liar(&without_copy, 1, &usual_wish), STATUS_INTERNAL);
    struct audio_wish wish = usual_wish;
    wish.normalise = 0;
    assert_int_equal(examine_by_liar(&sane, 1, &wish), STATUS_INTERNAL);
}

static void short_and_odd_answers_are_not_believed(void **state)
{
    (void)state;
    AUTO_SOUND(out);
    struct audio_measure measure;
    static const char zeros[1000];
    const struct slice file = {"some file", 9};
    const int64_t deadline_ms = clock_mono_ms() + 60000;
    open_liar((struct slice){zeros, sizeof(measure) - 1});
    assert_int_equal(examine(file, &usual_wish, &measure, &out), STATUS_INTERNAL);
    open_liar((struct slice){zeros, 0});
    assert_int_equal(audio_encode(audio, file, RATE_HZ, 1, AUDIO_MP3, deadline_ms, &out),
                     STATUS_INTERNAL);
    open_liar((struct slice){zeros, 0});
    assert_int_equal(audio_decode(audio, file, RATE_HZ, 1000, deadline_ms, &out), STATUS_INTERNAL);
    open_liar((struct slice){zeros, 3});
    assert_int_equal(audio_decode(audio, file, RATE_HZ, 1000, deadline_ms, &out), STATUS_INTERNAL);
    open_liar((struct slice){zeros, 1000});
    assert_int_equal(audio_decode(audio, file, RATE_HZ, 22, deadline_ms, &out), STATUS_INTERNAL);
    open_liar((struct slice){zeros, 1000});
    assert_int_equal(audio_decode(audio, file, RATE_HZ, 23, deadline_ms, &out), STATUS_OK);
    assert_int_equal(out.size, 1000);
}

#define AUDIO_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AUDIO_TEST(sounds_of_all_formats_are_measured_and_copied),
        AUDIO_TEST(what_is_too_long_is_measured_only),
        AUDIO_TEST(what_is_no_sound_is_invalid_and_harms_no_worker),
        AUDIO_TEST(a_file_beyond_the_largest_is_invalid),
        AUDIO_TEST(speech_is_encoded_and_decoded),
        AUDIO_TEST(what_the_caller_has_no_room_for_is_too_large),
        AUDIO_TEST(the_worker_is_in_its_sandbox_and_alone),
        AUDIO_TEST(measures_of_nonsense_are_not_believed),
        AUDIO_TEST(short_and_odd_answers_are_not_believed),
    };
    return cmocka_run_group_tests(tests, find_program, sounds_tear_down);
}
