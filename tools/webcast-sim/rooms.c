/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/rooms.h"

#include "tools/webcast-sim/sim.h"

#include <search.h>

bool rooms_is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.");
    return length > 0 && length < HANDLE_SIZE && name[length] == '\0';
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct room *)left)->name, ((const struct room *)right)->name);
}

static int compare_ids(const void *left, const void *right)
{
    int64_t a = ((const struct room *)left)->id, b = ((const struct room *)right)->id;
    return (a > b) - (a < b);
}

/* 19 digits, as the real ones have. */
static int64_t id_of_name(const char *name, int generation)
{
    char text[HANDLE_SIZE + 16];
    snprintf(text, sizeof(text), "room %s %d", name, generation);
    return 7000000000000000000 + (int64_t)(dice_hash(text) % 1000000000000000000u);
}

static void tree_insert(void **tree, const struct room *room,
                        int (*compare)(const void *, const void *))
{
    if (!tsearch(room, tree, compare))
        abort();
}

struct room *rooms_get(struct sim *sim, const char *name)
{
    struct rooms *rooms = &sim->rooms;
    if (!rooms_is_name(name))
        return NULL;
    struct room key = {0};
    snprintf(key.name, sizeof(key.name), "%s", name);
    struct room *const *node = tfind(&key, &rooms->by_name, compare_names);
    if (node)
        return *node; /* a node begins with its key */
    if (rooms->count == ROOMS_MAX)
        return NULL;
    struct room *room = room_new(sim, name, id_of_name(name, 0));
    room->next = rooms->first;
    rooms->first = room;
    rooms->count++;
    tree_insert(&rooms->by_name, room, compare_names);
    tree_insert(&rooms->by_id, room, compare_ids);
    return room;
}

struct room *rooms_find(const struct rooms *rooms, int64_t id)
{
    struct room key = {.id = id};
    struct room *const *node = tfind(&key, &rooms->by_id, compare_ids);
    return node ? *node : NULL;
}

bool rooms_change_id(struct rooms *rooms, struct room *room, int64_t id)
{
    if (id == 0)
        id = id_of_name(room->name, ++room->generation);
    if (id == room->id)
        return true;
    if (rooms_find(rooms, id))
        return false;
    tdelete(room, &rooms->by_id, compare_ids);
    room->id = id;
    room->open_gift = (struct event){0};
    script_forget_streaks(&room->script);
    tree_insert(&rooms->by_id, room, compare_ids);
    return true;
}

static void node_ignore(void *node)
{
    (void)node;
}

void rooms_done(struct rooms *rooms)
{
    tdestroy(rooms->by_name, node_ignore);
    tdestroy(rooms->by_id, node_ignore);
    while (rooms->first) {
        struct room *room = rooms->first;
        rooms->first = room->next;
        room_free(room);
    }
}
