/* SPDX-License-Identifier: MIT */
/* The head of any request to the WebSocket port: what comes in pieces is not told before it is
 * there, and not otherwise than as a whole; what is told stays inside of the text. */
#include "services/gateway/ws/request_head.h"

#include "lib/base/macros.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum request_head_kind parse(const uint8_t *data, size_t size, struct request_head *ret_head,
                                    char **ret_text)
{
    *ret_text = malloc(size + 1);
    if (!*ret_text)
        abort();
    memcpy(*ret_text, data, size);
    (*ret_text)[size] = '\0';
    return request_head_parse(*ret_text, size, ret_head);
}

static void check_text(const char *value, const char *text, size_t size)
{
    assert(!*value || (value >= text && value + strlen(value) <= text + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request_head head;
    char *text;
    if (size > REQUEST_HEAD_MAX_BYTES)
        return 0;
    enum request_head_kind whole = parse(data, size, &head, &text);
    if (whole == REQUEST_HEAD_V1) {
        check_text(head.token, text, size);
        check_text(head.forwarded_for, text, size);
        check_text(head.request_id, text, size);
        check_text(head.traceparent, text, size);
    }
    free(text);
    if (size < 2)
        return 0;
    enum request_head_kind part = parse(data, size / 2, &head, &text);
    assert(part == REQUEST_HEAD_PART || part == whole);
    free(text);
    return 0;
}
