/* SPDX-License-Identifier: MIT */
#include "lib/base/uuid.h"
#include "lib/base/text.h"

#include <errno.h>
#include <sys/random.h>

#define TIME_BYTES 6 /* of version 7: milliseconds since 1970, the highest byte first */

/* Where the hyphens stand; the character counts of the groups are 8-4-4-4-12. */
static bool is_hyphen_place(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

/* Marks bytes as of that version, and writes them. */
static void finish(uint8_t bytes[UUID_BYTES], uint8_t version, struct uuid *ret_uuid)
{
    bytes[6] = (uint8_t)(version << 4 | (bytes[6] & 0x0F));
    bytes[8] = 0x80 | (bytes[8] & 0x3F); /* the variant of RFC 9562 */

    char hex[2 * UUID_BYTES + 1];
    text_hex(bytes, UUID_BYTES, hex);
    const char *next = hex;
    for (size_t i = 0; i < UUID_SIZE; i++)
        ret_uuid->text[i] = is_hyphen_place(i) ? '-' : *next++;
}

void uuid_make(struct uuid *ret_uuid)
{
    uint8_t bytes[UUID_BYTES];
    random_bytes(bytes, sizeof(bytes));
    finish(bytes, 4, ret_uuid);
}

void uuid_make_timed(int64_t now_ms, struct uuid *ret_uuid)
{
    uint8_t bytes[UUID_BYTES];
    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < TIME_BYTES; i++)
        bytes[i] = (uint8_t)((uint64_t)now_ms >> 8 * (TIME_BYTES - 1 - i));
    finish(bytes, 7, ret_uuid);
}

bool uuid_parse(const char *text, struct uuid *ret_uuid)
{
    if (strlen(text) != UUID_SIZE - 1)
        return false;
    for (size_t i = 0; i < UUID_SIZE - 1; i++) {
        if (is_hyphen_place(i) ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    }
    memcpy(ret_uuid->text, text, UUID_SIZE);
    text_lower(ret_uuid->text);
    return true;
}

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void uuid_bytes(const char *text, uint8_t ret_bytes[UUID_BYTES])
{
    for (size_t i = 0; i < UUID_BYTES; i++) {
        text += *text == '-';
        ret_bytes[i] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
}

bool uuid_time_ms(const char *text, int64_t *ret_time_ms)
{
    uint8_t bytes[UUID_BYTES];
    uuid_bytes(text, bytes);
    if (bytes[6] >> 4 != 7 || bytes[8] >> 6 != 2)
        return false;
    int64_t time_ms = 0;
    for (size_t i = 0; i < TIME_BYTES; i++)
        time_ms = time_ms << 8 | bytes[i];
    *ret_time_ms = time_ms;
    return true;
}

void random_bytes(void *out, size_t size)
{
    unsigned char *next = out;
    while (size > 0) {
        ssize_t got = getrandom(next, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            abort();
        next += got;
        size -= (size_t)got;
    }
}
