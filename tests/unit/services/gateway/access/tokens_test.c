/* SPDX-License-Identifier: MIT */
#include "services/gateway/access/tokens.h"

#include "lib/base/text.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECRET "dev-secret-change-me"
#define USER "78418dac-87b8-4de3-95e6-d49d3961fa8e"
#define SESSION "0b7bd0a5-0d2c-4a51-9b0c-1d6e6c2f4c11"
#define NOW 1767300000

/* As PyJWT made it. */
#define PYJWT_TOKEN                                                                                \
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                                        \
    "eyJzdWIiOiI3ODQxOGRhYy04N2I4LTRkZTMtOTVlNi1kNDlkMzk2MWZhOGUiLCJpYXQiOjE3NjcyNjg4MDAsImV4cCI6" \
    "MTc2NzM1NTIwMH0.yE_sHxq2Z3UDR40RCqBwusvd8cFBVe6r1l6vXUcTbGk"
#define PYJWT_EXPIRES 1767355200

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static void append_base64url(char *token, const void *data, size_t size)
{
    size_t at = strlen(token);
    struct base64_encode_ctx context;
    base64url_encode_init(&context);
    at += base64_encode_update(&context, token + at, size, data);
    at += base64_encode_final(&context, token + at);
    while (token[at - 1] == '=')
        at--;
    token[at] = '\0';
}

/* A token with a right HMAC-SHA256, whatever its header says. */
static const char *sign(const char *secret, const char *header, const char *claims)
{
    static char token[8192];
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct hmac_sha256_ctx context;
    token[0] = '\0';
    append_base64url(token, header, strlen(header));
    snprintf(token + strlen(token), 2, ".");
    append_base64url(token, claims, strlen(claims));
    hmac_sha256_set_key(&context, strlen(secret), (const uint8_t *)secret);
    hmac_sha256_update(&context, strlen(token), (const uint8_t *)token);
    hmac_sha256_digest(&context, sizeof(digest), digest);
    snprintf(token + strlen(token), 2, ".");
    append_base64url(token, digest, sizeof(digest));
    return token;
}

static const struct token_keys keys = {SECRET, ""};

static bool is_good(const char *token)
{
    struct token_claims claims;
    return tokens_check(&keys, token, NOW, &claims);
}

static bool claims_are_good(const char *claims)
{
    return is_good(sign(SECRET, HS256, claims));
}

static void a_token_of_the_old_backend_is_accepted_until_it_expires(void **state)
{
    (void)state;
    struct token_claims claims;
    assert_true(tokens_check(&keys, PYJWT_TOKEN, PYJWT_EXPIRES - 1, &claims));
    assert_string_equal(claims.user_id.text, USER);
    assert_string_equal(claims.session_id.text, "");
    assert_false(tokens_check(&keys, PYJWT_TOKEN, PYJWT_EXPIRES, &claims));
}

static void the_session_is_read(void **state)
{
    (void)state;
    struct token_claims claims;
    const char *token =
        sign(SECRET, HS256, "{\"sub\":\"" USER "\",\"sid\":\"" SESSION "\",\"exp\":1767300001}");
    assert_true(tokens_check(&keys, token, NOW, &claims));
    assert_string_equal(claims.user_id.text, USER);
    assert_string_equal(claims.session_id.text, SESSION);
}

static int64_t issued_s(const char *claims)
{
    struct token_claims read;
    assert_true(tokens_check(&keys, sign(SECRET, HS256, claims), NOW, &read));
    return read.issued_s;
}

static void the_time_of_issue_is_read(void **state)
{
    (void)state;
    struct token_claims claims;
    assert_true(tokens_check(&keys, PYJWT_TOKEN, NOW, &claims));
    assert_int_equal(claims.issued_s, 1767268800);
}

static void a_time_of_issue_that_is_none_is_the_earliest(void **state)
{
    (void)state;
    assert_int_equal(issued_s("{\"sub\":\"" USER "\",\"exp\":1767300001}"), 0);
    assert_int_equal(issued_s("{\"sub\":\"" USER "\",\"iat\":\"1\",\"exp\":1767300001}"), 0);
    assert_int_equal(issued_s("{\"sub\":\"" USER "\",\"iat\":1.5,\"exp\":1767300001}"), 0);
    assert_int_equal(issued_s("{\"sub\":\"" USER "\",\"iat\":-7,\"exp\":1767300001}"), 0);
}

static void a_refused_token_leaves_the_claims_alone(void **state)
{
    (void)state;
    struct token_claims claims = {.user_id.text = "untouched"};
    assert_false(tokens_check(&keys, PYJWT_TOKEN, PYJWT_EXPIRES, &claims));
    assert_string_equal(claims.user_id.text, "untouched");
}

static void a_changed_character_anywhere_is_refused(void **state)
{
    (void)state;
    char token[] = PYJWT_TOKEN;
    for (size_t i = 0; i < strlen(token); i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        assert_false(is_good(token));
        token[i] = kept;
    }
    assert_true(is_good(token));
}

static void another_secret_is_refused(void **state)
{
    (void)state;
    struct token_claims claims;
    const struct token_keys others[] = {{"another secret", ""}, {"", ""}, {"another", "and one"}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(tokens_check(&others[i], PYJWT_TOKEN, NOW, &claims));
}

/* ---- two secrets ---- */

static void a_token_of_the_previous_secret_is_accepted_until_it_expires(void **state)
{
    (void)state;
    struct token_claims claims;
    const struct token_keys both = {"the new secret", SECRET};
    assert_true(tokens_check(&both, PYJWT_TOKEN, PYJWT_EXPIRES - 1, &claims));
    assert_string_equal(claims.user_id.text, USER);
    assert_false(tokens_check(&both, PYJWT_TOKEN, PYJWT_EXPIRES, &claims));
}

static void a_token_of_the_current_secret_is_accepted_beside_a_previous_one(void **state)
{
    (void)state;
    struct token_claims claims;
    const struct token_keys both = {SECRET, "the old secret"};
    assert_true(tokens_check(&both, PYJWT_TOKEN, NOW, &claims));
}

/* Nothing was ever signed by an empty key, though it makes good signatures, too. */
static void without_a_previous_secret_an_empty_key_fits_nothing(void **state)
{
    (void)state;
    struct token_claims claims;
    const struct token_keys none = {"the new secret", ""};
    assert_false(tokens_check(&none, PYJWT_TOKEN, NOW, &claims));
    const char *token = sign("", HS256, "{\"sub\":\"" USER "\",\"exp\":1767355200}");
    assert_false(tokens_check(&none, token, NOW, &claims));
}

static void the_previous_secret_takes_no_other_algorithm_either(void **state)
{
    (void)state;
    struct token_claims claims;
    const struct token_keys both = {"the new secret", SECRET};
    static const char body[] = "{\"sub\":\"" USER "\",\"exp\":1767355200}";
    assert_true(tokens_check(&both, sign(SECRET, HS256, body), NOW, &claims));
    const char *const headers[] = {"{\"alg\":\"none\",\"typ\":\"JWT\"}",
                                   "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
                                   "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"};
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        assert_false(tokens_check(&both, sign(SECRET, headers[i], body), NOW, &claims));
}

#define STRONG "0123456789abcdef0123456789abcdef"
#define WEAK "0123456789abcdef0123456789abcde"

/* Whether the keys have exactly those problems. */
static void assert_problems(struct token_keys checked, bool is_production, const char *expected)
{
    AUTO_BUFFER(problems, 1024);
    tokens_validate_keys(&checked, is_production, &problems);
    assert_string_equal(buffer_text(&problems), expected);
}

static void in_production_both_secrets_are_strong(void **state)
{
    (void)state;
    assert_problems((struct token_keys){STRONG, ""}, true, "");
    assert_problems((struct token_keys){STRONG, STRONG "2"}, true, "");
    assert_problems((struct token_keys){STRONG, WEAK}, true,
                    "JWT_SECRET_PREVIOUS: shorter than 32 bytes, with ENV=prod\n");
    assert_problems((struct token_keys){WEAK, ""}, true,
                    "JWT_SECRET: shorter than 32 bytes, with ENV=prod\n");
    assert_problems((struct token_keys){"a", "b"}, false, "");
}

static void a_secret_is_not_its_own_previous_one(void **state)
{
    (void)state;
    static const char same[] = "JWT_SECRET_PREVIOUS: the same as JWT_SECRET; it is for the secret "
                               "before that one\n";
    assert_problems((struct token_keys){STRONG, STRONG}, true, same);
    assert_problems((struct token_keys){"a", "a"}, false, same);
}

static void every_other_algorithm_is_refused(void **state)
{
    (void)state;
    static const char claims[] = "{\"sub\":\"" USER "\",\"exp\":1767355200}";
    const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"JWT\"}",  "{\"alg\":\"NONE\",\"typ\":\"JWT\"}",
        "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
        "{\"alg\":\"hs256\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\"}",
    };
    assert_true(claims_are_good(claims));
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        assert_false(is_good(sign(SECRET, headers[i], claims)));
}

static void a_token_without_signature_is_refused(void **state)
{
    (void)state;
    /* {"alg":"none","typ":"JWT"} . {"sub":…,"exp":1767355200} . nothing */
    char unsigned_token[256] = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.";
    static const char claims[] = "{\"sub\":\"" USER "\",\"exp\":1767355200}";
    append_base64url(unsigned_token, claims, strlen(claims));
    assert_false(is_good(unsigned_token));
    snprintf(unsigned_token + strlen(unsigned_token), 2, ".");
    assert_false(is_good(unsigned_token));

    char cut[] = PYJWT_TOKEN;
    *strrchr(cut, '.') = '\0';
    assert_false(is_good(cut));
    snprintf(cut + strlen(cut), 2, ".");
    assert_false(is_good(cut));
}

static void a_public_key_as_the_secret_does_not_change_the_algorithm(void **state)
{
    (void)state;
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n"
                              "-----END PUBLIC KEY-----\n";
    struct token_claims claims;
    const char *token = sign(pem, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
                             "{\"sub\":\"" USER "\",\"exp\":1767355200}");
    const struct token_keys public_keys = {pem, ""};
    assert_false(tokens_check(&public_keys, token, NOW, &claims));
}

static void claims_that_are_missing_or_of_a_wrong_kind_are_refused(void **state)
{
    (void)state;
    const char *const bad[] = {
        "{}",
        "[]",
        "null",
        "{\"sub\":\"" USER "\"}",
        "{\"sub\":\"" USER "\",\"exp\":null}",
        "{\"sub\":\"" USER "\",\"exp\":\"1767355200\"}",
        "{\"sub\":\"" USER "\",\"exp\":1767355200.5}",
        "{\"sub\":\"" USER "\",\"exp\":true}",
        "{\"sub\":\"" USER "\",\"exp\":1767300000}",
        "{\"sub\":\"" USER "\",\"exp\":-1}",
        "{\"exp\":1767355200}",
        "{\"sub\":\"\",\"exp\":1767355200}",
        "{\"sub\":\"admin\",\"exp\":1767355200}",
        "{\"sub\":7,\"exp\":1767355200}",
        "{\"sub\":\"" USER "\",\"sid\":\"x\",\"exp\":1767355200}",
        "{\"sub\":\"" USER "\",\"sid\":7,\"exp\":1767355200}",
        "{\"sub\":\"" USER "\",\"sid\":null,\"exp\":1767355200}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(claims_are_good(bad[i]));
}

static void garbage_is_refused(void **state)
{
    (void)state;
    char huge[TOKEN_MAX_BYTES * 2];
    const char *const bad[] = {"",    ".",     "..",
                               "...", "a.b.c", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(is_good(bad[i]));
    memset(huge, 'A', sizeof(huge));
    memcpy(huge, PYJWT_TOKEN, strlen(PYJWT_TOKEN));
    huge[sizeof(huge) - 1] = '\0';
    assert_false(is_good(huge));
}

static void the_bearer_scheme_is_found_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(tokens_from_header("Bearer abc"), "abc");
    assert_string_equal(tokens_from_header("bEARER   abc"), "abc");
    assert_null(tokens_from_header(NULL));
    assert_null(tokens_from_header(""));
    assert_null(tokens_from_header("Bearer"));
    assert_null(tokens_from_header("Bearer "));
    assert_null(tokens_from_header("Basic abc"));
    assert_null(tokens_from_header("Bearerabc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_the_old_backend_is_accepted_until_it_expires),
        cmocka_unit_test(the_session_is_read),
        cmocka_unit_test(the_time_of_issue_is_read),
        cmocka_unit_test(a_time_of_issue_that_is_none_is_the_earliest),
        cmocka_unit_test(a_refused_token_leaves_the_claims_alone),
        cmocka_unit_test(a_changed_character_anywhere_is_refused),
        cmocka_unit_test(another_secret_is_refused),
        cmocka_unit_test(a_token_of_the_previous_secret_is_accepted_until_it_expires),
        cmocka_unit_test(a_token_of_the_current_secret_is_accepted_beside_a_previous_one),
        cmocka_unit_test(without_a_previous_secret_an_empty_key_fits_nothing),
        cmocka_unit_test(the_previous_secret_takes_no_other_algorithm_either),
        cmocka_unit_test(in_production_both_secrets_are_strong),
        cmocka_unit_test(a_secret_is_not_its_own_previous_one),
        cmocka_unit_test(every_other_algorithm_is_refused),
        cmocka_unit_test(a_token_without_signature_is_refused),
        cmocka_unit_test(a_public_key_as_the_secret_does_not_change_the_algorithm),
        cmocka_unit_test(claims_that_are_missing_or_of_a_wrong_kind_are_refused),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(the_bearer_scheme_is_found_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
