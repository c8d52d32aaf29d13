/* SPDX-License-Identifier: MIT */
/* Any bytes are written as valid JSON; valid UTF-8 reads back as what it was. */
#include "lib/base/json_writer.h"
#include "lib/base/text.h"

#include <assert.h>
#include <stdint.h>

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    AUTO_BUFFER(out, 1 << 20);
    struct json_writer writer;
    json_init(&writer, &out);
    json_open(&writer, '[');
    json_put_text_n(&writer, size ? text : "", size);
    double number = 0;
    memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
    json_put_double(&writer, number);
    json_close(&writer, ']');
    if (out.overflowed)
        return 0;

    assert(text_utf8_is_valid(out.data, out.size));
    json_t *root = json_loadb(out.data, out.size, JSON_ALLOW_NUL, NULL);
    assert(root);
    const json_t *read = json_array_get(root, 0);
    if (text_utf8_is_valid(text, size)) {
        assert(json_string_length(read) == size);
        assert(memcmp(json_string_value(read), text, size) == 0);
    }
    const json_t *real = json_array_get(root, 1);
    assert(json_is_null(real) || json_real_value(real) == number);
    json_decref(root);
    return 0;
}
