/* SPDX-License-Identifier: MIT */
/* Requests as tests send them: one with every kind of field, and one with a query only. */
#pragma once

#include "tests/unit/lib/api/request.h"

#define BOUND(value)                                                                               \
    &(const int64_t)                                                                               \
    {                                                                                              \
        value                                                                                      \
    }
#define DICTIONARY "Input should be a valid dictionary or object to extract fields from"

/* POST /lives/{room}/orders?limit=…&dry= with a body; tables as tools/protogen writes them. */
struct item {
    const char *name;
    int64_t count;
};
struct order {
    int64_t room;
    int64_t limit;
    bool dry;
    bool has_dry;
    const char *username;
    const char *note;
    struct item main;
    bool has_main;
    struct list items; /* of struct item */
    struct list tags;  /* of const char * */
    int64_t days;
    bool has_days;
    bool enabled;
};

static const struct field item_fields[] = {
    {.name = "name", .offset = offsetof(struct item, name), .required = true},
    {.name = "count",
     .type = FIELD_INT,
     .offset = offsetof(struct item, count),
     .min = BOUND(1),
     .initial = "1"},
};
static const struct message item_message = {.name = "item",
                                            .size = sizeof(struct item),
                                            .fields = item_fields,
                                            .count = ARRAY_LEN(item_fields)};

/* Body, query and path are mixed, since it is not the table that says which comes first. */
static const struct field order_fields[] = {
    {.name = "username", .offset = offsetof(struct order, username), .required = true},
    {.name = "note", .offset = offsetof(struct order, note), .nullable = true},
    {.name = "limit",
     .type = FIELD_INT,
     .place = FIELD_QUERY,
     .offset = offsetof(struct order, limit),
     .min = BOUND(1),
     .max = BOUND(1000),
     .initial = "200"},
    {.name = "room",
     .type = FIELD_INT,
     .place = FIELD_PATH,
     .offset = offsetof(struct order, room),
     .required = true},
    {.name = "dry",
     .type = FIELD_BOOL,
     .place = FIELD_QUERY,
     .offset = offsetof(struct order, dry),
     .has_offset = offsetof(struct order, has_dry)},
    {.name = "main",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct order, main),
     .has_offset = offsetof(struct order, has_main),
     .message = &item_message},
    {.name = "items",
     .type = FIELD_LIST,
     .offset = offsetof(struct order, items),
     .item = FIELD_OBJECT,
     .message = &item_message},
    {.name = "tags",
     .type = FIELD_LIST,
     .offset = offsetof(struct order, tags),
     .min = BOUND(1),
     .max = BOUND(3),
     .item = FIELD_TEXT,
     .item_max = BOUND(5)},
    {.name = "days",
     .type = FIELD_INT,
     .offset = offsetof(struct order, days),
     .has_offset = offsetof(struct order, has_days),
     .nullable = true},
    {.name = "enabled",
     .type = FIELD_BOOL,
     .offset = offsetof(struct order, enabled),
     .initial = "true"},
};
static const struct message order_message = {.name = "order",
                                             .size = sizeof(struct order),
                                             .fields = order_fields,
                                             .count = ARRAY_LEN(order_fields),
                                             .has_body = true};

/* GET /check?key= */
struct check {
    const char *key;
};
static const struct field check_fields[] = {
    {.name = "key", .place = FIELD_QUERY, .offset = offsetof(struct check, key), .required = true}};
static const struct message check_message = {.name = "check",
                                             .size = sizeof(struct check),
                                             .fields = check_fields,
                                             .count = ARRAY_LEN(check_fields)};

static struct arena *arena;

static inline int setup(void **state)
{
    (void)state;
    arena = arena_new(8 * 1024 * 1024);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static inline struct request_parts order_parts(const char *body)
{
    return (struct request_parts){.path = "room=7", .body = slice_of(json_of(arena, body))};
}

static inline struct order read_order(const char *body)
{
    struct order order = {0};
    const struct request_parts parts = order_parts(body);
    expect_decoded(arena, &order_message, &parts, &order);
    return order;
}

static inline void refuse_order(const char *body, const char *detail)
{
    const struct request_parts parts = order_parts(body);
    expect_refused(arena, &order_message, &parts, detail);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
