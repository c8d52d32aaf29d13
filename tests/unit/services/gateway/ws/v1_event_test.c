/* SPDX-License-Identifier: MIT */
#include "services/gateway/ws/v1_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check(const char *event, const char *expected)
{
    struct frame *frame = v1_event_frame((struct slice){event, strlen(event)});
    assert_int_equal(frame_size(frame), strlen(expected));
    assert_memory_equal(frame_payload(frame), expected, strlen(expected));
    frame_drop(frame);
}

static void id_and_seq_are_left_out_and_nothing_else_changes(void **state)
{
    (void)state;
    check("{\"type\":\"gift\",\"id\":\"g1\",\"seq\":1795283592974127,\"ts\":\"t\",\"user\":\"Маша "
          "\\\"\",\"count\":3,"
          "\"streak\":{\"id\":\"5\",\"final\":true}}",
          "{\"type\":\"gift\",\"ts\":\"t\",\"user\":\"Маша \\\"\",\"count\":3,"
          "\"streak\":{\"id\":\"5\",\"final\":true}}");
    check("{\"type\":\"status\",\"connected\":false}", "{\"type\":\"status\",\"connected\":false}");
    check("{\"seq\":1,\"id\":2}", "{}");
}

static void what_is_no_object_stays_as_it_is(void **state)
{
    (void)state;
    check("nonsense", "nonsense");
    check("", "");
    check("{\"id\":", "{\"id\":");
}

static void a_deletion_which_speaks_of_ids_is_none_of_theirs(void **state)
{
    (void)state;
    const char *event = "{\"type\":\"delete\",\"id\":\"d\",\"seq\":1,\"ids\":[\"a\"]}";
    assert_null(v1_event_frame((struct slice){event, strlen(event)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_and_seq_are_left_out_and_nothing_else_changes),
        cmocka_unit_test(what_is_no_object_stays_as_it_is),
        cmocka_unit_test(a_deletion_which_speaks_of_ids_is_none_of_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
