/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/decode.h"

#include "tests/unit/services/media/audio/sounds.h"

#include <libavutil/log.h>
#include <math.h>

#define MAX_MS 20000

static bool decode(struct slice file, struct decoded *ret_decoded)
{
    const struct decode_wish wish = {.max_ms = MAX_MS, .channels_max = 2};
    *ret_decoded = (struct decoded){0};
    return decode_file(file, &wish, ret_decoded);
}

/* Its length; -1 when it is refused. */
static int duration_ms(struct slice file)
{
    struct decoded decoded;
    int duration_ms = decode(file, &decoded) ? (int)decoded.duration_ms : -1;
    pcm_done(&decoded.pcm);
    return duration_ms;
}

static int made_duration_ms(const char *arguments)
{
    AUTO_SOUND(file);
    sounds_make(arguments, &file);
    return duration_ms(buffer_slice(&file));
}

static void assert_near(int value, int expected, int tolerance)
{
    if (value < expected - tolerance || value > expected + tolerance)
        fail_msg("%d is not %d +- %d", value, expected, tolerance);
}

struct example {
    const char *arguments; /* of ffmpeg, after five seconds of noise */
    enum audio_format format;
    unsigned rate_hz;
    unsigned channels;
};

static const struct example examples[] = {
    {"-ac 2 -b:a 128k a.mp3", AUDIO_MP3, 44100, 2},
    {"-ac 2 -q:a 4 a.mp3", AUDIO_MP3, 44100, 2},
    {"-ac 1 -b:a 64k a.mp3", AUDIO_MP3, 44100, 1},
    {"-ac 2 -ar 48000 -b:a 320k a.mp3", AUDIO_MP3, 48000, 2},
    {"-ac 1 -ar 22050 -b:a 32k a.mp3", AUDIO_MP3, 22050, 1},
    {"-ac 1 -ar 8000 -b:a 16k a.mp3", AUDIO_MP3, 8000, 1},
    {"-ac 2 -c:a pcm_u8 a.wav", AUDIO_WAV, 44100, 2},
    {"-ac 1 -c:a pcm_s16le a.wav", AUDIO_WAV, 44100, 1},
    {"-ac 2 -c:a pcm_s24le -ar 96000 a.wav", AUDIO_WAV, 96000, 2},
    {"-ac 2 -c:a pcm_s32le a.wav", AUDIO_WAV, 44100, 2},
    {"-ac 2 -c:a pcm_f32le a.wav", AUDIO_WAV, 44100, 2},
    {"-ac 2 -c:a pcm_f64le a.wav", AUDIO_WAV, 44100, 2},
    {"-ac 1 -ar 8000 -c:a pcm_alaw a.wav", AUDIO_WAV, 8000, 1},
    {"-ac 1 -ar 8000 -c:a pcm_mulaw a.wav", AUDIO_WAV, 8000, 1},
    {"-ac 8 -c:a pcm_s16le a.wav", AUDIO_WAV, 44100, 2},
    {"-ac 2 -c:a libvorbis a.ogg", AUDIO_OGG_VORBIS, 44100, 2},
    {"-ac 1 -ar 8000 -c:a libvorbis a.ogg", AUDIO_OGG_VORBIS, 8000, 1},
    {"-ac 6 -c:a libvorbis a.ogg", AUDIO_OGG_VORBIS, 44100, 2},
    {"-ac 2 -c:a libopus a.opus", AUDIO_OGG_OPUS, 48000, 2},
    {"-ac 1 -c:a libopus -ar 16000 a.ogg", AUDIO_OGG_OPUS, 48000, 1},
    {"-ac 2 -c:a aac a.m4a", AUDIO_M4A, 44100, 2},
    {"-ac 1 -c:a aac -ar 22050 a.mp4", AUDIO_M4A, 22050, 1},
    {"-ac 2 -c:a aac -movflags faststart a.m4a", AUDIO_M4A, 44100, 2},
    {"-ac 2 -c:a aac a.mov", AUDIO_M4A, 44100, 2},
};

/* Counting is decoding without keeping: it must come to the same. */
static void frames_are_counted_as_they_are_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        AUTO_SOUND(file);
        char arguments[256];
        struct decode_wish wish = {.max_ms = MAX_MS, .channels_max = 2};
        struct decoded kept = {0}, counted = {0};
        snprintf(arguments, sizeof(arguments), NOISE("1.234") "%s", examples[i].arguments);
        sounds_make(arguments, &file);
        assert_true(decode_file(buffer_slice(&file), &wish, &kept));
        wish.counts_only = true;
        assert_true(decode_file(buffer_slice(&file), &wish, &counted));
        assert_int_equal(counted.format, kept.format);
        assert_int_equal(counted.duration_ms, kept.duration_ms);
        assert_int_equal(counted.pcm.frames, kept.pcm.frames);
        assert_null(counted.pcm.samples);
        pcm_done(&kept.pcm);

        wish.max_ms = 500;
        counted = (struct decoded){0};
        assert_true(decode_file(buffer_slice(&file), &wish, &counted));
        assert_near((int)counted.duration_ms, 500 + DECODE_PAST_MS, 60);
        pcm_done(&counted.pcm);
    }
}

static void five_seconds_are_five_seconds_in_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        const struct example *example = &examples[i];
        char arguments[256];
        snprintf(arguments, sizeof(arguments), NOISE("5") "%s", example->arguments);
        AUTO_SOUND(file);
        sounds_make(arguments, &file);
        struct decoded decoded;
        if (!decode(buffer_slice(&file), &decoded))
            fail_msg("refused: %s", example->arguments);
        assert_int_equal(decoded.format, example->format);
        assert_int_equal(decoded.pcm.rate_hz, example->rate_hz);
        assert_int_equal(decoded.pcm.channels, example->channels);
        if (decoded.duration_ms != 5000)
            fail_msg("%u ms: %s", decoded.duration_ms, example->arguments);
        assert_near((int)decoded.bit_rate, (int)(file.size * 8 / 5), (int)(file.size / 10));
        pcm_done(&decoded.pcm);
    }
}

static void files_of_sox_are_read(void **state)
{
    (void)state;
    static const char *const files[] = {"s.wav", "-b 24 s.wav",    "-e float s.wav",
                                        "s.ogg", "-e a-law s.wav", "-e u-law s.wav"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char command[256];
        snprintf(command, sizeof(command), "sox -n -r 44100 -c 2 %s synth 5 pinknoise vol 0.5",
                 files[i]);
        sounds_run(command);
        AUTO_SOUND(file);
        const char *space = strrchr(files[i], ' ');
        sounds_load(space ? space + 1 : files[i], &file);
        assert_int_equal(duration_ms(buffer_slice(&file)), 5000);
    }
}

static void a_little_more_than_five_seconds_is_more(void **state)
{
    (void)state;
    assert_int_equal(made_duration_ms(TONE("5.005") "a.wav"), 5005);
    assert_int_equal(made_duration_ms(TONE("5.005") "a.mp3"), 5005);
    assert_int_equal(made_duration_ms(TONE("5.005") "-c:a libvorbis a.ogg"), 5005);
    assert_int_equal(made_duration_ms(TONE("5.005") "a.opus"), 5005);
    assert_int_equal(made_duration_ms(TONE("5.005") "a.m4a"), 5005);
    assert_int_equal(made_duration_ms(TONE("4.99") "a.m4a"), 4990);
}

/* What an encoder added is told by LAME's tag only. */
static void an_mp3_without_a_tag_is_measured_up_to_a_frame_too_short(void **state)
{
    (void)state;
    assert_near(made_duration_ms(TONE("5") "-write_xing 0 a.mp3"), 4987, 13);
    assert_near(made_duration_ms(TONE("5.06") "-write_xing 0 a.mp3"), 5047, 13);
    assert_near(made_duration_ms(TONE("5") "-write_xing 0 -ar 8000 a.mp3"), 4964, 36);
    AUTO_SOUND(file);
    sounds_run("sox -n -r 44100 -c 1 s.mp3 synth 5 pinknoise vol 0.5");
    sounds_load("s.mp3", &file);
    assert_near(duration_ms(buffer_slice(&file)), 4987, 13);
}

static void very_short_sounds_are_sounds(void **state)
{
    (void)state;
    assert_int_equal(made_duration_ms(TONE("0.05") "a.wav"), 50);
    assert_int_equal(made_duration_ms(TONE("0.05") "a.mp3"), 50);
    /* FFmpeg takes a Vorbis file of one page to begin a block late. */
    assert_near(made_duration_ms(TONE("0.05") "-c:a libvorbis a.ogg"), 50, 3);
    assert_int_equal(made_duration_ms(TONE("0.05") "a.opus"), 50);
    assert_int_equal(made_duration_ms(TONE("0.05") "a.m4a"), 50);
}

#define COVER "-f lavfi -i color=red:s=64x64:d=0.04 -map 0:a -map 1:v -c:v mjpeg -frames:v 1 "

static void covers_and_tags_do_not_matter(void **state)
{
    (void)state;
    assert_int_equal(made_duration_ms(NOISE("2") COVER "-disposition:v attached_pic -metadata "
                                                       "title=Boom -id3v2_version 3 cover.mp3"),
                     2000);
    assert_int_equal(made_duration_ms(NOISE("2") COVER "-disposition:v attached_pic cover.m4a"),
                     2000);
    assert_int_equal(made_duration_ms(NOISE("2") "-write_id3v1 1 -metadata title=Boom tag.mp3"),
                     2000);
    assert_int_equal(made_duration_ms(NOISE("2") "-metadata title=Boom -c:a libvorbis tag.ogg"),
                     2000);
    assert_int_equal(made_duration_ms(NOISE("2") "-metadata title=Boom tag.wav"), 2000);
}

#define VIDEO "-f lavfi -i testsrc=d=1:s=64x64:r=5 "

static void other_formats_are_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        NOISE("1") "-c:a libopus a.webm",
        NOISE("1") "-c:a libvorbis a.mka",
        NOISE("1") "a.flac",
        NOISE("1") "-c:a flac a.ogg",
        NOISE("1") "-c:a libspeex -ar 16000 a.spx",
        NOISE("1") "a.aiff",
        NOISE("1") "a.au",
        NOISE("1") "-c:a adpcm_ms a.wav",
        NOISE("1") "-c:a libmp3lame in.wav",
        NOISE("1") "-c:a pcm_s16le -rf64 always a.wav",
        NOISE("1") "-c:a alac a.m4a",
        NOISE("1") "-c:a libmp3lame a.mp4",
        NOISE("1") "-c:a pcm_s16le a.mov",
        NOISE("1") "a.aac",
        NOISE("1") "a.ac3",
        NOISE("1") "a.mp2",
        NOISE("1") "a.wma",
        NOISE("1") "a.caf",
        NOISE("1") VIDEO "-c:v mpeg4 a.mp4",
        NOISE("1") VIDEO "-c:v libtheora -c:a libvorbis a.ogv",
        NOISE("1") VIDEO "-c:v mjpeg a.avi",
        NOISE("1") TONE("1") "-map 0 -map 1 two.m4a",
        VIDEO "-frames:v 1 a.jpg",
        VIDEO "-frames:v 1 a.png",
        VIDEO "-c:v mpeg4 silent.mp4",
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (made_duration_ms(others[i]) != -1)
            fail_msg("taken: %s", others[i]);
}

static void fill(struct buffer *file, const char *beginning, const char *text, size_t size)
{
    buffer_clear(file);
    buffer_add_text(file, beginning);
    while (file->size < size && text)
        buffer_add_text(file, text);
    while (file->size < size)
        buffer_add_char(file, (char)(rand() >> 7));
}

static void assert_refused(const struct buffer *file)
{
    assert_int_equal(duration_ms(buffer_slice(file)), -1);
}

static void what_is_no_sound_is_refused(void **state)
{
    (void)state;
    static const char *const beginnings[] = {"",
                                             "PK\x03\x04",
                                             "%PDF-1.7\n",
                                             "\177ELF\x02\x01\x01",
                                             "GIF89a",
                                             "OggS",
                                             "ID3\x04",
                                             "RIFFxxxxWAVEfmt ",
                                             "xxxxftypM4A ",
                                             "\xFF\xFB\x90\x64",
                                             "\xFF\xD8\xFF\xE0",
                                             "fLaC",
                                             "#!AMR\n",
                                             "\x1A\x45\xDF\xA3",
                                             "<html>"};
    AUTO_SOUND(file);
    srand(3);
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
        for (size_t size = 16; size < 200000; size *= 9) {
            fill(&file, beginnings[i], NULL, size);
            assert_refused(&file);
            fill(&file, beginnings[i], "Hello, привет!\n", size);
            assert_refused(&file);
            fill(&file, beginnings[i], "\xFF", size);
            assert_refused(&file);
        }
    assert_int_equal(duration_ms((struct slice){"", 0}), -1);
}

static void programs_and_archives_are_refused(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_run("head -c 8000000 /proc/$$/exe >shell; tar -cz /etc/passwd >a.tgz 2>/dev/null; "
               "gzip -c shell >shell.gz; ffmpeg -version >version.txt");
    static const char *const names[] = {"shell", "a.tgz", "shell.gz", "version.txt"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        sounds_load(names[i], &file);
        assert_refused(&file);
    }
}

/* A cut at each of some places: never longer, and about as long as what is there. */
static void assert_cuts_are_taken(const char *arguments, int tolerance_ms)
{
    AUTO_SOUND(file);
    sounds_make(arguments, &file);
    const size_t whole = file.size;
    for (unsigned percent = 30; percent < 100; percent += 23) {
        file.size = whole * percent / 100;
        assert_near(duration_ms(buffer_slice(&file)), (int)percent * 30, tolerance_ms);
    }
}

static void of_a_file_that_was_cut_the_rest_counts(void **state)
{
    (void)state;
    assert_cuts_are_taken(NOISE("3") "a.wav", 5);
    assert_cuts_are_taken(NOISE("3") "-b:a 128k a.mp3", 90);
    assert_cuts_are_taken(NOISE("3") "-c:a libvorbis -b:a 96k -page_duration 100000 a.ogg", 400);
    assert_cuts_are_taken(NOISE("3") "-vbr off -b:a 64k -page_duration 100000 a.opus", 200);
    assert_cuts_are_taken(NOISE("3") "-b:a 128k -movflags faststart a.m4a", 200);
}

static void an_m4a_cut_before_its_index_is_refused(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(NOISE("2") "a.m4a", &file);
    file.size = file.size * 9 / 10;
    assert_refused(&file);
}

static void a_start_that_is_missing_does_not_matter_to_an_mp3(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(NOISE("3") "-b:a 128k a.mp3", &file);
    int duration = duration_ms((struct slice){file.data + 16100, file.size - 16100});
    assert_near(duration, 2000, 60);
}

static void what_is_too_long_is_decoded_a_little_past_the_longest(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(NOISE("30") "-ac 1 -b:a 48k a.mp3", &file);
    assert_int_equal(duration_ms(buffer_slice(&file)), MAX_MS + DECODE_PAST_MS);
}

static void another_rate_in_mono_is_had_for_the_asking(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("2") "-ac 2 -c:a libopus a.ogg", &file);
    const struct decode_wish wish = {.max_ms = MAX_MS, .rate_hz = 22050, .channels_max = 1};
    struct decoded decoded = {0};
    assert_true(decode_file(buffer_slice(&file), &wish, &decoded));
    assert_int_equal(decoded.pcm.rate_hz, 22050);
    assert_int_equal(decoded.pcm.channels, 1);
    assert_near((int)decoded.pcm.frames, 44100, 20);
    pcm_done(&decoded.pcm);
}

static void a_sound_may_change_its_rate_and_channels(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_run(FFMPEG TONE("2") "-ac 2 -b:a 128k a.mp3 && " FFMPEG TONE(
        "2") "-ac 1 -ar 22050 -b:a 32k b.mp3 && cat a.mp3 b.mp3 >both.mp3");
    sounds_load("both.mp3", &file);
    struct decoded decoded;
    assert_true(decode(buffer_slice(&file), &decoded));
    assert_int_equal(decoded.pcm.rate_hz, 44100);
    assert_int_equal(decoded.pcm.channels, 2);
    assert_near((int)decoded.duration_ms, 4000, 200);
    pcm_done(&decoded.pcm);
}

static void what_is_mixed_down_does_not_clip(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make("-f lavfi -i aevalsrc='exprs=0.99*sin(2*PI*440*t):d=1:s=44100' -af "
                "'pan=7.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0|c7=c0' loud.wav",
                &file);
    struct decoded decoded;
    assert_true(decode(buffer_slice(&file), &decoded));
    assert_int_equal(decoded.pcm.channels, 2);
    float highest = 0;
    for (size_t i = 0; i < 2 * decoded.pcm.frames; i++)
        highest = fmaxf(highest, fabsf(decoded.pcm.samples[i]));
    assert_true(highest > 0.9F && highest <= 1);
    pcm_done(&decoded.pcm);
}

static int set_up(void **state)
{
    av_log_set_level(AV_LOG_QUIET);
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_counted_as_they_are_kept),
        cmocka_unit_test(five_seconds_are_five_seconds_in_every_format),
        cmocka_unit_test(files_of_sox_are_read),
        cmocka_unit_test(a_little_more_than_five_seconds_is_more),
        cmocka_unit_test(an_mp3_without_a_tag_is_measured_up_to_a_frame_too_short),
        cmocka_unit_test(very_short_sounds_are_sounds),
        cmocka_unit_test(covers_and_tags_do_not_matter),
        cmocka_unit_test(other_formats_are_refused),
        cmocka_unit_test(what_is_no_sound_is_refused),
        cmocka_unit_test(programs_and_archives_are_refused),
        cmocka_unit_test(of_a_file_that_was_cut_the_rest_counts),
        cmocka_unit_test(an_m4a_cut_before_its_index_is_refused),
        cmocka_unit_test(a_start_that_is_missing_does_not_matter_to_an_mp3),
        cmocka_unit_test(what_is_too_long_is_decoded_a_little_past_the_longest),
        cmocka_unit_test(another_rate_in_mono_is_had_for_the_asking),
        cmocka_unit_test(a_sound_may_change_its_rate_and_channels),
        cmocka_unit_test(what_is_mixed_down_does_not_clip),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
