/* SPDX-License-Identifier: MIT */
#include "services/media/audio/worker/mp3_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FRAME_BYTES 417 /* of MPEG 1, 128 kbit/s, 44.1 kHz, without padding */

static const uint8_t frame_header[] = {0xFF, 0xFB, 0x90, 0x00};

static void add_zeros(struct buffer *file, size_t count)
{
    while (count-- > 0)
        buffer_add_char(file, 0);
}

static void add_frames(struct buffer *file, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buffer_add(file, frame_header, sizeof(frame_header));
        add_zeros(file, FRAME_BYTES - sizeof(frame_header));
    }
}

static void add_tag(struct buffer *file, unsigned content)
{
    const char header[] = {
        'I', 'D', '3', 4, 0, 0, 0, 0, (char)(content >> 7), (char)(content & 127)};
    buffer_add(file, header, sizeof(header));
    add_zeros(file, content);
}

static void assert_frames(const struct buffer *file, size_t begin, size_t size)
{
    struct slice frames;
    assert_true(mp3_frames_find(buffer_slice(file), &frames));
    assert_int_equal((const char *)frames.data - file->data, begin);
    assert_int_equal(frames.size, size);
}

static bool has_frames(struct slice file)
{
    struct slice frames;
    return mp3_frames_find(file, &frames);
}

static void frames_are_found_between_tags(void **state)
{
    (void)state;
    AUTO_BUFFER(file, 65536);
    add_frames(&file, 4);
    assert_frames(&file, 0, 4 * FRAME_BYTES);

    buffer_clear(&file);
    add_tag(&file, 300);
    add_tag(&file, 5);
    add_zeros(&file, 64);
    add_frames(&file, 4);
    buffer_add_text(&file, "TAG");
    add_zeros(&file, 125);
    assert_frames(&file, 310 + 15 + 64, 4 * FRAME_BYTES);
}

static void the_last_frame_may_be_cut(void **state)
{
    (void)state;
    AUTO_BUFFER(file, 65536);
    add_frames(&file, 3);
    file.size -= 100;
    assert_frames(&file, 0, 3 * FRAME_BYTES - 100);
}

static void one_frame_is_not_enough(void **state)
{
    (void)state;
    AUTO_BUFFER(file, 65536);
    add_frames(&file, 1);
    assert_false(has_frames(buffer_slice(&file)));
    add_frames(&file, 1);
    assert_true(has_frames(buffer_slice(&file)));
}

static void frames_in_a_heap_of_other_bytes_are_not_enough(void **state)
{
    (void)state;
    AUTO_BUFFER(file, 65536);
    add_frames(&file, 10);
    add_zeros(&file, 11 * FRAME_BYTES);
    assert_false(has_frames(buffer_slice(&file)));

    buffer_clear(&file);
    add_zeros(&file, 4200);
    add_frames(&file, 100);
    assert_false(has_frames(buffer_slice(&file)));
}

static void headers_of_other_layers_and_reserved_values_are_none(void **state)
{
    (void)state;
    static const uint8_t others[][4] = {
        {0xFF, 0xFD, 0x90, 0x00}, /* layer II */
        {0xFF, 0xFF, 0x90, 0x00}, /* layer I */
        {0xFF, 0xEB, 0x90, 0x00}, /* no version */
        {0xFF, 0xFB, 0x00, 0x00}, /* free bit rate */
        {0xFF, 0xFB, 0xF0, 0x00}, /* no bit rate */
        {0xFF, 0xFB, 0x9C, 0x00}, /* no sample rate */
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        AUTO_BUFFER(file, 65536);
        add_frames(&file, 8);
        for (size_t frame = 0; frame < 8; frame++)
            memcpy(file.data + frame * FRAME_BYTES, others[i], sizeof(others[i]));
        assert_false(has_frames(buffer_slice(&file)));
    }
}

static void noise_and_short_files_are_none(void **state)
{
    (void)state;
    static uint8_t noise[65536];
    srand(5);
    for (unsigned round = 0; round < 100; round++) {
        for (size_t i = 0; i < sizeof(noise); i++)
            noise[i] = (uint8_t)(rand() >> 7);
        assert_false(has_frames((struct slice){noise, sizeof(noise)}));
    }
    AUTO_BUFFER(file, 65536);
    add_tag(&file, 100);
    add_frames(&file, 1);
    for (size_t size = 0; size <= file.size; size++)
        assert_false(has_frames((struct slice){file.data, size}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_found_between_tags),
        cmocka_unit_test(the_last_frame_may_be_cut),
        cmocka_unit_test(one_frame_is_not_enough),
        cmocka_unit_test(frames_in_a_heap_of_other_bytes_are_not_enough),
        cmocka_unit_test(headers_of_other_layers_and_reserved_values_are_none),
        cmocka_unit_test(noise_and_short_files_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
