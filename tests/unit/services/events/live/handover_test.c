/* SPDX-License-Identifier: MIT */
#include "services/events/live/handover.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tests/unit/services/events/live/listener.h"

#include "tests/support/await.h"

#include <stdatomic.h>

/* Two replicas. */
struct side {
    struct bus *bus;
    struct handover *handover;
    atomic_int losses, calls;
    char lost[64]; /* the names, in a row */
    int slow_ms;   /* how long it takes to be quiet */
};

struct fixture {
    struct metrics *metrics;
    struct side old, new;
};

static void on_lost(void *closure, const char *const names[], size_t count)
{
    struct side *side = closure;
    clock_sleep_ms(side->slow_ms);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(side->lost);
        (void)snprintf(side->lost + size, sizeof(side->lost) - size, "<%s>", names[i]);
    }
    atomic_fetch_add(&side->losses, 1);
}

static void on_call(void *closure)
{
    struct side *side = closure;
    atomic_fetch_add(&side->calls, 1);
}

static void open_side(struct fixture *fixture, struct side *side)
{
    side->bus = open_bus("events");
    const struct handover_options options = {.bus = side->bus,
                                             .on_lost = on_lost,
                                             .on_call = on_call,
                                             .closure = side,
                                             .metrics = fixture->metrics};
    assert_int_equal(handover_start(&options, &side->handover), STATUS_OK);
}

static void close_side(struct side *side)
{
    handover_stop(TAKE(side->handover));
    bus_close(TAKE(side->bus));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.metrics = metrics_new()};
    open_side(&fixture, &fixture.old);
    open_side(&fixture, &fixture.new);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_side(&fixture->old);
    close_side(&fixture->new);
    metrics_free(fixture->metrics);
    return 0;
}

static void take(struct fixture *fixture, const char *previous)
{
    const char *const names[] = {"one", "", "two"};
    handover_take(fixture->new.handover, previous, names, ARRAY_LEN(names));
}

static void who_takes_waits_until_the_one_before_is_quiet(void **state)
{
    struct fixture *fixture = *state;
    fixture->old.slow_ms = 200;
    take(fixture, bus_id(fixture->old.bus));
    assert_int_equal(atomic_load(&fixture->old.losses), 1);
    assert_string_equal(fixture->old.lost, "<one><two>");
    assert_int_equal(atomic_load(&fixture->new.losses), 0);
}

static void nobody_waits_for_who_is_gone(void **state)
{
    struct fixture *fixture = *state;
    char gone[32];
    (void)snprintf(gone, sizeof(gone), "%s", bus_id(fixture->old.bus));
    close_side(&fixture->old);
    int64_t start_ms = clock_mono_ms();
    take(fixture, gone);
    assert_true(clock_mono_ms() - start_ms < 900);
}

static void nobody_waits_for_long_for_who_hangs(void **state)
{
    struct fixture *fixture = *state;
    fixture->old.slow_ms = 2500;
    int64_t start_ms = clock_mono_ms();
    take(fixture, bus_id(fixture->old.bus));
    assert_in_range(clock_mono_ms() - start_ms, 900, 2400);
    assert_int_equal(atomic_load(&fixture->old.losses), 0);
}

static void a_call_reaches_the_others(void **state)
{
    struct fixture *fixture = *state;
    handover_call(fixture->old.handover);
    AWAIT(atomic_load(&fixture->new.calls) == 1);
    assert_int_equal(atomic_load(&fixture->new.losses), 0);
}

#define HANDOVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HANDOVER_TEST(who_takes_waits_until_the_one_before_is_quiet),
        HANDOVER_TEST(nobody_waits_for_who_is_gone),
        HANDOVER_TEST(nobody_waits_for_long_for_who_hangs),
        HANDOVER_TEST(a_call_reaches_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
