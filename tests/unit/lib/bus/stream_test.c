/* SPDX-License-Identifier: MIT */
#include "lib/bus/stream.h"

#include "tests/unit/lib/bus/fixture.h"

#define NS_PER_MS INT64_C(1000000)

static jsStreamInfo *info_of(struct bus *bus, const char *name)
{
    jsStreamInfo *info = NULL;
    assert_int_equal(js_GetStreamInfo(&info, bus_jetstream(bus), name, NULL, NULL), NATS_OK);
    return info;
}

static void a_stream_is_made_as_described_and_then_left_alone(void **state)
{
    (void)state;
    struct bus *bus = open_with_stream();
    struct stream other = test_stream;
    other.keep_ms = 1000;
    assert_int_equal(stream_ensure(bus, &other), STATUS_OK);
    jsStreamInfo *info = info_of(bus, "BUSTEST");
    assert_string_equal(info->Config->Subjects[0], "bustest.stored.>");
    assert_int_equal(info->Config->SubjectsLen, 1);
    assert_int_equal(info->Config->MaxAge, 60000 * NS_PER_MS);
    assert_int_equal(info->Config->MaxMsgsPerSubject, 1000);
    assert_int_equal(info->Config->MaxBytes, 1024 * 1024);
    assert_int_equal(info->Config->Storage, js_FileStorage);
    assert_int_equal(info->Config->Discard, js_DiscardOld);
    assert_int_equal(info->Config->Duplicates, 60000 * NS_PER_MS);
    jsStreamInfo_Destroy(info);
    close_with_stream(bus);
}

/* As the stream was made, but for the time that it knows duplicates. */
static void expect_config(struct bus *bus, const char *name, int64_t duplicates_ms)
{
    jsStreamInfo *info = info_of(bus, name);
    assert_int_equal(info->Config->Duplicates, duplicates_ms * NS_PER_MS);
    assert_int_equal(info->Config->MaxAge, test_stream.keep_ms * NS_PER_MS);
    assert_int_equal(info->Config->MaxMsgsPerSubject, test_stream.max_per_subject);
    jsStreamInfo_Destroy(info);
}

static void a_stream_that_forgets_ids_too_soon_learns_to_keep_them(void **state)
{
    (void)state;
    struct stream stream = test_stream;
    stream.name = "BUSTEST2";
    stream.subjects = "bustest2.>";
    stream.duplicates_ms = 1000;
    struct bus *bus = open_bus("publisher");
    assert_int_equal(stream_ensure(bus, &stream), STATUS_OK);

    struct stream wanted = stream;
    wanted.keep_ms = 90000; /* not applied: that stays as it is */
    wanted.duplicates_ms = 45000;
    assert_int_equal(stream_ensure(bus, &wanted), STATUS_OK);
    expect_config(bus, "BUSTEST2", 45000);
    wanted.duplicates_ms = 90000; /* as long as it keeps anything */
    assert_int_equal(stream_ensure(bus, &wanted), STATUS_OK);
    expect_config(bus, "BUSTEST2", 60000);
    assert_int_equal(js_DeleteStream(bus_jetstream(bus), "BUSTEST2", NULL, NULL), NATS_OK);
    bus_close(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_made_as_described_and_then_left_alone),
        cmocka_unit_test(a_stream_that_forgets_ids_too_soon_learns_to_keep_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
