/* SPDX-License-Identifier: MIT */
#include "lib/api/violations.h"

void violations_init(struct violations *violations, struct buffer *out)
{
    *violations = (struct violations){0};
    json_init(&violations->writer, out);
    json_open(&violations->writer, '{');
    json_key(&violations->writer, "detail");
    json_open(&violations->writer, '[');
}

static void write_location(struct json_writer *writer, const struct location *where)
{
    if (where->parent)
        write_location(writer, where->parent);
    if (where->name)
        json_put_text(writer, where->name);
    else
        json_put_int(writer, (int64_t)where->index);
}

static void write_input(struct json_writer *writer, const json_t *input);

static void write_members(struct json_writer *writer, const json_t *object)
{
    const char *key;
    json_t *member;
    json_open(writer, '{');
    /* jansson's iterators know no const. */
    json_object_foreach((json_t *)object, key, member)
    {
        json_key(writer, key);
        write_input(writer, member);
    }
    json_close(writer, '}');
}

static void write_items(struct json_writer *writer, const json_t *array)
{
    json_open(writer, '[');
    for (size_t i = 0; i < json_array_size(array); i++)
        write_input(writer, json_array_get(array, i));
    json_close(writer, ']');
}

/* By our own writer, since jansson's gives 0.1 back as 0.10000000000000001. The parser has bounded
 * the depth. */
static void write_input(struct json_writer *writer, const json_t *input)
{
    if (json_is_object(input))
        write_members(writer, input);
    else if (json_is_array(input))
        write_items(writer, input);
    else if (json_is_string(input))
        json_put_text_n(writer, json_string_value(input), json_string_length(input));
    else if (json_is_integer(input))
        json_put_int(writer, json_integer_value(input));
    else if (json_is_real(input))
        json_put_double(writer, json_real_value(input));
    else if (json_is_boolean(input))
        json_put_bool(writer, json_is_true(input));
    else
        json_put_null(writer);
}

void violations_add(struct violations *violations, const char *type, const struct location *where,
                    const char *message, const json_t *input, const char *ctx)
{
    struct json_writer *writer = &violations->writer;
    violations->count++;
    json_open(writer, '{');
    json_pair_text(writer, "type", type);
    json_key(writer, "loc");
    json_open(writer, '[');
    write_location(writer, where);
    json_close(writer, ']');
    json_pair_text(writer, "msg", message);
    json_key(writer, "input");
    write_input(writer, input);
    if (ctx) {
        json_key(writer, "ctx");
        json_put_raw(writer, ctx, strlen(ctx));
    }
    json_close(writer, '}');
}

void violations_done(struct violations *violations)
{
    json_close(&violations->writer, ']');
    json_close(&violations->writer, '}');
}
