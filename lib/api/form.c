/* SPDX-License-Identifier: MIT */
#include "lib/api/form.h"

#include "lib/base/text.h"

static const char *mend_text(struct arena *arena, const char *text)
{
    AUTO_BUFFER(mended, 4 * strlen(text));
    for (size_t size = strlen(text); size > 0;) {
        uint32_t code_point;
        size_t taken = text_utf8_decode(text, size, &code_point);
        text_utf8_append(&mended, code_point);
        text += taken;
        size -= taken;
    }
    return arena_text(arena, buffer_text(&mended));
}

json_t *form_texts(struct arena *arena, const struct message *message, enum field_place place,
                   const char *query)
{
    json_t *object = json_object();
    for (size_t i = 0; i < message->count; i++) {
        const char *name = message->fields[i].name;
        if (message->fields[i].place != place)
            continue;
        const char *text = query ? text_query_find(arena, query, name) : NULL;
        if (text)
            json_object_set_new(object, name, json_string(mend_text(arena, text)));
    }
    return object;
}

/* A text and the file may share a name: a field takes the one of its own kind. */
static void place_file(const struct message *message, const char *name, json_t *object)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        if (field->place != FIELD_BODY || !text_equal(field->name, name))
            continue;
        if (field->type == FIELD_FILE || !json_object_get(object, name))
            json_object_set_new(object, name, json_null());
    }
}

json_t *form_read(struct arena *arena, const struct message *message,
                  const struct request_parts *parts, struct file *ret_file)
{
    json_t *object = form_texts(arena, message, FIELD_BODY, parts->form);
    const char *field = parts->file ? text_query_find(arena, parts->file, "field") : NULL;
    if (!field)
        return object;

    const char *filename = text_query_find(arena, parts->file, "filename");
    ret_file->name = filename ? mend_text(arena, filename) : "";
    ret_file->data = parts->body;
    place_file(message, field, object);
    return object;
}

bool form_take_file(struct scalar_reader *reader, const struct location *where, const json_t *value,
                    struct file *ret_file)
{
    if (json_is_null(value)) {
        *ret_file = reader->file;
        return true;
    }
    violations_add(reader->violations, "value_error", where,
                   "Value error, Expected UploadFile, received: <class 'str'>", value,
                   "{\"error\":{}}");
    return false;
}
