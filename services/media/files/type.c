/* SPDX-License-Identifier: MIT */
#include "services/media/files/type.h"

#include "lib/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>
#include <unistd.h>

#define HEAD_BYTES 12

struct signature {
    size_t at;
    const char *bytes;
    const char *type;
};

static const struct signature signatures[] = {
    {0, "ID3", "audio/mpeg"}, {0, "OggS", "audio/ogg"},        {8, "WAVE", "audio/wav"},
    {4, "ftyp", "audio/mp4"}, {0, "\x89PNG\r\n", "image/png"}, {0, "\xFF\xD8\xFF", "image/jpeg"},
    {0, "GIF8", "image/gif"}, {8, "WEBP", "image/webp"},
};

static const char *const extensions[][2] = {
    {".mp3", "audio/mpeg"},  {".wav", "audio/wav"}, {".ogg", "audio/ogg"},   {".oga", "audio/ogg"},
    {".opus", "audio/ogg"},  {".m4a", "audio/mp4"}, {".png", "image/png"},   {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"}, {".gif", "image/gif"}, {".webp", "image/webp"},
};

/* The sync of an MPEG audio frame of layer III: 11 bits, a version that is not reserved, the layer.
 */
static bool is_mp3_frame(const unsigned char *head)
{
    return head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x18) != 0x08 &&
           (head[1] & 0x06) == 0x02;
}

static const char *by_content(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        const struct signature *signature = &signatures[i];
        size_t length = strlen(signature->bytes);
        if (signature->at + length <= size &&
            memcmp(head + signature->at, signature->bytes, length) == 0)
            return signature->type;
    }
    return size >= 2 && is_mp3_frame(head) ? "audio/mpeg" : NULL;
}

static const char *by_name(const char *path)
{
    const char *extension = strrchr(path, '.');
    for (size_t i = 0; extension && i < ARRAY_LEN(extensions); i++)
        if (strcasecmp(extensions[i][0], extension) == 0)
            return extensions[i][1];
    return "application/octet-stream";
}

const char *file_type(int fd, const char *path)
{
    unsigned char head[HEAD_BYTES];
    ssize_t size = pread(fd, head, sizeof(head), 0);
    const char *type = size > 0 ? by_content(head, (size_t)size) : NULL;
    return type ? type : by_name(path);
}
