/* SPDX-License-Identifier: MIT */
/* Feeds a fuzz target what once was of interest: every file of tests/fuzz/corpus/<target>, the
 * target being this program's name, and nothing at all. Speaks TAP, as the unit tests do; a target
 * that does not survive an input ends the program before its last line. */
#include "lib/base/buffer.h"

#include <dirent.h>
#include <stdio.h>

#define CORPUS "tests/fuzz/corpus/"
#define PATH_MAX_BYTES 1024
#define INPUT_MAX_BYTES ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

AUTO_DEFINE(FILE *, fclose)

static void read_file(const char *path, struct buffer *ret_content)
{
    char piece[4096];
    size_t size;
    AUTO(fclose) FILE *file = fopen(path, "rb");
    while (file && (size = fread(piece, 1, sizeof(piece), file)) > 0)
        buffer_add(ret_content, piece, size);
}

static void feed(int number, const char *name, const struct buffer *input)
{
    /* Memory of its own, of this very size: a sanitizer sees what is read past its end. */
    AUTO(free) uint8_t *copy = malloc(input->size > 0 ? input->size : 1);
    if (!copy)
        abort();
    if (input->size > 0)
        memcpy(copy, input->data, input->size);
    LLVMFuzzerTestOneInput(copy, input->size);
    printf("ok %d - %s\n", number, name);
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    (void)argc;
    char path[PATH_MAX_BYTES];
    const char *slash = strrchr(argv[0], '/');
    const char *target = slash ? slash + 1 : argv[0];
    struct dirent **entries = NULL;
    (void)snprintf(path, sizeof(path), CORPUS "%s", target);
    int count = scandir(path, &entries, is_input, alphasort);
    count = count > 0 ? count : 0;

    printf("1..%d\n", count + 1);
    setvbuf(stdout, NULL, _IONBF, 0);
    feed(1, "nothing", &(const struct buffer){.data = NULL});
    for (int i = 0; i < count; i++) {
        AUTO_BUFFER(input, INPUT_MAX_BYTES);
        (void)snprintf(path, sizeof(path), CORPUS "%s/%s", target, entries[i]->d_name);
        read_file(path, &input);
        feed(i + 2, entries[i]->d_name, &input);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
