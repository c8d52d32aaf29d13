/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/frames.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <zlib.h>

#include <cmocka.h>

#define ROOM_ID INT64_C(6613136945558335594)

static void assert_hex(const struct buffer *bytes, const char *expected)
{
    AUTO(free) char *hex = malloc(2 * bytes->size + 1);
    text_hex(bytes->data, bytes->size, hex);
    assert_string_equal(hex, expected);
}

static void pack(struct buffer *out, const ProtobufCMessage *message)
{
    AUTO(free) void *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    buffer_add(out, bytes, protobuf_c_message_pack(message, bytes));
}

static void gzip(struct buffer *out, const void *data, size_t size)
{
    z_stream stream = {.next_in = (unsigned char *)data, .avail_in = (uInt)size};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char part[4096];
    int result;
    do {
        stream.next_out = part;
        stream.avail_out = sizeof(part);
        result = deflate(&stream, Z_FINISH);
        buffer_add(out, part, sizeof(part) - stream.avail_out);
    } while (result == Z_OK);
    deflateEnd(&stream);
    assert_int_equal(result, Z_STREAM_END);
}

/* A "msg" frame around the payload; compress_type is left out when NULL. */
static void make_frame(struct buffer *out, struct slice payload, const char *compress_type)
{
    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    Webcast__PushHeader header = WEBCAST__PUSH_HEADER__INIT;
    Webcast__PushHeader *headers[] = {&header};
    header.key = (char *)"compress_type";
    header.value = (char *)compress_type;
    push.n_headers = compress_type ? 1 : 0;
    push.headers = headers;
    push.payload_type = (char *)"msg";
    push.payload = (ProtobufCBinaryData){payload.size, (uint8_t *)payload.data};
    pack(out, &push.base);
}

static void make_result(struct buffer *out)
{
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.cursor = (char *)"a cursor";
    result.need_ack = true;
    pack(out, &result.base);
}

static enum frame_kind decode(const struct buffer *bytes)
{
    struct frame_reader reader;
    frame_reader_init(&reader);
    struct frame frame;
    enum frame_kind kind = frame_decode(buffer_slice(bytes), &reader, &frame);
    if (kind == FRAME_MESSAGES)
        assert_string_equal(frame.result->cursor, "a cursor");
    frame_reader_done(&reader);
    return kind;
}

static void a_heartbeat_has_the_documented_bytes(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 1024);
    frame_encode_heartbeat(&out, ROOM_ID, 1);
    assert_hex(&out, "320270623a026862420c08eae090d8b9a0a5e35b1001");
}

static void entering_a_room_has_the_documented_bytes(void **state)
{
    (void)state;
    AUTO_BUFFER(out, 1024);
    frame_encode_enter(&out, ROOM_ID, 0);
    assert_hex(&out, "320270623a0d696d5f656e7465725f726f6f6d421908eae090d8b9a0a5e35b200c2a08617564"
                     "69656e63654a0130");
    buffer_clear(&out);
    frame_encode_enter(&out, ROOM_ID, INT64_C(1234567890123456789));
    assert_hex(&out, "320270623a0d696d5f656e7465725f726f6f6d422308eae090d8b9a0a5e35b200c2a08617564"
                     "69656e6365409582a6efc79e8491114a0130");
}

static void assert_ack(const char *internal_ext, const char *expected)
{
    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    push.log_id = UINT64_C(2327372056382180025);
    result.internal_ext =
        (ProtobufCBinaryData){strlen(internal_ext), (uint8_t *)(uintptr_t)internal_ext};
    const struct frame frame = {.push = &push, .result = &result};
    AUTO_BUFFER(out, 1024);
    frame_encode_ack(&out, &frame);
    assert_hex(&out, expected);
}

static void an_ack_has_the_documented_bytes(void **state)
{
    (void)state;
    assert_ack("internal-ext",
               "10b995d2c6de919fa620320270623a0361636b420c696e7465726e616c2d657874");
}

static void an_ack_of_a_frame_without_internal_ext_sends_a_dash(void **state)
{
    (void)state;
    assert_ack("", "10b995d2c6de919fa620320270623a0361636b42012d");
}

static void a_frame_is_read_compressed_or_not_and_labelled_or_not(void **state)
{
    (void)state;
    AUTO_BUFFER(plain, 1024);
    AUTO_BUFFER(zipped, 1024);
    make_result(&plain);
    gzip(&zipped, plain.data, plain.size);
    const struct {
        const struct buffer *payload;
        const char *compress_type;
    } cases[] = {{&zipped, "gzip"}, {&zipped, NULL}, {&plain, "none"}, {&plain, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_BUFFER(frame, 4096);
        make_frame(&frame, buffer_slice(cases[i].payload), cases[i].compress_type);
        assert_int_equal(decode(&frame), FRAME_MESSAGES);
    }
}

static void a_frame_cut_off_anywhere_in_its_gzip_is_bad(void **state)
{
    (void)state;
    AUTO_BUFFER(plain, 1024);
    AUTO_BUFFER(zipped, 1024);
    make_result(&plain);
    gzip(&zipped, plain.data, plain.size);
    for (size_t size = 3; size < zipped.size; size++) {
        AUTO_BUFFER(frame, 4096);
        make_frame(&frame, (struct slice){zipped.data, size}, "gzip");
        assert_int_equal(decode(&frame), FRAME_BAD);
    }
}

static void a_frame_labelled_gzip_that_is_none_is_bad(void **state)
{
    (void)state;
    AUTO_BUFFER(frame, 4096);
    make_frame(&frame, (struct slice){"no gzip at all", 14}, "gzip");
    assert_int_equal(decode(&frame), FRAME_BAD);
    buffer_clear(&frame);
    make_frame(&frame, (struct slice){NULL, 0}, "gzip");
    assert_int_equal(decode(&frame), FRAME_BAD);
}

static void a_frame_that_inflates_past_the_limit_is_bad(void **state)
{
    (void)state;
    size_t size = FRAME_MAX_INFLATED + 1;
    AUTO(free) char *zeros = calloc(1, size);
    assert_non_null(zeros);
    AUTO_BUFFER(zipped, 1024 * 1024);
    gzip(&zipped, zeros, size);
    AUTO_BUFFER(frame, 1024 * 1024);
    make_frame(&frame, buffer_slice(&zipped), "gzip");
    assert_int_equal(decode(&frame), FRAME_BAD);
}

/* The size stands at the end of a gzip stream: one that claims too little, or far too much. */
static void a_frame_that_lies_about_its_size_is_bad(void **state)
{
    (void)state;
    AUTO_BUFFER(plain, 1024);
    make_result(&plain);
    const unsigned char lies[][4] = {{1}, {0}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0x80, 0}};
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        AUTO_BUFFER(zipped, 1024);
        AUTO_BUFFER(frame, 4096);
        gzip(&zipped, plain.data, plain.size);
        memcpy(zipped.data + zipped.size - 4, lies[i], 4);
        make_frame(&frame, buffer_slice(&zipped), "gzip");
        assert_int_equal(decode(&frame), FRAME_BAD);
    }
}

/* Two bytes each that unpack to a struct each. */
static void a_frame_that_unpacks_past_the_limit_is_bad(void **state)
{
    (void)state;
    size_t size = 4 * 1024 * 1024;
    AUTO(free) char *empty_messages = malloc(size);
    assert_non_null(empty_messages);
    for (size_t i = 0; i < size; i += 2) {
        empty_messages[i] = 0x0a;
        empty_messages[i + 1] = 0;
    }
    AUTO_BUFFER(zipped, 1024 * 1024);
    gzip(&zipped, empty_messages, size);
    AUTO_BUFFER(frame, 1024 * 1024);
    make_frame(&frame, buffer_slice(&zipped), "gzip");
    assert_int_equal(decode(&frame), FRAME_BAD);
}

static void nothing_and_garbage_are_bad_frames(void **state)
{
    (void)state;
    AUTO_BUFFER(bytes, 1024);
    assert_int_equal(decode(&bytes), FRAME_BAD);
    buffer_add(&bytes, "\xff\xff\xff\xff", 4);
    assert_int_equal(decode(&bytes), FRAME_BAD);
}

static void a_heartbeat_reply_is_passed_over(void **state)
{
    (void)state;
    AUTO_BUFFER(bytes, 1024);
    frame_encode_heartbeat(&bytes, ROOM_ID, 1);
    assert_int_equal(decode(&bytes), FRAME_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heartbeat_has_the_documented_bytes),
        cmocka_unit_test(entering_a_room_has_the_documented_bytes),
        cmocka_unit_test(an_ack_has_the_documented_bytes),
        cmocka_unit_test(an_ack_of_a_frame_without_internal_ext_sends_a_dash),
        cmocka_unit_test(a_frame_is_read_compressed_or_not_and_labelled_or_not),
        cmocka_unit_test(a_frame_cut_off_anywhere_in_its_gzip_is_bad),
        cmocka_unit_test(a_frame_labelled_gzip_that_is_none_is_bad),
        cmocka_unit_test(a_frame_that_inflates_past_the_limit_is_bad),
        cmocka_unit_test(a_frame_that_lies_about_its_size_is_bad),
        cmocka_unit_test(a_frame_that_unpacks_past_the_limit_is_bad),
        cmocka_unit_test(nothing_and_garbage_are_bad_frames),
        cmocka_unit_test(a_heartbeat_reply_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
