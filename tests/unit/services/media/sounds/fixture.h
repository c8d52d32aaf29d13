/* SPDX-License-Identifier: MIT */
/* A media root and the media schema, both empty. */
#pragma once

#include "services/media/sounds/library.h"
#include "tests/unit/services/media/sounds/folder.h"
#include "tests/unit/services/media/store/fixture.h"

struct place {
    struct media_root root;
    struct call *call;
    struct library library; /* with room for 3 sounds or 1000 bytes */
};

static inline int place_set_up(void **state)
{
    static struct place place;
    void *call = NULL;
    fixture_sql("set client_min_messages = error; drop trigger if exists mishap on media.sounds");
    if (root_make(&place.root) != 0 || fixture_set_up(&call) != 0)
        return -1;
    place.call = call;
    place.library = (struct library){place.root.fd, .sounds_max = 3, .bytes_max = 1000};
    *state = &place;
    return 0;
}

static inline int place_tear_down(void **state)
{
    struct place *place = *state;
    fixture_free(place->call);
    return root_remove(&place->root);
}

static inline struct new_sound place_sound(const char *name, size_t size)
{
    static const char data[2000] = {'d'};
    struct new_sound sound = {.file = {data, size}, .about = {.duration_ms = 500, .format = "wav"}};
    filename_clean(name, &sound.name);
    return sound;
}

/* Adds a sound of 100 bytes for USER, which must get the name expected. */
static inline void place_add(struct place *place, const char *name, const char *expected)
{
    struct new_sound sound = place_sound(name, 100);
    struct filename got;
    assert_int_equal(library_add(&place->library, place->call, USER, &sound, &got), STATUS_OK);
    assert_string_equal(got.text, expected);
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
