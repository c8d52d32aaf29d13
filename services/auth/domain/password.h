/* SPDX-License-Identifier: MIT */
/* Passwords and their hashes, in the forms that passlib writes:
 * $pbkdf2-sha256$<rounds>$<salt>$<checksum> with ab64 parts (PBKDF2-HMAC-SHA256, RFC 8018), and
 * bcrypt ($2a$, $2b$, $2y$), which is only verified. Nothing here allocates memory, so that it may
 * run where nobody must be made to wait. */
#pragma once

#include "lib/base/macros.h"

#include <stdbool.h>

#define PASSWORD_MIN_CHARS 6
#define PASSWORD_MAX_CHARS 1024
#define PASSWORD_SALT_BYTES 16
#define PASSWORD_HASH_SIZE 128      /* of its text, with the NUL */
#define PASSWORD_ROUNDS_MAX 2000000 /* a stored hash may not ask for more work than this */

/* Whether its length is allowed. */
bool password_is_allowed(const char *password);

/* The hash to store. Takes as long as rounds say. */
void password_hash(const char *password, unsigned rounds,
                   const unsigned char salt[PASSWORD_SALT_BYTES], char out[PASSWORD_HASH_SIZE]);

/* Whether hash is password's; false also for a hash in no known form or with absurd rounds. */
bool password_matches(const char *password, const char *hash);

/* Whether the hash has a known form and does not ask for absurd rounds: one that a password may
 * match. */
bool password_hash_is_known(const char *hash);

/* Whether the hash costs less than rounds of today's form, and should be replaced now that the
 * password is at hand. */
bool password_hash_is_weak(const char *hash, unsigned rounds);
