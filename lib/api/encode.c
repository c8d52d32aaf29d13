/* SPDX-License-Identifier: MIT */
#include "lib/api/message.h"

#include "lib/base/json_writer.h"

static void encode_object(const struct message *message, const char *in,
                          struct json_writer *writer);

static bool has_value(const struct field *field, const char *in)
{
    if (field->has_offset)
        return *(const bool *)(in + field->has_offset);
    if (field->type == FIELD_TEXT || field->type == FIELD_UUID)
        return *(const char *const *)(in + field->offset) != NULL;
    return true;
}

static size_t item_size(const struct field *field)
{
    switch (field->item) {
    case FIELD_TEXT:
    case FIELD_UUID:
        return sizeof(const char *);
    case FIELD_INT:
        return sizeof(int64_t);
    case FIELD_REAL:
        return sizeof(double);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_OBJECT:
        return field->message->size;
    case FIELD_FILE:
    case FIELD_LIST:
        break;
    }
    abort(); /* protogen makes no list of lists */
}

static void encode_list(const struct field *field, const struct list *list,
                        struct json_writer *writer);

static void encode_value(const struct field *field, enum field_type type, const char *value,
                         struct json_writer *writer)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_UUID:
        json_put_text(writer, *(const char *const *)value);
        return;
    case FIELD_INT:
        json_put_int(writer, *(const int64_t *)value);
        return;
    case FIELD_REAL:
        json_put_double(writer, *(const double *)value);
        return;
    case FIELD_BOOL:
        json_put_bool(writer, *(const bool *)value);
        return;
    case FIELD_OBJECT:
        encode_object(field->message, value, writer);
        return;
    case FIELD_LIST:
        encode_list(field, (const struct list *)value, writer);
        return;
    case FIELD_FILE: /* requests only */
        return;
    }
}

/* What the item is called, where the list is written as an object. */
static const char *item_name(const struct field *field, const char *item)
{
    const struct field *member = field->message->fields;
    while (strcmp(member->name, field->key) != 0)
        member++; /* protogen has seen that it is there */
    return *(const char *const *)(item + member->offset);
}

static void encode_list(const struct field *field, const struct list *list,
                        struct json_writer *writer)
{
    const char *item = list->items;
    json_open(writer, field->key ? '{' : '[');
    for (size_t i = 0; i < list->count; i++, item += item_size(field)) {
        if (field->key)
            json_key(writer, item_name(field, item));
        encode_value(field, field->item, item, writer);
    }
    json_close(writer, field->key ? '}' : ']');
}

static void encode_object(const struct message *message, const char *in, struct json_writer *writer)
{
    json_open(writer, '{');
    for (size_t i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        bool has = has_value(field, in);
        if (!has && !field->required)
            continue;
        json_key(writer, field->name);
        if (has)
            encode_value(field, field->type, in + field->offset, writer);
        else
            json_put_null(writer);
    }
    json_close(writer, '}');
}

void message_encode(const struct message *message, const void *in, struct buffer *out)
{
    struct json_writer writer;
    json_init(&writer, out);
    encode_object(message, in, &writer);
}
