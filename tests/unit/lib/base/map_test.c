/* SPDX-License-Identifier: MIT */
#include "lib/base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 2000

struct thing {
    char name[24];
    bool is_in;
};

static void make_things(struct thing things[MANY])
{
    for (int i = 0; i < MANY; i++)
        (void)snprintf(things[i].name, sizeof(things[i].name), "streamer_%d", i);
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct map map = {0};
    assert_null(map_find(&map, "a"));
    assert_null(map_find(&map, ""));
    map_remove(&map, "a");
    assert_int_equal(map.count, 0);
    map_done(&map);
}

static void a_thing_is_found_by_an_equal_name(void **state)
{
    (void)state;
    struct map map = {0};
    int one, two, empty;
    map_add(&map, "one", &one);
    map_add(&map, "two", &two);
    map_add(&map, "", &empty);
    char name[] = "one";
    assert_ptr_equal(map_find(&map, name), &one);
    assert_ptr_equal(map_find(&map, "two"), &two);
    assert_ptr_equal(map_find(&map, ""), &empty);
    assert_null(map_find(&map, "on"));
    assert_null(map_find(&map, "onee"));
    map_done(&map);
}

static void what_was_removed_may_come_again(void **state)
{
    (void)state;
    struct map map = {0};
    int first, second;
    map_add(&map, "a", &first);
    map_remove(&map, "a");
    map_remove(&map, "a");
    assert_null(map_find(&map, "a"));
    map_add(&map, "a", &second);
    assert_ptr_equal(map_find(&map, "a"), &second);
    assert_int_equal(map.count, 1);
    map_done(&map);
}

static void assert_holds(const struct map *map, struct thing things[MANY])
{
    size_t count = 0;
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(map_find(map, things[i].name), things[i].is_in ? &things[i] : NULL);
        count += things[i].is_in;
    }
    assert_int_equal(map->count, count);
}

/* A fixed sequence of comings and goings, held against flags. */
static void many_come_and_go_and_the_others_stay(void **state)
{
    (void)state;
    static struct thing things[MANY];
    struct map map = {0};
    make_things(things);
    uint32_t random = 1;
    for (int i = 0; i < 40 * MANY; i++) {
        random = random * 1664525U + 1013904223U;
        struct thing *thing = &things[(random >> 16) % MANY];
        if (thing->is_in)
            map_remove(&map, thing->name);
        else
            map_add(&map, thing->name, thing);
        thing->is_in = !thing->is_in;
        if (i % MANY == 0)
            assert_holds(&map, things);
    }
    assert_holds(&map, things);
    map_done(&map);
}

static void the_table_grows_with_what_is_in_it_only(void **state)
{
    (void)state;
    static struct thing things[MANY];
    struct map map = {0};
    make_things(things);
    for (int i = 0; i < MANY; i++) {
        map_add(&map, things[i].name, &things[i]);
        map_remove(&map, things[i].name);
    }
    assert_in_range(map.capacity, 1, 64);
    for (int i = 0; i < MANY; i++)
        map_add(&map, things[i].name, &things[i]);
    assert_in_range(map.capacity, 2 * MANY, 4 * MANY);
    map_done(&map);
    assert_null(map_find(&map, things[0].name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(a_thing_is_found_by_an_equal_name),
        cmocka_unit_test(what_was_removed_may_come_again),
        cmocka_unit_test(many_come_and_go_and_the_others_stay),
        cmocka_unit_test(the_table_grows_with_what_is_in_it_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
