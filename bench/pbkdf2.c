/* SPDX-License-Identifier: MIT */
/* How many PBKDF2 hashes a second these cores allow, with nothing else: the ceiling for logins.
 * usage: bench-pbkdf2 <rounds> <threads> <seconds> */
#include "lib/base/clock.h"
#include "lib/base/text.h"

#include <nettle/pbkdf2.h>
#include <pthread.h>
#include <stdatomic.h>

struct run {
    unsigned rounds;
    int64_t until_ms;
    atomic_long hashes;
};

static void *hash(void *closure)
{
    struct run *run = closure;
    static const uint8_t password[] = "StrongPass123";
    static const uint8_t salt[16] = "0123456789abcde";
    uint8_t checksum[32];
    while (clock_mono_ms() < run->until_ms) {
        pbkdf2_hmac_sha256(sizeof(password) - 1, password, run->rounds, sizeof(salt), salt,
                           sizeof(checksum), checksum);
        atomic_fetch_add(&run->hashes, 1);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int64_t rounds = 0;
    int64_t threads = 0;
    int64_t seconds = 0;
    if (argc != 4 || !text_parse_int(argv[1], 1, 10000000, &rounds) ||
        !text_parse_int(argv[2], 1, 256, &threads) || !text_parse_int(argv[3], 1, 600, &seconds)) {
        fprintf(stderr, "usage: bench-pbkdf2 <rounds> <threads> <seconds>\n");
        return 2;
    }

    struct run run = {.rounds = (unsigned)rounds, .until_ms = clock_mono_ms() + seconds * 1000};
    pthread_t ids[256];
    for (int64_t i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, hash, &run) != 0)
            abort();
    }
    for (int64_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    printf("%.1f\n", (double)atomic_load(&run.hashes) / (double)seconds);
    return 0;
}
