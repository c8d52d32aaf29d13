/* SPDX-License-Identifier: MIT */
/* Replies that are no JSON, and those that are large, from a service's handlers to who asked. */
#include "lib/api/client.h"
#include "lib/base/clock.h"
#include "tests/unit/lib/api/serving.h"

#include <assert.h>

#define SUBJECT_FETCH "rpc.binarytest.fetch"
#define SUBJECT_LIST "rpc.binarytest.list"
#define KEPT_BYTES ((size_t)64 * 1024)
#define LARGE_BYTES ((size_t)3 * 1024 * 1024 + 1)

/* ---- the service ---- */

struct fetch_request {
    int64_t size;
    const char *how;
};
struct list_reply {
    const char *text;
};

static const struct field fetch_fields[] = {
    {.name = "size",
     .type = FIELD_INT,
     .offset = offsetof(struct fetch_request, size),
     .required = true},
    {.name = "how", .offset = offsetof(struct fetch_request, how), .required = true},
};
static const struct field list_fields[] = {
    {.name = "text", .offset = offsetof(struct list_reply, text), .required = true}};
static const struct message fetch_message = {.name = "fetch_request",
                                             .size = sizeof(struct fetch_request),
                                             .fields = fetch_fields,
                                             .count = ARRAY_LEN(fetch_fields),
                                             .has_body = true};
static const struct message list_message = {.name = "list_reply",
                                            .size = sizeof(struct list_reply),
                                            .fields = list_fields,
                                            .count = ARRAY_LEN(list_fields)};

static void fill_body(struct buffer *body, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buffer_add_char(body, letter_at(i));
}

static enum status handle_fetch(struct call *call, const void *input, void *output)
{
    const struct fetch_request *in = input;
    struct fixture *fixture = (struct fixture *)call->app;
    struct binary *out = output;
    assert(call->body->size == 0);
    atomic_store(&fixture->kept_bytes, call->body->capacity);
    call_add_header(call, "Kind", "letters");
    out->content_type = "audio/ogg";
    if (strcmp(in->how, "arena") == 0) {
        out->data = (struct slice){make_letters(call->arena, (size_t)in->size), (size_t)in->size};
        return STATUS_OK;
    }
    fill_body(call->body, (size_t)in->size);
    out->data = buffer_slice(call->body);
    if (strcmp(in->how, "refuse") == 0)
        return STATUS_INVALID;
    return *in->how ? call_fail(call, STATUS_CONFLICT, in->how) : STATUS_OK;
}

static enum status handle_list(struct call *call, const void *input, void *output)
{
    const struct fetch_request *in = input;
    struct list_reply *out = output;
    assert(!call->body);
    out->text = make_letters(call->arena, (size_t)in->size);
    return STATUS_OK;
}

static const struct api_endpoint endpoints[] = {
    {"fetch", SUBJECT_FETCH, API_POOL_IO, &fetch_message, &binary_message, handle_fetch, false},
    {"list", SUBJECT_LIST, API_POOL_IO, &fetch_message, &list_message, handle_list, false},
};
static const struct api_service service = {"binarytest", endpoints, ARRAY_LEN(endpoints)};

/* ---- who asks it ---- */

static int set_up(void **state)
{
    *state = start_serving(&service);
    return 0;
}

static void ask_for(struct fixture *fixture, const char *subject, size_t size, const char *how)
{
    const char *body = arena_printf(fixture->arena, "{\"size\":%zu,\"how\":\"%s\"}", size, how);
    ask(fixture, subject, NULL, 0, (struct slice){body, strlen(body)});
}

static void check_letters(struct fixture *fixture, size_t size)
{
    AUTO_BUFFER(body, BUS_REPLY_MAX_BYTES);
    AUTO(natsMsg_Destroy) natsMsg *reply = take_reply(fixture, &body);
    check_status(reply, "200");
    assert_string_equal(bus_header_get(reply, CALL_HEADER_CONTENT_TYPE), "audio/ogg");
    assert_string_equal(bus_header_get(reply, "Kind"), "letters");
    assert_int_equal(body.size, size);
    for (size_t i = 0; i < size; i++) {
        if (body.data[i] != letter_at(i))
            fail_msg("byte %zu is another", i);
    }
}

/* ---- replies ---- */

static void a_binary_reply_has_its_bytes_and_type(void **state)
{
    static const size_t sizes[] = {0, 1, 1000, LARGE_BYTES};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        ask_for(*state, SUBJECT_FETCH, sizes[i], "");
        check_letters(*state, sizes[i]);
        ask_for(*state, SUBJECT_FETCH, sizes[i], "arena");
        check_letters(*state, sizes[i]);
    }
}

static void the_largest_reply_fits_and_leaves_no_memory_behind(void **state)
{
    struct fixture *fixture = *state;
    ask_for(fixture, SUBJECT_FETCH, BUS_REPLY_MAX_BYTES, "");
    check_letters(fixture, BUS_REPLY_MAX_BYTES);
    ask_for(fixture, SUBJECT_FETCH, BUS_REPLY_MAX_BYTES, "arena");
    check_letters(fixture, BUS_REPLY_MAX_BYTES);
    assert_true(atomic_load(&fixture->kept_bytes) <= KEPT_BYTES);
}

static void a_binary_reply_past_the_bound_is_an_internal_fault(void **state)
{
    static const char *const ways[] = {"arena", ""};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        ask_for(*state, SUBJECT_FETCH, BUS_REPLY_MAX_BYTES + 1, ways[i]);
        check_json(*state, "500", "{\"detail\":\"Internal Server Error\"}");
    }
}

static void a_refusal_takes_nothing_of_the_data_along(void **state)
{
    ask_for(*state, SUBJECT_FETCH, LARGE_BYTES, "taken");
    check_json(*state, "409", "{\"detail\":\"taken\"}");
    ask_for(*state, SUBJECT_FETCH, 10, "refuse");
    check_json(*state, "422", "{\"detail\":\"Unprocessable Entity\"}");
}

static void a_large_json_reply_comes_in_parts(void **state)
{
    AUTO_BUFFER(body, BUS_REPLY_MAX_BYTES);
    ask_for(*state, SUBJECT_LIST, LARGE_BYTES, "");
    AUTO(natsMsg_Destroy) natsMsg *reply = take_reply(*state, &body);
    check_status(reply, "200");
    assert_non_null(bus_header_get(reply, BUS_SIZE_HEADER));
    assert_null(bus_header_get(reply, CALL_HEADER_CONTENT_TYPE));
    assert_int_equal(body.size, LARGE_BYTES + strlen("{\"text\":\"\"}"));
    assert_string_equal(body.data + body.size - 2, "\"}");
}

static void a_service_gets_no_part_for_the_whole(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        size_t size;
        enum status status;
    } rows[] = {{900 * 1024, STATUS_OK}, {LARGE_BYTES, STATUS_TOO_LARGE}, {10, STATUS_OK}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct call call = {.arena = fixture->arena,
                            .bus = fixture->client_bus,
                            .deadline_ms = clock_wall_ms() + LONG_MS};
        const struct fetch_request in = {(int64_t)rows[i].size, ""};
        struct list_reply out = {0};
        assert_int_equal(api_request(&call, SUBJECT_LIST, &fetch_message, &in, &list_message, &out),
                         rows[i].status);
        if (rows[i].status == STATUS_OK)
            assert_int_equal(strlen(out.text), rows[i].size);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stop_serving)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_binary_reply_has_its_bytes_and_type),
        TEST(the_largest_reply_fits_and_leaves_no_memory_behind),
        TEST(a_binary_reply_past_the_bound_is_an_internal_fault),
        TEST(a_refusal_takes_nothing_of_the_data_along),
        TEST(a_large_json_reply_comes_in_parts),
        TEST(a_service_gets_no_part_for_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
