/* SPDX-License-Identifier: MIT */
/* Any request is decoded, or refused with valid JSON in FastAPI's form; what was decoded encodes to
 * a message that decodes to the same. The input is content type, query, path and body, each but the
 * last ended by a line feed. A form has the query for its texts, and the path for its file. */
#include "lib/api/message.h"

#include <assert.h>

#define BOUND(value)                                                                               \
    &(const int64_t)                                                                               \
    {                                                                                              \
        value                                                                                      \
    }
#define INPUT_MAX_BYTES 65536

struct part {
    const char *name;
    int64_t count;
    bool has_count;
    const char *kind;
};
struct thing {
    const char *text;
    const char *note;
    const char *id;
    int64_t stars;
    int64_t days;
    bool has_days;
    double share;
    bool has_share;
    bool on;
    struct part main;
    bool has_main;
    struct list parts;   /* of struct part */
    struct list texts;   /* of const char * */
    struct list numbers; /* of int64_t */
    struct list reals;   /* of double */
    struct list flags;   /* of bool */
};
struct parameters {
    int64_t room;
    const char *id;
    const char *key;
    const char *kind;
    double share;
    bool has_share;
    bool dry;
};
struct form {
    const char *key;
    const char *kind;
    struct file file;
};

static const char *const kinds[] = {"gift", "like", "it's", NULL};

static const struct field part_fields[] = {
    {.name = "name",
     .offset = offsetof(struct part, name),
     .required = true,
     .min = BOUND(1),
     .max = BOUND(4)},
    {.name = "count",
     .type = FIELD_INT,
     .offset = offsetof(struct part, count),
     .has_offset = offsetof(struct part, has_count),
     .nullable = true},
    {.name = "kind",
     .offset = offsetof(struct part, kind),
     .choices = kinds,
     .initial = "\"gift\""},
};
static const struct message part_message = {.name = "part",
                                            .size = sizeof(struct part),
                                            .fields = part_fields,
                                            .count = ARRAY_LEN(part_fields)};

#define LIST_FIELD(member, of)                                                                     \
    {                                                                                              \
        .name = #member, .type = FIELD_LIST, .offset = offsetof(struct thing, member), .item = of  \
    }

static const struct field thing_fields[] = {
    {.name = "text", .offset = offsetof(struct thing, text), .required = true},
    {.name = "note", .offset = offsetof(struct thing, note), .nullable = true, .max = BOUND(5)},
    {.name = "id", .type = FIELD_UUID, .offset = offsetof(struct thing, id)},
    {.name = "stars",
     .type = FIELD_INT,
     .offset = offsetof(struct thing, stars),
     .min = BOUND(1),
     .max = BOUND(5),
     .initial = "1"},
    {.name = "days",
     .type = FIELD_INT,
     .offset = offsetof(struct thing, days),
     .has_offset = offsetof(struct thing, has_days)},
    {.name = "share",
     .type = FIELD_REAL,
     .offset = offsetof(struct thing, share),
     .has_offset = offsetof(struct thing, has_share),
     .nullable = true},
    {.name = "on", .type = FIELD_BOOL, .offset = offsetof(struct thing, on), .initial = "true"},
    {.name = "main",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct thing, main),
     .has_offset = offsetof(struct thing, has_main),
     .message = &part_message},
    {.name = "parts",
     .type = FIELD_LIST,
     .offset = offsetof(struct thing, parts),
     .item = FIELD_OBJECT,
     .message = &part_message},
    LIST_FIELD(texts, FIELD_TEXT),
    LIST_FIELD(numbers, FIELD_INT),
    LIST_FIELD(reals, FIELD_REAL),
    LIST_FIELD(flags, FIELD_BOOL),
};
static const struct message thing_message = {.name = "thing",
                                             .size = sizeof(struct thing),
                                             .fields = thing_fields,
                                             .count = ARRAY_LEN(thing_fields),
                                             .has_body = true};

static const struct field parameter_fields[] = {
    {.name = "room",
     .type = FIELD_INT,
     .place = FIELD_PATH,
     .offset = offsetof(struct parameters, room),
     .required = true},
    {.name = "id",
     .type = FIELD_UUID,
     .place = FIELD_PATH,
     .offset = offsetof(struct parameters, id)},
    {.name = "key",
     .place = FIELD_QUERY,
     .offset = offsetof(struct parameters, key),
     .required = true,
     .min = BOUND(1)},
    {.name = "kind",
     .place = FIELD_QUERY,
     .offset = offsetof(struct parameters, kind),
     .choices = kinds},
    {.name = "share",
     .type = FIELD_REAL,
     .place = FIELD_QUERY,
     .offset = offsetof(struct parameters, share),
     .has_offset = offsetof(struct parameters, has_share),
     .max = BOUND(1)},
    {.name = "dry",
     .type = FIELD_BOOL,
     .place = FIELD_QUERY,
     .offset = offsetof(struct parameters, dry),
     .initial = "false"},
};
static const struct message parameters_message = {.name = "parameters",
                                                  .size = sizeof(struct parameters),
                                                  .fields = parameter_fields,
                                                  .count = ARRAY_LEN(parameter_fields)};

static const struct field form_fields[] = {
    {.name = "key", .offset = offsetof(struct form, key), .required = true, .max = BOUND(5)},
    {.name = "kind",
     .offset = offsetof(struct form, kind),
     .choices = kinds,
     .initial = "\"gift\""},
    {.name = "file", .type = FIELD_FILE, .offset = offsetof(struct form, file), .required = true},
};
static const struct message form_message = {.name = "form",
                                            .size = sizeof(struct form),
                                            .fields = form_fields,
                                            .count = ARRAY_LEN(form_fields),
                                            .has_body = true,
                                            .is_form = true};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the next line off. A line without an end is all that is left. */
static const char *take_line(struct arena *arena, struct slice *rest)
{
    const char *line = rest->data;
    const char *end = rest->size ? memchr(line, '\n', rest->size) : NULL;
    size_t size = end ? (size_t)(end - line) : rest->size;
    size_t taken = end ? size + 1 : size;
    *rest = (struct slice){line + taken, rest->size - taken};
    return arena_text_n(arena, line, size);
}

static void check_violation(const json_t *violation)
{
    const char *keys[] = {"type", "loc", "msg", "input", "ctx"};
    size_t at = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)violation, key, value)
    {
        assert(at < ARRAY_LEN(keys) && strcmp(key, keys[at]) == 0);
        at++;
    }
    assert(at >= 4);
    const char *place = json_string_value(json_array_get(json_object_get(violation, "loc"), 0));
    assert(place && (strcmp(place, "body") == 0 || strcmp(place, "query") == 0 ||
                     strcmp(place, "path") == 0));
}

static void check_errors(const struct buffer *errors)
{
    if (errors->overflowed)
        return;
    json_error_t error;
    AUTO(json_decref)
    json_t *root =
        json_loadb(errors->data, errors->size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    /* An input as deep as the parser allows is too deep for it inside the list. */
    if (!root && json_error_code(&error) == json_error_stack_overflow)
        return;
    const json_t *list = json_object_get(root, "detail");
    assert(json_object_size(root) == 1 && json_array_size(list) > 0);
    for (size_t i = 0; i < json_array_size(list); i++)
        check_violation(json_array_get(list, i));
}

static void check_round_trip(struct arena *arena, const struct thing *thing)
{
    struct thing again = {0};
    AUTO_BUFFER(first, 16 * INPUT_MAX_BYTES);
    AUTO_BUFFER(second, 16 * INPUT_MAX_BYTES);
    message_encode(&thing_message, thing, &first);
    enum status status = message_decode(&thing_message, buffer_slice(&first), arena, &again);
    assert(status == STATUS_OK);
    message_encode(&thing_message, &again, &second);
    assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
}

static void check_form(const struct form *form, const struct request_parts *parts)
{
    assert(form->key && form->kind && form->file.name);
    assert(form->file.data.data == parts->body.data && form->file.data.size == parts->body.size);
}

static void decode(struct arena *arena, const struct message *message,
                   const struct request_parts *parts)
{
    AUTO_BUFFER(errors, 16 * INPUT_MAX_BYTES);
    void *out = arena_alloc(arena, message->size);
    enum status status = message_decode_request(message, parts, arena, out, &errors);
    if (status != STATUS_OK)
        check_errors(&errors);
    else if (message == &thing_message)
        check_round_trip(arena, out);
    else if (message == &form_message)
        check_form(out, parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX_BYTES)
        return 0;
    AUTO(arena_free) struct arena *arena = arena_new(8 * 1024 * 1024);
    struct slice rest = {data, size};
    struct request_parts parts = {0};
    parts.content_type = take_line(arena, &rest);
    parts.query = take_line(arena, &rest);
    parts.path = take_line(arena, &rest);
    parts.body = rest;
    parts.form = parts.query;
    parts.file = parts.path;
    decode(arena, &thing_message, &parts);
    decode(arena, &parameters_message, &parts);
    decode(arena, &form_message, &parts);
    return 0;
}
