/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define USER "78418dac-87b8-4de3-95e6-d49d3961fa8e"

static int set_up(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void requests_name_the_user(void **state)
{
    (void)state;
    AUTO_BUFFER(request, STORED_REQUEST_MAX_BYTES);
    stored_request(USER, 0, &request);
    assert_string_equal(buffer_text(&request), "{\"last_by_subj\":\"live." USER "\"}");
    buffer_clear(&request);
    stored_request(USER, UINT64_MAX, &request);
    assert_string_equal(buffer_text(&request),
                        "{\"seq\":18446744073709551615,\"next_by_subj\":\"live." USER "\"}");
    assert_false(request.overflowed);
}

static void a_stored_event_is_decoded(void **state)
{
    struct stored_event event;
    /* {"seq":42,"m":"é"} */
    assert_int_equal(
        stored_decode(slice_of("{\"type\":\"x\",\"message\":{\"subject\":\"live." USER "\","
                               "\"seq\":7,\"data\":\"eyJzZXEiOjQyLCJtIjoiw6kifQ==\"}}"),
                      *state, &event),
        STATUS_OK);
    assert_int_equal(event.position, 7);
    assert_int_equal(event.seq, 42);
    assert_int_equal(event.text.size, strlen("{\"seq\":42,\"m\":\"é\"}"));
    assert_memory_equal(event.text.data, "{\"seq\":42,\"m\":\"é\"}", event.text.size);
}

static void the_end_of_the_stream_is_not_found(void **state)
{
    struct stored_event event;
    assert_int_equal(
        stored_decode(slice_of("{\"error\":{\"code\":404,\"err_code\":10037}}"), *state, &event),
        STATUS_NOT_FOUND);
}

static void any_other_answer_is_none(void **state)
{
    const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"error\":{\"code\":503}}",
        "{\"message\":{}}",
        "{\"message\":{\"seq\":7}}",
        "{\"message\":{\"seq\":0,\"data\":\"e30=\"}}",
        "{\"message\":{\"seq\":\"7\",\"data\":\"e30=\"}}",
        "{\"message\":{\"seq\":7,\"data\":\"e30\"}}",
        "{\"message\":{\"seq\":7,\"data\":\"!!!!\"}}",
        "{\"message\":{\"seq\":7,\"data\":7}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct stored_event event;
        assert_int_equal(stored_decode(slice_of(bad[i]), *state, &event), STATUS_UNAVAILABLE);
    }
}

static void an_event_without_a_number_has_0(void **state)
{
    (void)state;
    assert_int_equal(stored_seq(slice_of("{\"seq\":1795242236216000}")), 1795242236216000);
    assert_int_equal(stored_seq(slice_of("{}")), 0);
    assert_int_equal(stored_seq(slice_of("{\"seq\":\"1\"}")), 0);
    assert_int_equal(stored_seq(slice_of("garbage")), 0);
}

static void an_event_says_whether_it_is_a_test(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "[]", "{}", "{\"test\":false}", "{\"test\":1}", "{\"message\":\"test\"}"};
    assert_true(stored_is_test(slice_of("{\"type\":\"chat\",\"test\":true}")));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(stored_is_test(slice_of(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_name_the_user),
        cmocka_unit_test(a_stored_event_is_decoded),
        cmocka_unit_test(the_end_of_the_stream_is_not_found),
        cmocka_unit_test(any_other_answer_is_none),
        cmocka_unit_test(an_event_without_a_number_has_0),
        cmocka_unit_test(an_event_says_whether_it_is_a_test),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
