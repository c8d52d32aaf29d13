/* SPDX-License-Identifier: MIT */
#include "services/events/live/ack.h"

#include "lib/bus/bus.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum ack read_text(const char *text)
{
    AUTO(natsMsg_Destroy) natsMsg *message = NULL;
    assert_int_equal(natsMsg_Create(&message, "reply", NULL, text, (int)strlen(text)), NATS_OK);
    return ack_read(message);
}

static void a_stored_message_and_a_repeat_are_stored(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"stream\":\"LIVE\", \"seq\":12}"), ACK_STORED);
    assert_int_equal(read_text("{\"stream\":\"LIVE\",\"seq\":12,\"duplicate\": true}"), ACK_STORED);
}

static void an_error_of_the_server_may_pass(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"error\":{\"code\":503,\"err_code\":10077,\"description\":"
                               "\"maximum messages exceeded\"},\"stream\":\"LIVE\",\"seq\":0}"),
                     ACK_LATER);
    assert_int_equal(read_text("{\"error\":{\"code\":500}}"), ACK_LATER);
}

static void an_error_of_the_message_stays(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"error\":{\"code\":400,\"err_code\":10054,\"description\":"
                               "\"message size exceeds maximum allowed\"},\"stream\":\"LIVE\"}"),
                     ACK_NEVER);
}

static void what_is_no_acknowledgement_is_none(void **state)
{
    (void)state;
    assert_int_equal(read_text(""), ACK_LATER);
    assert_int_equal(read_text("+OK"), ACK_LATER);
    assert_int_equal(read_text("[]"), ACK_LATER);
    assert_int_equal(read_text("{}"), ACK_LATER);
}

/* The library notes errors in places that it makes when it is opened. */
static int open_library(void **state)
{
    (void)state;
    return nats_Open(-1) == NATS_OK ? 0 : -1;
}

static int close_library(void **state)
{
    (void)state;
    nats_Close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stored_message_and_a_repeat_are_stored),
        cmocka_unit_test(an_error_of_the_server_may_pass),
        cmocka_unit_test(an_error_of_the_message_stays),
        cmocka_unit_test(what_is_no_acknowledgement_is_none),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
