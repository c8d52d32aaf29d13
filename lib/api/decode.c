/* SPDX-License-Identifier: MIT */
#include "lib/api/message.h"

#include "lib/api/form.h"
#include "lib/base/text.h"

#define LIST_MAX 1024 /* items of a list that states no maximum */

static const char *const place_names[] = {
    [FIELD_BODY] = "body", [FIELD_QUERY] = "query", [FIELD_PATH] = "path"};

static void read_object(struct scalar_reader *reader, const struct message *message,
                        enum field_place place, const struct location *where, const json_t *object,
                        char *out);

static bool read_value(struct scalar_reader *reader, const struct field *field,
                       enum field_type type, const struct location *where, const json_t *value,
                       char *out);

static size_t item_size(const struct field *field)
{
    static const size_t sizes[] = {
        [FIELD_TEXT] = sizeof(const char *), [FIELD_UUID] = sizeof(const char *),
        [FIELD_INT] = sizeof(int64_t),       [FIELD_REAL] = sizeof(double),
        [FIELD_BOOL] = sizeof(bool),
    };
    return field->item == FIELD_OBJECT ? field->message->size : sizes[field->item];
}

static bool check_count(struct scalar_reader *reader, const struct field *field,
                        const struct location *where, const json_t *value)
{
    long long count = (long long)json_array_size(value);
    long long min = field->min ? (long long)*field->min : 0;
    long long max = field->max ? (long long)*field->max : LIST_MAX;
    bool few = count < min;
    if (!few && count <= max)
        return true;

    long long bound = few ? min : max;
    const char *message =
        arena_printf(reader->arena, "List should have at %s %lld item%s after validation, not %lld",
                     few ? "least" : "most", bound, bound == 1 ? "" : "s", count);
    const char *ctx =
        arena_printf(reader->arena, "{\"field_type\":\"List\",\"%s\":%lld,\"actual_length\":%lld}",
                     few ? "min_length" : "max_length", bound, count);
    violations_add(reader->violations, few ? "too_short" : "too_long", where, message, value, ctx);
    return false;
}

static bool read_list(struct scalar_reader *reader, const struct field *field,
                      const struct location *where, const json_t *value, struct list *out)
{
    if (!json_is_array(value)) {
        violations_add(reader->violations, "list_type", where, "Input should be a valid list",
                       value, NULL);
        return false;
    }
    if (!check_count(reader, field, where, value))
        return false;

    /* An item's own bounds are not those of the list. */
    struct field item = {.name = field->name,
                         .type = field->item,
                         .max = field->item_max,
                         .message = field->message};
    size_t size = item_size(field);
    char *items = arena_array(reader->arena, json_array_size(value), size);
    bool good = true;
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct location at = {.parent = where, .index = i};
        good &=
            read_value(reader, &item, item.type, &at, json_array_get(value, i), items + i * size);
    }
    *out = (struct list){items, json_array_size(value)};
    return good;
}

static bool read_nested(struct scalar_reader *reader, const struct field *field,
                        const struct location *where, const json_t *value, char *out)
{
    if (!json_is_object(value)) {
        violations_add(reader->violations, "model_attributes_type", where,
                       "Input should be a valid dictionary or object to extract fields from", value,
                       NULL);
        return false;
    }
    size_t before = reader->violations->count;
    read_object(reader, field->message, FIELD_BODY, where, value, out);
    return reader->violations->count == before;
}

static bool read_value(struct scalar_reader *reader, const struct field *field,
                       enum field_type type, const struct location *where, const json_t *value,
                       char *out)
{
    switch (type) {
    case FIELD_TEXT:
        return scalar_read_text(reader, field, where, value, (const char **)out);
    case FIELD_UUID:
        return scalar_read_uuid(reader, where, value, (const char **)out);
    case FIELD_INT:
        return scalar_read_int(reader, field, where, value, (int64_t *)out);
    case FIELD_REAL:
        return scalar_read_real(reader, field, where, value, (double *)out);
    case FIELD_BOOL:
        return scalar_read_bool(reader, where, value, (bool *)out);
    case FIELD_OBJECT:
        return read_nested(reader, field, where, value, out);
    case FIELD_LIST:
        return read_list(reader, field, where, value, (struct list *)out);
    case FIELD_FILE:
        return form_take_file(reader, where, value, (struct file *)out);
    }
    abort();
}

static void read_field(struct scalar_reader *reader, const struct field *field,
                       const struct location *where, const json_t *value, char *out)
{
    if (json_is_null(value) && field->nullable)
        return;
    if (read_value(reader, field, field->type, where, value, out + field->offset) &&
        field->has_offset)
        *(bool *)(out + field->has_offset) = true;
}

static void read_initial(struct scalar_reader *reader, const struct field *field,
                         const struct location *where, char *out)
{
    AUTO(json_decref) json_t *value = json_loads(field->initial, JSON_DECODE_ANY, NULL);
    read_field(reader, field, where, value, out);
}

/* Reads message's fields that come from place out of object, which FastAPI shows in place of what
 * is missing where the client has sent it as such. */
static void read_object(struct scalar_reader *reader, const struct message *message,
                        enum field_place place, const struct location *where, const json_t *object,
                        char *out)
{
    const json_t *shown = place == FIELD_BODY && !message->is_form ? object : NULL;
    for (size_t i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        if (field->place != place)
            continue;
        struct location at = {.parent = where, .name = field->name};
        const json_t *value = json_object_get(object, field->name);
        if (value)
            read_field(reader, field, &at, value, out);
        else if (field->initial)
            read_initial(reader, field, &at, out);
        else if (field->required)
            violations_add(reader->violations, "missing", &at, "Field required", shown, NULL);
    }
}

static void read_parameters(struct scalar_reader *reader, const struct message *message,
                            enum field_place place, const char *query, char *out)
{
    AUTO(json_decref) json_t *object = form_texts(reader->arena, message, place, query);
    const struct location where = {.name = place_names[place]};
    read_object(reader, message, place, &where, object, out);
}

static void read_form(struct scalar_reader *reader, const struct message *message,
                      const struct request_parts *parts, char *out)
{
    AUTO(json_decref) json_t *form = form_read(reader->arena, message, parts, &reader->file);
    const struct location where = {.name = place_names[FIELD_BODY]};
    read_object(reader, message, FIELD_BODY, &where, form, out);
}

/* No Content-Type counts as JSON, as any type whose subtype is json or ends in +json. */
static bool is_json_type(struct arena *arena, const char *content_type)
{
    if (text_is_blank(content_type))
        return true;
    char *type = arena_text_n(arena, content_type, strcspn(content_type, ";"));
    type = text_trim(arena, type);
    text_lower(type);
    size_t length = strlen(type);
    return text_starts_with(type, "application/") &&
           (text_equal(type, "application/json") ||
            (length > 5 && text_equal(type + length - 5, "+json")));
}

static void refuse_json(struct scalar_reader *reader, struct slice json, const json_error_t *error)
{
    /* FastAPI counts characters, jansson bytes. */
    const char *before = arena_text_n(reader->arena, json.data, (size_t)error->position);
    const struct location body = {.name = "body"};
    const struct location at = {.parent = &body, .index = text_utf8_length(before)};
    AUTO_BUFFER(ctx, 1024);
    struct json_writer writer;
    json_init(&writer, &ctx);
    json_open(&writer, '{');
    json_pair_text(&writer, "error", error->text);
    json_close(&writer, '}');
    AUTO(json_decref) json_t *empty = json_object();
    violations_add(reader->violations, "json_invalid", &at, "JSON decode error", empty,
                   buffer_text(&ctx));
}

static void read_body(struct scalar_reader *reader, const struct message *message,
                      const struct request_parts *parts, char *out)
{
    const struct location where = {.name = "body"};
    AUTO(json_decref) json_t *body = NULL;
    if (parts->body.size == 0) {
        body = message->body_optional ? json_object() : json_null();
    } else if (is_json_type(reader->arena, parts->content_type)) {
        json_error_t error;
        body = json_loadb(parts->body.data, parts->body.size, JSON_DECODE_ANY, &error);
        if (!body) {
            refuse_json(reader, parts->body, &error);
            return;
        }
    } else {
        body = json_stringn(parts->body.data, parts->body.size); /* NULL for bad UTF-8 */
    }

    if (json_is_null(body))
        violations_add(reader->violations, "missing", &where, "Field required", NULL, NULL);
    else if (!json_is_object(body))
        violations_add(reader->violations, "model_attributes_type", &where,
                       "Input should be a valid dictionary or object to extract fields from", body,
                       NULL);
    else
        read_object(reader, message, FIELD_BODY, &where, body, out);
}

enum status message_decode_request(const struct message *message, const struct request_parts *parts,
                                   struct arena *arena, void *out, struct buffer *errors)
{
    struct violations violations;
    violations_init(&violations, errors);
    struct scalar_reader reader = {.violations = &violations, .arena = arena};

    read_parameters(&reader, message, FIELD_PATH, parts->path, out);
    read_parameters(&reader, message, FIELD_QUERY, parts->query, out);
    if (message->is_form)
        read_form(&reader, message, parts, out);
    else if (message->has_body)
        read_body(&reader, message, parts, out);

    violations_done(&violations);
    return violations.count == 0 ? STATUS_OK : STATUS_INVALID;
}

enum status message_decode(const struct message *message, struct slice json, struct arena *arena,
                           void *out)
{
    AUTO(json_decref) json_t *root = json_loadb(json.data, json.size, 0, NULL);
    if (!json_is_object(root))
        return STATUS_INTERNAL;

    AUTO_BUFFER(errors, 64 * 1024);
    struct violations violations;
    violations_init(&violations, &errors);
    struct scalar_reader reader = {.violations = &violations, .arena = arena};
    const struct location where = {.name = "body"};
    read_object(&reader, message, FIELD_BODY, &where, root, out);
    return violations.count == 0 ? STATUS_OK : STATUS_INTERNAL;
}
