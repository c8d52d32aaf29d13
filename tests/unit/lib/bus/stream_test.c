/* SPDX-License-Identifier: MIT */
#include "lib/bus/stream.h"

#include "tests/unit/lib/bus/fixture.h"

static void a_stream_is_made_as_described_and_then_left_alone(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    struct stream other = test_stream;
    other.keep_ms = 1000;
    assert_int_equal(stream_ensure(bus, &other), STATUS_OK);
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, bus_jetstream(bus), "BUSTEST", NULL, NULL), NATS_OK);
    assert_string_equal(info->Config->Subjects[0], "bustest.stored.>");
    assert_int_equal(info->Config->SubjectsLen, 1);
    assert_int_equal(info->Config->MaxAge, 60000 * INT64_C(1000000));
    assert_int_equal(info->Config->MaxMsgsPerSubject, 1000);
    assert_int_equal(info->Config->MaxBytes, 1024 * 1024);
    assert_int_equal(info->Config->Storage, js_FileStorage);
    assert_int_equal(info->Config->Discard, js_DiscardOld);
    jsStreamInfo_Destroy(info);
    close_with_stream(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_made_as_described_and_then_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
