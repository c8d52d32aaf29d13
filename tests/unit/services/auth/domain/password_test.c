/* SPDX-License-Identifier: MIT */
/* The vectors are of passlib 1.7.4. */
#include "services/auth/domain/password.h"

#include "lib/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FORM "$pbkdf2-sha256$"
#define SALT "AAAAAAAAAAAAAAAAAAAAAA"
#define CHECKSUM "e0Jrnzg/Hk6BvU8oMB/QglpQQ9SuttqACewAdbD0O/E"
#define OF_PASSWORD FORM "29000$" SALT "$" CHECKSUM
#define BCRYPT_TAIL "04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa"

static void passlibs_hashes_verify(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        const char *hash;
    } rows[] = {
        {"password", OF_PASSWORD},
        {"StrongPass123",
         FORM "29000$AAECAwQFBgcICQoLDA0ODw$3WmNBJLdF24fFFGCXt61dzHj97NhVRuW4bbJgdVJnA4"},
        {"пароль", FORM "29000$/////////////////////w$VLqgtmqxaWsMZ1kzNEMuse/EghVqLvi9uJ0fPVA7Up4"},
        {"", FORM "29000$8PHy8/T19vf4.fr7/P3./w$Q6Xs4w/u33g4tY6s9.BjBnwXmAyukx9BgkwkxRldhMo"},
        {"password", FORM "1$c2FsdHNhbHQ$O.xIxXdlOv3CQzuTp9jujq55iV7ZO/Yn6XZ0x/Rfikw"},
        {"password",
         FORM "6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(password_matches(rows[i].password, rows[i].hash));
        assert_false(password_matches("another", rows[i].hash));
        char longer[64];
        snprintf(longer, sizeof(longer), "%s ", rows[i].password);
        assert_false(password_matches(longer, rows[i].hash));
    }
}

static void plus_is_read_where_passlib_writes_a_dot(void **state)
{
    (void)state;
    assert_true(password_matches(
        "", FORM "29000$8PHy8/T19vf4+fr7/P3+/w$Q6Xs4w/u33g4tY6s9+BjBnwXmAyukx9BgkwkxRldhMo"));
}

static void assert_hash(const char *password, const unsigned char salt[PASSWORD_SALT_BYTES],
                        const char *expected)
{
    char hash[PASSWORD_HASH_SIZE];
    password_hash(password, 29000, salt, hash);
    assert_string_equal(hash, expected);
}

static void hashes_are_made_as_passlib_makes_them(void **state)
{
    (void)state;
    static const unsigned char zeros[PASSWORD_SALT_BYTES];
    unsigned char rising[PASSWORD_SALT_BYTES];
    unsigned char ones[PASSWORD_SALT_BYTES];
    unsigned char high[PASSWORD_SALT_BYTES];
    for (unsigned i = 0; i < PASSWORD_SALT_BYTES; i++) {
        rising[i] = (unsigned char)i;
        ones[i] = 0xFF;
        high[i] = (unsigned char)(0xF0 + i);
    }
    assert_hash("password", zeros, OF_PASSWORD);
    assert_hash("StrongPass123", rising,
                FORM "29000$AAECAwQFBgcICQoLDA0ODw$3WmNBJLdF24fFFGCXt61dzHj97NhVRuW4bbJgdVJnA4");
    assert_hash("пароль", ones,
                FORM "29000$/////////////////////w$VLqgtmqxaWsMZ1kzNEMuse/EghVqLvi9uJ0fPVA7Up4");
    assert_hash("", high,
                FORM "29000$8PHy8/T19vf4.fr7/P3./w$Q6Xs4w/u33g4tY6s9.BjBnwXmAyukx9BgkwkxRldhMo");
}

static void a_made_hash_verifies(void **state)
{
    (void)state;
    const unsigned char salt[PASSWORD_SALT_BYTES] = "sixteen bytes...";
    char hash[PASSWORD_HASH_SIZE];
    password_hash("пароль 🎄", 10, salt, hash);
    assert_true(text_starts_with(hash, FORM "10$"));
    assert_true(password_matches("пароль 🎄", hash));
    assert_false(password_matches("Пароль 🎄", hash));
}

static void bcrypt_hashes_verify(void **state)
{
    (void)state;
    static const char *const hashes[] = {"$2b$" BCRYPT_TAIL, "$2a$" BCRYPT_TAIL,
                                         "$2y$" BCRYPT_TAIL};
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        assert_true(password_matches("supersecret", hashes[i]));
        assert_false(password_matches("supersecreT", hashes[i]));
        assert_false(password_matches("", hashes[i]));
    }
}

/* A hash in no known form matches nothing, and absurd rounds cost nothing: were they worked off,
 * this test would run for hours. */
static void malformed_and_absurd_hashes_match_nothing(void **state)
{
    (void)state;
    static const char *const hashes[] = {
        "",
        "password",
        "$",
        FORM,
        "$pbkdf2-sha1$29000$" SALT "$" CHECKSUM,
        "pbkdf2-sha256$29000$" SALT "$" CHECKSUM,
        FORM "29000",
        FORM "29000$" SALT,
        FORM "29000$" SALT "$",
        FORM "29000$$",
        FORM "$" SALT "$" CHECKSUM,
        FORM "0$" SALT "$" CHECKSUM,
        FORM "029000$" SALT "$" CHECKSUM,
        FORM "-29000$" SALT "$" CHECKSUM,
        FORM "+29000$" SALT "$" CHECKSUM,
        FORM " 29000$" SALT "$" CHECKSUM,
        FORM "29000.0$" SALT "$" CHECKSUM,
        FORM "2e4$" SALT "$" CHECKSUM,
        FORM "2000001$" SALT "$" CHECKSUM,
        FORM "4294967295$" SALT "$" CHECKSUM,
        FORM "999999999999999$" SALT "$" CHECKSUM,
        FORM "99999999999999999999999999$" SALT "$" CHECKSUM,
        FORM "29000$" SALT "$" CHECKSUM "A",
        FORM "29000$" SALT "$" CHECKSUM "=",
        FORM "29000$" SALT "==$" CHECKSUM,
        FORM "29000$" SALT "$" CHECKSUM "$",
        FORM "29000$" SALT "$ " CHECKSUM,
        FORM "29000$" SALT "$" CHECKSUM "\n",
        FORM "29000$" SALT "$e0Jrnzg_Hk6BvU8oMB_QglpQQ9SuttqACewAdbD0O_E",
        FORM "29000$" SALT "$e0Jrnzg/Hk6BvU8oMB/QglpQQ9SuttqACewAdbD0O",
        FORM "29000$A$" CHECKSUM,
        FORM "29000$\xFF\xFF\xFF\xFF$" CHECKSUM,
        FORM "29000$" SALT SALT SALT SALT SALT SALT "$" CHECKSUM,
        "$2b$",
        "$2b$04$",
        "$2b$4$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$2b$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yN",
        "$2b$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNaa",
        "$2b$03$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$2b$31$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$2b$-4$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$2c$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$2x$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa",
        "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0",
    };
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        if (password_matches("password", hashes[i]) || password_matches("supersecret", hashes[i]) ||
            password_matches("", hashes[i]))
            fail_msg("%s matches", hashes[i]);
        if (password_hash_is_known(hashes[i]))
            fail_msg("%s is known", hashes[i]);
        if (!password_hash_is_weak(hashes[i], 1))
            fail_msg("%s is not weak", hashes[i]);
    }
}

static void what_a_password_may_match_is_known(void **state)
{
    (void)state;
    assert_true(password_hash_is_known(OF_PASSWORD));
    assert_true(password_hash_is_known(FORM "1$c2FsdHNhbHQ$" CHECKSUM));
    assert_true(password_hash_is_known(FORM "2000000$" SALT "$" CHECKSUM));
    assert_true(password_hash_is_known("$2a$" BCRYPT_TAIL));
    assert_true(password_hash_is_known("$2b$" BCRYPT_TAIL));
    assert_true(password_hash_is_known("$2y$" BCRYPT_TAIL));
}

static void a_hash_of_fewer_rounds_or_of_another_form_is_weak(void **state)
{
    (void)state;
    assert_true(password_hash_is_weak(OF_PASSWORD, 29001));
    assert_false(password_hash_is_weak(OF_PASSWORD, 29000));
    assert_false(password_hash_is_weak(OF_PASSWORD, 1));
    assert_true(password_hash_is_weak("$2b$" BCRYPT_TAIL, 1));
}

static void a_password_has_6_to_1024_characters(void **state)
{
    (void)state;
    char longest[PASSWORD_MAX_CHARS + 2] = "";
    memset(longest, 'x', PASSWORD_MAX_CHARS);
    assert_true(password_is_allowed(longest));
    longest[PASSWORD_MAX_CHARS] = 'x';
    assert_false(password_is_allowed(longest));
    assert_true(password_is_allowed("123456"));
    assert_true(password_is_allowed("пароль"));
    assert_true(password_is_allowed("      "));
    assert_false(password_is_allowed("12345"));
    assert_false(password_is_allowed("парол"));
    assert_false(password_is_allowed(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passlibs_hashes_verify),
        cmocka_unit_test(plus_is_read_where_passlib_writes_a_dot),
        cmocka_unit_test(hashes_are_made_as_passlib_makes_them),
        cmocka_unit_test(a_made_hash_verifies),
        cmocka_unit_test(bcrypt_hashes_verify),
        cmocka_unit_test(malformed_and_absurd_hashes_match_nothing),
        cmocka_unit_test(what_a_password_may_match_is_known),
        cmocka_unit_test(a_hash_of_fewer_rounds_or_of_another_form_is_weak),
        cmocka_unit_test(a_password_has_6_to_1024_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
