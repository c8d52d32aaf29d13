/* SPDX-License-Identifier: MIT */
#include "services/auth/domain/password.h"

#include "lib/base/text.h"

#include <crypt.h>
#include <nettle/base64.h>
#include <nettle/pbkdf2.h>

#define FORM "$pbkdf2-sha256$"
#define CHECKSUM_BYTES 32
#define SALT_MAX_BYTES 64
#define BASE64_MAX 96
#define BCRYPT_LENGTH 60
#define BCRYPT_COST_MAX 16

struct parsed_hash {
    int64_t rounds;
    unsigned char salt[SALT_MAX_BYTES];
    size_t salt_size;
    unsigned char checksum[CHECKSUM_BYTES];
};

bool password_is_allowed(const char *password)
{
    size_t length = text_utf8_length(password);
    return length >= PASSWORD_MIN_CHARS && length <= PASSWORD_MAX_CHARS;
}

/* passlib's ab64: base64 with '.' for '+', without padding. */
static void ab64_encode(const unsigned char *data, size_t size, char *out)
{
    base64_encode_raw(out, size, data);
    out[BASE64_ENCODE_RAW_LENGTH(size)] = '\0';
    for (char *c = out; *c; c++) {
        if (*c == '+')
            *c = '.';
        if (*c == '=')
            *c = '\0';
    }
}

/* Decodes length characters of text into out, which holds *size bytes; *size becomes what was
 * decoded. */
static bool ab64_decode(const char *text, size_t length, unsigned char *out, size_t *size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./+";
    char padded[BASE64_MAX];
    /* nettle would also skip white space, and take padding and a lone last character. */
    if (length + 4 > sizeof(padded) || length % 4 == 1 || strspn(text, alphabet) < length)
        return false;
    memcpy(padded, text, length);
    for (size_t i = 0; i < length; i++) {
        if (padded[i] == '.')
            padded[i] = '+';
    }
    while (length % 4 != 0)
        padded[length++] = '=';

    struct base64_decode_ctx context;
    base64_decode_init(&context);
    unsigned char decoded[BASE64_DECODE_LENGTH(BASE64_MAX)];
    size_t decoded_size = sizeof(decoded);
    if (!base64_decode_update(&context, &decoded_size, decoded, length, padded) ||
        !base64_decode_final(&context) || decoded_size > *size)
        return false;
    memcpy(out, decoded, decoded_size);
    *size = decoded_size;
    return true;
}

static bool parse_rounds(const char *text, size_t length, int64_t *ret_rounds)
{
    char digits[16];
    if (length == 0 || length >= sizeof(digits) || text[0] == '0')
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    return text_parse_int(digits, 1, PASSWORD_ROUNDS_MAX, ret_rounds);
}

static bool parse_hash(const char *hash, struct parsed_hash *ret_hash)
{
    if (!text_starts_with(hash, FORM))
        return false;
    const char *rounds = hash + strlen(FORM);
    const char *salt = strchr(rounds, '$');
    const char *checksum = salt ? strchr(salt + 1, '$') : NULL;
    if (!checksum)
        return false;

    size_t checksum_size = CHECKSUM_BYTES;
    ret_hash->salt_size = SALT_MAX_BYTES;
    return parse_rounds(rounds, (size_t)(salt - rounds), &ret_hash->rounds) &&
           ab64_decode(salt + 1, (size_t)(checksum - salt - 1), ret_hash->salt,
                       &ret_hash->salt_size) &&
           ab64_decode(checksum + 1, strlen(checksum + 1), ret_hash->checksum, &checksum_size) &&
           checksum_size == CHECKSUM_BYTES;
}

void password_hash(const char *password, unsigned rounds,
                   const unsigned char salt[PASSWORD_SALT_BYTES], char out[PASSWORD_HASH_SIZE])
{
    unsigned char checksum[CHECKSUM_BYTES];
    pbkdf2_hmac_sha256(strlen(password), (const uint8_t *)password, rounds, PASSWORD_SALT_BYTES,
                       salt, sizeof(checksum), checksum);
    char salt_text[BASE64_ENCODE_RAW_LENGTH(PASSWORD_SALT_BYTES) + 1];
    char checksum_text[BASE64_ENCODE_RAW_LENGTH(CHECKSUM_BYTES) + 1];
    ab64_encode(salt, PASSWORD_SALT_BYTES, salt_text);
    ab64_encode(checksum, sizeof(checksum), checksum_text);
    snprintf(out, PASSWORD_HASH_SIZE, FORM "%u$%s$%s", rounds, salt_text, checksum_text);
}

static bool is_bcrypt(const char *hash)
{
    return text_starts_with(hash, "$2a$") || text_starts_with(hash, "$2b$") ||
           text_starts_with(hash, "$2y$");
}

/* $2b$<cost>$ and 53 characters of salt and checksum. */
static bool bcrypt_is_whole(const char *hash)
{
    static const char alphabet[] =
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (strlen(hash) != BCRYPT_LENGTH || hash[6] != '$' || strspn(hash + 7, alphabet) != 53)
        return false;
    char digits[3] = {hash[4], hash[5]};
    int64_t cost;
    return text_parse_int(digits[0] == '0' ? digits + 1 : digits, 4, BCRYPT_COST_MAX, &cost);
}

static bool bcrypt_matches(const char *password, const char *hash)
{
    if (!bcrypt_is_whole(hash))
        return false;
    struct crypt_data data = {0};
    const char *made = crypt_r(password, hash, &data);
    bool matches =
        made && strlen(made) == strlen(hash) && text_equal_constant_time(made, hash, strlen(hash));
    explicit_bzero(&data, sizeof(data));
    return matches;
}

bool password_matches(const char *password, const char *hash)
{
    if (is_bcrypt(hash))
        return bcrypt_matches(password, hash);

    struct parsed_hash parsed;
    if (!parse_hash(hash, &parsed))
        return false;
    unsigned char checksum[CHECKSUM_BYTES];
    pbkdf2_hmac_sha256(strlen(password), (const uint8_t *)password, (unsigned)parsed.rounds,
                       parsed.salt_size, parsed.salt, sizeof(checksum), checksum);
    return text_equal_constant_time(checksum, parsed.checksum, sizeof(checksum));
}

bool password_hash_is_known(const char *hash)
{
    struct parsed_hash parsed;
    return is_bcrypt(hash) ? bcrypt_is_whole(hash) : parse_hash(hash, &parsed);
}

bool password_hash_is_weak(const char *hash, unsigned rounds)
{
    struct parsed_hash parsed;
    return !parse_hash(hash, &parsed) || parsed.rounds < (int64_t)rounds;
}
