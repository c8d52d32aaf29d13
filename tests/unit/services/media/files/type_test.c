/* SPDX-License-Identifier: MIT */
#include "services/media/files/type.h"

#include "lib/base/macros.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
    const char *path;
    const char *bytes;
    size_t size;
    const char *type;
} rows[] = {
#define ROW(path, bytes, type)                                                                     \
    {                                                                                              \
        path, bytes, sizeof(bytes) - 1, type                                                       \
    }
    ROW("a.mp3", "ID3\4\0\0\0\0\0\0\0\0", "audio/mpeg"),
    ROW("no-name", "\xFF\xFB\x90\x64", "audio/mpeg"),
    ROW("no-name", "\xFF\xF3", "audio/mpeg"),               /* MPEG-2, as speech is */
    ROW("no-name", "\xFF\xF1", "application/octet-stream"), /* ADTS */
    ROW("no-name", "\xFF", "application/octet-stream"),
    ROW("lies.mp3", "RIFF\0\0\0\0WAVE", "audio/wav"),
    ROW("lies.wav", "OggS\0\2\0\0", "audio/ogg"),
    ROW("a.txt",
        "\0\0\0\x1C"
        "ftypM4A ",
        "audio/mp4"),
    ROW("a", "\x89PNG\r\n\x1A\n", "image/png"),
    ROW("a", "\xFF\xD8\xFF\xE0", "image/jpeg"),
    ROW("a", "GIF89a", "image/gif"),
    ROW("a", "RIFF\0\0\0\0WEBP", "image/webp"),
    ROW("short.WAV", "RI", "audio/wav"),
    ROW("a.b.ogg", "", "audio/ogg"),
    ROW("a.opus", "what", "audio/ogg"),
    ROW("a.html", "<html>", "application/octet-stream"),
    ROW("mp3", "<html>", "application/octet-stream"),
#undef ROW
};

static void content_counts_more_than_the_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = memfd_create("type_test", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i].bytes, rows[i].size), rows[i].size);
        lseek(fd, 1, SEEK_SET);
        const char *type = file_type(fd, rows[i].path);
        if (strcmp(type, rows[i].type) != 0)
            fail_msg("row %zu, %s: %s", i, rows[i].path, type);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 1);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(content_counts_more_than_the_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
