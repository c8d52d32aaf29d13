/* SPDX-License-Identifier: MIT */
/* Headers that lie about how long a sound is, or about anything else. */
#include "services/media/audio/worker/decode.h"

#include "tests/unit/services/media/audio/sounds.h"

#include <libavutil/log.h>

#define MAX_MS 20000

/* Where things are in a plain WAV. */
#define WAV_CHANNELS 22
#define WAV_RATE 24
#define WAV_BYTE_RATE 28
#define WAV_FRAME_BYTES 32
#define WAV_BITS 34

static int duration_ms(const struct buffer *file)
{
    const struct decode_wish wish = {.max_ms = MAX_MS, .channels_max = 2};
    struct decoded decoded = {0};
    int duration_ms = -1;
    if (decode_file(buffer_slice(file), &wish, &decoded))
        duration_ms = (int)decoded.duration_ms;
    pcm_done(&decoded.pcm);
    return duration_ms;
}

static void assert_between(int value, int least, int most)
{
    if (value < least || value > most)
        fail_msg("%d is not in %d..%d", value, least, most);
}

static size_t find(const struct buffer *file, const char *mark)
{
    const char *found = memmem(file->data, file->size, mark, strlen(mark));
    assert_non_null(found);
    return (size_t)(found - file->data);
}

static void put_little(struct buffer *file, size_t at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        file->data[at + i] = (char)(value >> 8 * i);
}

static void copy(struct buffer *to, const struct buffer *from)
{
    buffer_clear(to);
    buffer_add(to, from->data, from->size);
}

static void put_big(struct buffer *file, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        file->data[at + i] = (char)(value >> (24 - 8 * i));
}

static void a_wav_is_as_long_as_its_samples(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("2") "-fflags bitexact a.wav", &file);
    static const uint32_t sizes[] = {0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF, 200000, 0};
    size_t at = find(&file, "data") + 4;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        put_little(&file, at, sizes[i], 4);
        assert_int_equal(duration_ms(&file), 2000);
    }
    put_little(&file, 4, 12, 4); /* the RIFF's own */
    put_little(&file, WAV_BYTE_RATE, 7, 4);
    assert_int_equal(duration_ms(&file), 2000);
}

static void a_wav_of_another_rate_plays_at_it(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("2") "a.wav", &file);
    put_little(&file, WAV_RATE, 88200, 4);
    assert_int_equal(duration_ms(&file), 1000);
    static const uint32_t refused[] = {0, 1, 3999, 192001, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        put_little(&file, WAV_RATE, refused[i], 4);
        assert_int_equal(duration_ms(&file), -1);
    }
}

static void a_wav_that_contradicts_itself_harms_nobody(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    AUTO_SOUND(lie);
    sounds_make(TONE("2") "a.wav", &file);
    static const size_t places[] = {WAV_CHANNELS, WAV_FRAME_BYTES, WAV_BITS};
    static const uint16_t values[] = {0, 1, 3, 9, 24, 255, 65535};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        for (size_t k = 0; k < ARRAY_LEN(values); k++) {
            copy(&lie, &file);
            put_little(&lie, places[i], values[k], 2);
            assert_between(duration_ms(&lie), -1, 8000);
        }
    put_little(&file, WAV_CHANNELS, 9, 2);
    put_little(&file, WAV_FRAME_BYTES, 18, 2);
    assert_int_equal(duration_ms(&file), -1);
}

static void numbers_that_are_none_become_silence(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("1") "-c:a pcm_f32le -fflags bitexact a.wav", &file);
    size_t samples = find(&file, "data") + 8;
    static const uint32_t none[] = {0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        put_little(&file, samples + 4000 + 4 * i, none[i], 4);
    const struct decode_wish wish = {.max_ms = MAX_MS, .channels_max = 2};
    struct decoded decoded = {0};
    assert_true(decode_file(buffer_slice(&file), &wish, &decoded));
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_true(decoded.pcm.samples[1000 + i] == 0);
    pcm_done(&decoded.pcm);
}

static void an_mp3_is_as_long_as_its_frames(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("3") "-b:a 64k a.mp3", &file);
    size_t frames = find(&file, "Info") + 8;
    static const uint32_t claims[] = {0, 1, 10, 100000, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
        put_big(&file, frames, claims[i]);
        assert_between(duration_ms(&file), 2950, 3060);
        put_big(&file, frames + 4, claims[i]); /* bytes */
        assert_between(duration_ms(&file), 2950, 3060);
    }
}

static void an_mp3_may_claim_no_more_than_a_little_padding(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("3") "-ar 8000 -b:a 16k a.mp3", &file);
    put_big(&file, find(&file, "Lavc") + 21, 0xFFFFFFFF); /* delay and padding: twelve bits each */
    assert_between(duration_ms(&file), 3000 - 2 * DECODE_TRIM_MAX_MS, 3000);
}

/* Ogg's own kind of CRC 32. */
static uint32_t ogg_sum(const char *page, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum ^= (uint32_t)(uint8_t)page[i] << 24;
        for (unsigned bit = 0; bit < 8; bit++)
            sum = sum & 0x80000000 ? sum << 1 ^ 0x04C11DB7 : sum << 1;
    }
    return sum;
}

/* Makes all checksums right again. */
static void mend_ogg(struct buffer *file)
{
    for (size_t at = 0; at + 27 <= file->size;) {
        size_t segments = (uint8_t)file->data[at + 26];
        size_t size = 27 + segments;
        for (size_t i = 0; i < segments; i++)
            size += (uint8_t)file->data[at + 27 + i];
        put_little(file, at + 22, 0, 4);
        put_little(file, at + 22, ogg_sum(file->data + at, size), 4);
        at += size;
    }
}

static size_t last_page(const struct buffer *file)
{
    size_t at = file->size - 4;
    while (memcmp(file->data + at, "OggS", 4) != 0)
        at--;
    return at;
}

static void an_ogg_is_as_long_as_its_packets(void **state)
{
    (void)state;
    static const char *const makes[] = {TONE("3") "-c:a libvorbis -page_duration 200000 a.ogg",
                                        TONE("3") "-c:a libopus -page_duration 200000 a.opus"};
    static const uint64_t claims[] = {0, 1, 1000000, INT64_MAX, UINT64_MAX};
    AUTO_SOUND(file);
    for (size_t i = 0; i < ARRAY_LEN(makes); i++) {
        sounds_make(makes[i], &file);
        for (size_t k = 0; k < ARRAY_LEN(claims); k++) {
            put_little(&file, last_page(&file) + 6, claims[k], 8);
            mend_ogg(&file);
            assert_between(duration_ms(&file), 3000 - DECODE_TRIM_MAX_MS, 3060);
        }
    }
}

static void an_opus_may_claim_no_more_than_a_little_delay(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("3") "a.opus", &file);
    put_little(&file, find(&file, "OpusHead") + 10, 65535, 2);
    mend_ogg(&file);
    assert_between(duration_ms(&file), 3000 - DECODE_TRIM_MAX_MS, 3040);
}

/* Where an M4A tells a length. */
static const struct {
    const char *box;
    size_t offset; /* from its name */
} lengths[] = {{"mvhd", 20}, {"tkhd", 24}, {"mdhd", 20}, {"elst", 12}};

static void assert_m4a_lengths(const char *arguments, int least_ms, int most_ms)
{
    static const uint32_t claims[] = {0, 1, 1000, 1000000, 0x7FFFFFFF, 0xFFFFFFFF};
    AUTO_SOUND(file);
    AUTO_SOUND(lie);
    sounds_make(arguments, &file);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        for (size_t k = 0; k < ARRAY_LEN(claims); k++) {
            copy(&lie, &file);
            put_big(&lie, find(&lie, lengths[i].box) + lengths[i].offset, claims[k]);
            assert_between(duration_ms(&lie), least_ms, most_ms);
        }
}

static void an_m4a_is_as_long_as_its_packets(void **state)
{
    (void)state;
    assert_m4a_lengths(TONE("3") "a.m4a", 3000 - DECODE_TRIM_MAX_MS, 3050);
    assert_m4a_lengths(TONE("0.05") "a.m4a", 0, 100);
}

static void an_edit_list_hides_nothing(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("3") "a.m4a", &file);
    put_big(&file, find(&file, "elst") + 16, 2 * 44100); /* where it begins */
    assert_between(duration_ms(&file), 3000 - DECODE_TRIM_MAX_MS, 3050);
}

static void nothing_but_delay_is_no_sound(void **state)
{
    (void)state;
    AUTO_SOUND(file);
    sounds_make(TONE("0.05") "a.m4a", &file);
    assert_int_equal(duration_ms(&file), 50);
    put_big(&file, find(&file, "elst") + 16, 44100);
    assert_int_equal(duration_ms(&file), -1);
}

/* Each of these has the demuxer believe in millions of packets. */
static void an_index_of_nonsense_takes_no_time(void **state)
{
    (void)state;
    static const struct {
        const char *box;
        size_t offset;
    } places[] = {{"stsz", 8}, {"stsz", 12}, {"stsc", 8}, {"stsc", 16},
                  {"stco", 8}, {"stts", 8},  {"stts", 12}};
    static const uint32_t claims[] = {0, 1, 4000000, 0x0FFFFFFF, 0xFFFFFFFF};
    AUTO_SOUND(file);
    AUTO_SOUND(lie);
    sounds_make(TONE("1") "a.m4a", &file);
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        for (size_t k = 0; k < ARRAY_LEN(claims); k++) {
            copy(&lie, &file);
            put_big(&lie, find(&lie, places[i].box) + places[i].offset, claims[k]);
            assert_between(duration_ms(&lie), -1, MAX_MS + DECODE_PAST_MS);
        }
}

static int set_up(void **state)
{
    av_log_set_level(AV_LOG_QUIET);
    return sounds_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wav_is_as_long_as_its_samples),
        cmocka_unit_test(a_wav_of_another_rate_plays_at_it),
        cmocka_unit_test(a_wav_that_contradicts_itself_harms_nobody),
        cmocka_unit_test(numbers_that_are_none_become_silence),
        cmocka_unit_test(an_mp3_is_as_long_as_its_frames),
        cmocka_unit_test(an_mp3_may_claim_no_more_than_a_little_padding),
        cmocka_unit_test(an_ogg_is_as_long_as_its_packets),
        cmocka_unit_test(an_opus_may_claim_no_more_than_a_little_delay),
        cmocka_unit_test(an_m4a_is_as_long_as_its_packets),
        cmocka_unit_test(an_edit_list_hides_nothing),
        cmocka_unit_test(nothing_but_delay_is_no_sound),
        cmocka_unit_test(an_index_of_nonsense_takes_no_time),
    };
    return cmocka_run_group_tests(tests, set_up, sounds_tear_down);
}
