/* SPDX-License-Identifier: MIT */
#include "services/events/domain/gift_set.h"

#include "lib/base/map.h"
#include "lib/base/text.h"

#include <inttypes.h>

#define KEY_SIZE 24

struct item {
    char key[KEY_SIZE]; /* the id as text */
    int64_t id;
    char *name;
    int64_t diamond_count;
    char *image; /* NULL: none */
    bool waits;
    int64_t taken_ms; /* when it was last handed out */
};

struct gift_set {
    struct map by_key;
    size_t count;
    size_t waiting_count;
    struct item *items[GIFT_SET_MAX];
    struct item *waiting[GIFT_SET_MAX]; /* in no order */
};

struct gift_set *gift_set_new(void)
{
    struct gift_set *set = calloc(1, sizeof(*set));
    if (!set)
        abort();
    return set;
}

static struct item *find(const struct gift_set *set, int64_t id)
{
    char key[KEY_SIZE];
    (void)snprintf(key, sizeof(key), "%" PRId64, id);
    return map_find(&set->by_key, key);
}

/* NULL when there are too many. */
static struct item *insert(struct gift_set *set, int64_t id)
{
    if (set->count == GIFT_SET_MAX)
        return NULL;
    struct item *item = calloc(1, sizeof(*item));
    if (!item)
        abort();
    (void)snprintf(item->key, sizeof(item->key), "%" PRId64, id);
    item->id = id;
    set->items[set->count++] = item;
    map_add(&set->by_key, item->key, item);
    return item;
}

static char *copy_text(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        abort();
    return copy;
}

static void put_waiting(struct gift_set *set, struct item *item)
{
    if (item->waits)
        return;
    item->waits = true;
    set->waiting[set->waiting_count++] = item;
}

static bool is_description(const struct live_gift *gift)
{
    return gift->has_price && gift->gift_id > 0 && gift->diamond_count >= 0 &&
           !text_is_blank(gift->name) && strlen(gift->name) <= GIFT_NAME_MAX_BYTES;
}

static const char *good_image(const char *image)
{
    bool is_good =
        image && text_starts_with(image, "https://") && strlen(image) <= GIFT_IMAGE_MAX_BYTES;
    return is_good ? image : NULL;
}

static bool is_news(const struct item *item, const struct live_gift *gift, const char *image,
                    int64_t now_ms)
{
    if (!item->name || !text_equal(item->name, gift->name) ||
        item->diamond_count != gift->diamond_count || (image && !item->image))
        return true;
    return !item->waits && now_ms - item->taken_ms >= GIFT_SET_FRESH_MS;
}

bool gift_set_add(struct gift_set *set, const struct live_gift *gift, int64_t now_ms)
{
    if (!is_description(gift))
        return false;
    struct item *item = find(set, gift->gift_id);
    if (!item)
        item = insert(set, gift->gift_id);
    const char *image = good_image(gift->image);
    if (!item || !is_news(item, gift, image, now_ms))
        return false;

    free(item->name);
    free(item->image);
    item->name = copy_text(gift->name);
    item->diamond_count = gift->diamond_count;
    item->image = copy_text(image);
    put_waiting(set, item);
    return true;
}

void gift_set_know(struct gift_set *set, const struct gift *gift, int64_t now_ms)
{
    struct item *item = find(set, gift->id) ? NULL : insert(set, gift->id);
    if (!item)
        return;
    item->name = copy_text(gift->name);
    item->diamond_count = gift->diamond_count;
    item->image = copy_text(gift->image);
    item->taken_ms = now_ms;
}

bool gift_set_describe(const struct gift_set *set, int64_t id,
                       char ret_name[GIFT_NAME_MAX_BYTES + 1], int64_t *ret_diamond_count)
{
    const struct item *item = find(set, id);
    if (!item || !item->name)
        return false;
    (void)snprintf(ret_name, GIFT_NAME_MAX_BYTES + 1, "%s", item->name);
    *ret_diamond_count = item->diamond_count;
    return true;
}

size_t gift_set_take(struct gift_set *set, int64_t now_ms, struct arena *arena, struct gift *gifts,
                     size_t max)
{
    size_t count = 0;
    while (count < max && set->waiting_count > 0) {
        struct item *item = set->waiting[--set->waiting_count];
        item->waits = false;
        item->taken_ms = now_ms;
        gifts[count++] = (struct gift){
            .id = item->id,
            .name = arena_text(arena, item->name),
            .diamond_count = item->diamond_count,
            .image = arena_text(arena, item->image),
        };
    }
    return count;
}

void gift_set_give_back(struct gift_set *set, const struct gift *gifts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_waiting(set, find(set, gifts[i].id));
}

void gift_set_free(struct gift_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        free(set->items[i]->name);
        free(set->items[i]->image);
        free(set->items[i]);
    }
    map_done(&set->by_key);
    free(set);
}
